"""Voices are plugs: a Protocol, and a dict from name to module. Each module has `load(EngineOptions) -> Engine`."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tts.engines.options import EngineOptions
from tts.errors import EngineError


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of an engine: `name` is what `speak` takes, the rest, in Vietnamese, what staff read."""

    name: str
    label: str
    region: str = ""
    """Where people speak so: «Bắc», «Trung», «Nam»; empty if the engine does not say."""
    gender: str = ""
    """«nam» or «nữ»; empty if the engine does not say."""
    licence: str = ""
    """What the makers of the voice allow; empty if the engine does not say."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How an engine wants to be fed, and what it promises."""

    least_words: int = 1
    """It says fewer words at a time badly, so short sentences go together (`tts.breaths`)."""
    most_characters: int = 480
    """It tires of more at a time, so longer sentences are cut at their commas."""
    steady: bool = True
    """The same sentence in the same voice gives the same sound."""
    takes: bool = False
    """Another take of the same words sounds otherwise."""
    side_by_side: bool = False
    """Several threads may ask at once; else it is asked one at a time."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Mono sound: float32 between -1 and 1, `rate` samples a second."""

    data: NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.data) / self.rate


class Engine(Protocol):
    """Says one sentence, or a few short ones, at a time."""

    name: str
    manner: Manner

    def voices(self) -> tuple[Voice, ...]:
        """Return the voices, the usual one first."""
        ...

    def lacks(self) -> str:
        """Say in Vietnamese what must be done before it can speak here; empty when it can. Quick, and off line."""
        ...

    def version(self) -> str:
        """Name what else its sound depends on: weights, package, server."""
        ...

    def speak(self, sentence: str, *, voice: str | None = None, take: int = 0) -> Samples:
        """Say `sentence` (NFC, words only); `take` counts how often a person asked for it anew.

        Raises EngineError for an empty one, an unknown voice, or a failure.
        """
        ...


ENGINES = {
    "espeak": "tts.engines.espeak",
    "vieneu-turbo": "tts.engines.vieneu.turbo",
    "vieneu-nano": "tts.engines.vieneu.nano",
    "remote": "tts.engines.remote",
    "tone": "tts.engines.tone",
}


def load(name: str, options: EngineOptions | None = None) -> Engine:
    """Import the engine of that name, and only that one; raises EngineError if there is none such.

    An engine that needs weights loads them when it first speaks, and keeps them: hold on to it.
    """
    if name not in ENGINES:
        raise EngineError(f"Không có bộ đọc «{name}»; hãy chọn một trong: {', '.join(sorted(ENGINES))}.")
    engine: Engine = import_module(ENGINES[name]).load(options or EngineOptions())
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
