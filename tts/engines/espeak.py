"""eSpeak NG: the trial voice («giọng thử») that works on every machine, offline."""

import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence
from ctypes.util import find_library
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tts.engines import Engine, Manner, Samples, Voice, choose, insist_on_words
from tts.engines.options import EngineOptions
from tts.errors import EngineError

RATE = 134
"""eSpeak's «words» a minute; with the pauses of speak.py legal text then runs at 170-200 syllables a minute."""

PITCH_RANGE = 99
"""The tones of Vietnamese need the whole range; eSpeak's usual 50 flattens them."""

VOLUME = 70
"""Below eSpeak's usual 100, where its loudest vowels are cut off."""

_LICENCE = "GPL-3.0-or-later"
_WAV_HEADER = 44
_INSTALL = "hãy cài bằng «pip install espeakng-loader» hoặc «sudo apt install espeak-ng»"


@dataclass(frozen=True, slots=True)
class Installation:
    """One eSpeak NG on this machine: the command that reads text on its input and writes a WAV file."""

    label: str
    command: Callable[[str], list[str]]


class Espeak:
    """Tries its installations in order, each sentence in a child process of its own."""

    name = "espeak"
    manner = Manner(side_by_side=True)

    def __init__(self, installations: Sequence[Installation], *, seconds: float = 15.0) -> None:
        self._installations = installations
        self._seconds = seconds

    def voices(self) -> tuple[Voice, ...]:
        return (
            Voice("vi", "Giọng thử miền Bắc", "Bắc", "nam", _LICENCE),
            Voice("vi-vn-x-central", "Giọng thử miền Trung", "Trung", "nam", _LICENCE),
            Voice("vi-vn-x-south", "Giọng thử miền Nam", "Nam", "nam", _LICENCE),
        )

    def lacks(self) -> str:
        return "" if self._installations else f"Chưa có giọng đọc eSpeak NG trên máy này; {_INSTALL}."

    def version(self) -> str:
        return " ".join(installation.label for installation in self._installations)

    def speak(self, sentence: str, *, voice: str | None = None, take: int = 0) -> Samples:
        insist_on_words(sentence)
        chosen = choose(self.voices(), voice)
        text = unicodedata.normalize("NFC", sentence).encode("utf-8", "replace")
        troubles: list[str] = []
        for installation in self._installations:
            try:
                return _samples(_run(installation.command(chosen), text, self._seconds))
            except EngineError as error:
                troubles.append(f"{installation.label}: {error}")
        if not troubles:
            raise EngineError(self.lacks())
        raise EngineError(f"Giọng đọc eSpeak NG bị lỗi ({'; '.join(troubles)}); {_INSTALL}.", permanent=False)


def _run(command: list[str], text: bytes, seconds: float) -> bytes:
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise EngineError(f"không đọc xong câu trong {seconds:g} giây", permanent=False) from None
    except OSError as error:
        raise EngineError(f"không chạy được ({error.strerror})") from error
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", "replace").strip().rsplit("\n", 1)[-1][:200]
        raise EngineError(f"dừng với mã {done.returncode} {last}".strip(), permanent=False)
    return done.stdout


def _samples(wav: bytes) -> Samples:
    """Take the sound out of a WAV file of 16 bits, as espeak_child.py writes it."""
    pcm = np.frombuffer(wav[_WAV_HEADER : len(wav) - len(wav) % 2], dtype="<i2")
    if not pcm.any():
        raise EngineError("không phát ra âm thanh nào", permanent=False)
    return Samples((pcm / 32768).astype(np.float32), int.from_bytes(wav[24:28], "little"))


def bundled() -> Installation | None:
    """Return the eSpeak NG of the wheel `espeakng-loader`, if that is installed."""
    if find_spec("espeakng_loader") is None:
        return None
    import espeakng_loader

    return _in_a_child("espeakng-loader", espeakng_loader.get_library_path(), espeakng_loader.get_data_path())


def debian() -> Installation | None:
    """Return the library of Debian's package `espeak-ng`: its program has no option for the pitch range."""
    library = find_library("espeak-ng")
    return _in_a_child("espeak-ng", library, "") if library else None


def _in_a_child(label: str, library: str, data: str) -> Installation:
    child = str(Path(__file__).with_name("espeak_child.py"))
    settings = (str(RATE), str(PITCH_RANGE), str(VOLUME))
    return Installation(
        label, lambda voice: [sys.executable, "-I", "-S", child, library, data, voice, *settings]
    )


def load(_options: EngineOptions) -> Engine:
    """Return eSpeak NG with every installation found on this machine."""
    return Espeak([found for found in (bundled(), debian()) if found])
