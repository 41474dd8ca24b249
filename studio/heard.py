"""Whether what a player wrote down is the sound that was approved: all of it, from the first second to the last."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import correlate, resample_poly

Samples = npt.NDArray[np.float32]

RATE = 16_000
"""Both sides are compared at this rate (Hz): speech has nothing above its half that would tell them apart."""
BLOCK_S = 0.5
"""Every stretch of this length must be there by itself, so a gap cannot hide behind a good average."""
QUIET = 10 ** (-40 / 20)
"""A block this much below the loudest one (-40 dB) is a pause, and says nothing."""


@dataclass(frozen=True)
class Match:
    """How well a recording of a player fits the approved sound."""

    score: float
    """Normalised correlation of the whole, 0 to 1."""
    worst: float
    """The same of its worst block that is not a pause; 0 where a block is missing."""
    begins_s: float
    """Where in the recording the approved sound begins, seconds."""

    @property
    def heard(self) -> bool:
        """True when every part of the sound is there. Opus twice decoded alike scores above 0.99."""
        return self.score >= 0.9 and self.worst >= 0.7


def compare(approved: Sequence[Path], heard: Path, *, repeat: int = 1) -> Match:
    """Look for the approved files, played one after the other `repeat` times, inside the recording `heard`.

    Gain and a lead-in (such as an attention tone) do not matter; silence, truncation and another sound do.
    Raises OSError or soundfile.LibsndfileError where a file cannot be read.
    """
    wanted = np.concatenate([_read(path) for path in approved] * repeat)
    return match(wanted, _read(heard))


def match(wanted: Samples, got: Samples) -> Match:
    """Compare two mono signals at RATE."""
    if not wanted.any() or not got.any():
        return Match(0.0, 0.0, 0.0)
    products = correlate(got, wanted, mode="full", method="fft")
    begins = int(np.argmax(products)) - (len(wanted) - 1)
    there = np.zeros_like(wanted)
    lead, first = max(0, -begins), max(0, begins)
    piece = got[first : first + len(wanted) - lead]
    there[lead : lead + len(piece)] = piece
    return Match(_alike(wanted, there), _worst(wanted, there), begins / RATE)


def _alike(a: Samples, b: Samples) -> float:
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.dot(a, b)) / size if size > 0 else 0.0


def _worst(wanted: Samples, there: Samples) -> float:
    step = int(RATE * BLOCK_S)
    cuts = range(step, len(wanted), step)
    pairs = list(zip(np.split(wanted, cuts), np.split(there, cuts), strict=True))
    loudest = max(float(np.abs(block).max()) for block, _ in pairs)
    return min(_alike(block, seen) for block, seen in pairs if np.abs(block).max() > loudest * QUIET)


def _read(path: Path) -> Samples:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono: Samples = samples.mean(axis=1, dtype=np.float32)
    if rate != RATE:
        mono = resample_poly(mono, RATE, rate).astype(np.float32)
    return mono
