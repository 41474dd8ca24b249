"""A voice for tests: every syllable a short tone whose height depends on its letters."""

import zlib

import numpy as np

from tts.engines import Engine, Manner, Samples, Voice, choose, insist_on_words
from tts.engines.options import EngineOptions

RATE = 24_000
SYLLABLE = 0.2
"""Seconds a syllable takes."""


class Tone:
    """Deterministic on every machine, and as fast as arithmetic."""

    name = "tone"
    manner = Manner()

    def voices(self) -> tuple[Voice, ...]:
        return (Voice("low", "Âm trầm (thử)"), Voice("high", "Âm cao (thử)"))

    def lacks(self) -> str:
        return ""

    def version(self) -> str:
        return "1"

    def speak(self, sentence: str, *, voice: str | None = None, take: int = 0) -> Samples:
        insist_on_words(sentence)
        floor = {"low": 150.0, "high": 300.0}[choose(self.voices(), voice)]
        at = np.arange(int(RATE * SYLLABLE)) / RATE
        swell = np.sin(np.pi * at / SYLLABLE) ** 2
        heights = (
            floor * (1 + zlib.crc32(word.encode("utf-8", "replace")) % 100 / 100) for word in sentence.split()
        )
        syllables = [0.5 * swell * np.sin(2 * np.pi * height * at) for height in heights]
        return Samples(np.concatenate(syllables).astype(np.float32), RATE)


def load(_options: EngineOptions) -> Engine:
    """Return the tone engine; it needs nothing."""
    return Tone()
