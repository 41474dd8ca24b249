"""Voices are plugs: a Protocol, and a dict from name to module. Each module has `load() -> Engine`."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tts.errors import EngineError


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of an engine: `name` is what `speak` takes, `label` what staff read."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Samples:
    """Mono sound: float32 between -1 and 1, `rate` samples a second."""

    data: NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.data) / self.rate


class Engine(Protocol):
    """Says one sentence at a time. The same sentence in the same voice gives the same sound."""

    name: str

    def voices(self) -> tuple[Voice, ...]:
        """Return the voices, the usual one first."""
        ...

    def speak(self, sentence: str, *, voice: str | None = None) -> Samples:
        """Say `sentence` (NFC, words only). Raises EngineError for an empty one, an unknown voice, or a failure."""
        ...


ENGINES = {"espeak": "tts.engines.espeak", "tone": "tts.engines.tone"}


def load(name: str) -> Engine:
    """Import the engine of that name, and only that one; raises EngineError if there is none such."""
    if name not in ENGINES:
        raise EngineError(f"Không có bộ đọc «{name}»; hãy chọn một trong: {', '.join(sorted(ENGINES))}.")
    engine: Engine = import_module(ENGINES[name]).load()
    return engine


def choose(voices: Iterable[Voice], wanted: str | None) -> str:
    """Return the voice that was asked for, or the usual one; raises EngineError if there is none such."""
    names = [voice.name for voice in voices]
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise EngineError(f"Không có giọng «{wanted}»; hãy chọn một trong: {', '.join(names)}.")
    return wanted


def insist_on_words(sentence: str) -> None:
    """Raise EngineError if there is nothing to say: engines answer that with silence or worse."""
    if not any(char.isalpha() for char in sentence):
        raise EngineError("Câu không có chữ nào để đọc; hãy kiểm tra lại nội dung bản tin.")
