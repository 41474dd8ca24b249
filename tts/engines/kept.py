"""What a slow engine has said is kept on disk, so that saying one sentence anew does not mean saying all of them.

The same holds for a bulletin that is tried again after a crash, or whose last paragraph was edited. It also makes an
engine steady that is not: here the same words in the same voice are said once.
"""

import io
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import soundfile

from tts.engines import Engine, Samples, Voice, choose

log = logging.getLogger(__name__)

MOST_BYTES = 1_000_000_000
"""Of pieces that are kept, about five hours of 48 kHz; then those not used for the longest time go."""

_LEFT = 0.8
"""Share that is left after clearing out."""


class Kept:
    """An engine whose pieces are kept in a folder."""

    def __init__(self, engine: Engine, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.name, self.manner = engine.name, replace(engine.manner, steady=True)
        self._engine, self._folder, self._most_bytes = engine, folder, most_bytes

    def voices(self) -> tuple[Voice, ...]:
        return self._engine.voices()

    def lacks(self) -> str:
        return self._engine.lacks()

    def version(self) -> str:
        return self._engine.version()

    def speak(self, sentence: str, *, voice: str | None = None, take: int = 0) -> Samples:
        chosen = choose(self.voices(), voice)
        said = "\0".join((self.name, self.version(), chosen, str(take), sentence))
        path = self._folder / f"{sha256(said.encode()).hexdigest()}.flac"
        kept = _read(path)
        if kept is None:
            fresh = _flac(self._engine.speak(sentence, voice=chosen, take=take))
            self._keep(path, fresh)
            kept = _samples(fresh)  # what comes from the file another time: to the bit the same
        return kept

    def _keep(self, path: Path, content: bytes) -> None:
        """A full disk takes no bulletin with it: what cannot be kept is said anew."""
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content)
            part.replace(path)
            self._clear_out()
        except OSError as error:
            log.warning("a piece was not kept: %s", error)
            with suppress(OSError):
                part.unlink()

    def _clear_out(self) -> None:
        kept = sorted(_kept(self._folder))
        total = sum(size for _, size, _ in kept)
        if total <= self._most_bytes:
            return
        for _, size, path in kept:
            if total <= _LEFT * self._most_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size


def _kept(folder: Path) -> Iterator[tuple[float, int, Path]]:
    for path in folder.iterdir():
        try:
            facts = path.stat()
        except FileNotFoundError:
            continue  # another speaker clears out too
        yield facts.st_mtime, facts.st_size, path


def _read(path: Path) -> Samples | None:
    """Return what is kept, and note that it was used; what is spoilt is not kept."""
    try:
        samples = _samples(path.read_bytes())
        os.utime(path)
    except FileNotFoundError:
        return None
    except (OSError, soundfile.SoundFileError) as error:
        log.warning("a kept piece cannot be used: %s", error)
        return None
    return samples


def _flac(samples: Samples) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples.data, samples.rate, format="FLAC", subtype="PCM_24")
    return file.getvalue()


def _samples(content: bytes) -> Samples:
    data, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return Samples(data, int(rate))
