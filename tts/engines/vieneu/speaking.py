"""What both models share. The class of the package is loaded when it first speaks."""

import logging
import threading
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from tts.engines import Samples, Voice, choose, insist_on_words
from tts.engines.markup import plain
from tts.engines.vieneu import hub, presets
from tts.engines.vieneu.models import Model
from tts.engines.watched import watched
from tts.errors import EngineError

log = logging.getLogger(__name__)

Say = Callable[[Any, str, Any, int], Any]
"""Makes a wave of (the package's object, phonemes, a preset voice, a seed)."""


class Vieneu:
    """One model of the package, on this machine's processor. One sentence at a time, whoever asks."""

    def __init__(self, model: Model, *, start: Callable[[], Any], say: Say) -> None:
        self.name, self.manner = model.name, model.manner
        self._model, self._start, self._say = model, start, say
        self._started: Any = None
        self._one_at_a_time = threading.Lock()

    def voices(self) -> tuple[Voice, ...]:
        if not presets.installed():
            raise EngineError(self.lacks())
        return presets.voices(self._model)

    def lacks(self) -> str:
        if not presets.installed():
            return f"Chưa cài {self._model.title}; hãy chạy: pip install '.[vieneu]'"
        missing = absent(self._model)
        if missing:
            return (
                f"Chưa có dữ liệu giọng {self._model.title} trên máy này (thiếu {len(missing)} tệp); hãy tải một lần "
                f"khi có mạng: loa speech fetch-models {self.name}"
            )
        return ""

    def version(self) -> str:
        """The package's, and the commits of the weights that are in the cache."""
        return " ".join((metadata.version("vieneu"), *commits(self._model)))

    def speak(self, sentence: str, *, voice: str | None = None, take: int = 0) -> Samples:
        insist_on_words(sentence)
        chosen = choose(self.voices(), voice)
        words = plain(sentence)
        with self._one_at_a_time:
            started = self._ready()
            preset, phonemes = started.get_preset_voice(chosen), _phonemes(words)
            return watched(
                words,
                lambda seed: self._samples(started, phonemes, preset, seed),
                engine=self.name,
                voice=chosen,
                take=take,
            )

    def _ready(self) -> Any:
        if self._started is None:
            if trouble := self.lacks():
                raise EngineError(trouble)
            hub.off_line()
            try:
                self._started = self._start()
            except Exception as error:
                log.info("%s does not start", self.name, exc_info=True)
                raise EngineError(
                    f"Không mở được dữ liệu giọng {self._model.title} ({_short(error)}); hãy xóa và tải lại: "
                    f"loa speech fetch-models {self.name} --again"
                ) from error
        return self._started

    def _samples(self, started: Any, phonemes: str, preset: Any, seed: int) -> Samples:
        try:
            wave = self._say(started, phonemes, preset, seed)
        except Exception as error:
            log.info("%s failed", self.name, exc_info=True)
            raise EngineError(
                f"Giọng {self._model.title} bị lỗi khi đọc ({_short(error)}); hãy đọc lại hoặc chọn giọng khác.",
                permanent=False,
            ) from error
        clean = np.nan_to_num(np.asarray(wave, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
        return Samples(np.clip(clean, -1.0, 1.0), self._model.rate)


def commits(model: Model) -> list[str]:
    """Return which commit of each repository is in the cache. Looks at the disk only."""
    cached = hub.off_line().try_to_load_from_cache
    last = {file.repo: file for file in model.files}.values()
    found = (cached(file.repo, file.path) for file in last)
    return [_commit(Path(path)) for path in found if isinstance(path, str)]


def _commit(path: Path) -> str:
    """A file of the cache lies at snapshots/<commit>/…"""
    parts = path.parts
    return parts[len(parts) - 1 - parts[::-1].index("snapshots") + 1]


def absent(model: Model) -> list[str]:
    """Return the files of the model that the cache does not have. Looks at the disk only."""
    cached = hub.off_line().try_to_load_from_cache
    return [file.path for file in model.files if not isinstance(cached(file.repo, file.path), str)]


def _phonemes(words: str) -> str:
    from vieneu_utils.phonemize_text import phonemize_with_dict

    # Without its normaliser: see the package's docstring.
    return str(phonemize_with_dict(words, skip_normalize=True))


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:160]
