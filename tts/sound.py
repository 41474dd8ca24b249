"""Sound in memory, and what stands between the sentences: resampling, pauses, the chime."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

RATE = 48_000
"""Samples a second of everything that goes on air; Opus works at this rate inside."""

FRAME = RATE // 50
"""Samples of a frame of Opus, 20 ms: every piece of a bulletin is a whole number of them."""

LONGEST = 30 * 60
"""Seconds of the longest sound we take: residents listen to no longer one, and an upload is held in memory."""

QUIET = 10 ** (-70 / 20)
"""Peak below which a sound is silence; the absolute gate of ITU-R BS.1770 stands at the same level."""

Wave = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Mono float32 at `RATE`."""

    data: Wave

    @property
    def seconds(self) -> float:
        """How long it is heard."""
        return len(self.data) / RATE

    @property
    def is_silent(self) -> bool:
        """Whether nobody can hear it."""
        return not len(self.data) or float(np.abs(self.data).max()) < QUIET


def at_our_rate(data: NDArray[np.float32], rate: int) -> Sound:
    """Resample to `RATE`; what is not a finite number becomes silence."""
    clean = np.nan_to_num(data, nan=0.0, posinf=0.0, neginf=0.0)
    if rate == RATE or not len(clean):
        return Sound(clean.astype(np.float32))
    common = gcd(RATE, rate)
    return Sound(resample_poly(clean, RATE // common, rate // common).astype(np.float32))


def pause(seconds: float) -> Sound:
    """Make silence."""
    return Sound(np.zeros(round(seconds * RATE), dtype=np.float32))


def join(sounds: Sequence[Sound]) -> Sound:
    """Put sounds one after the other."""
    return Sound(
        np.concatenate([sound.data for sound in sounds]) if sounds else np.zeros(0, dtype=np.float32)
    )


def trimmed(sound: Sound, *, margin: float = 0.03) -> Sound:
    """Cut the silence an engine leaves around a sentence, so that the pauses are ours."""
    heard = np.flatnonzero(np.abs(sound.data) > 0.003)
    if not len(heard):
        return sound
    edge = round(margin * RATE)
    return Sound(sound.data[max(0, heard[0] - edge) : heard[-1] + edge])


def tightened(sound: Sound, longest: float = 0.12) -> Sound:
    """Shorten every silence inside a sound to `longest` seconds."""
    silent = np.concatenate(([False], np.abs(sound.data) < 0.004, [False]))
    edges = np.flatnonzero(np.diff(silent.astype(np.int8)))
    keep = np.ones(len(sound.data), dtype=bool)
    most = round(longest * RATE)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > most:
            keep[start + most // 2 : end - most // 2] = False
    return Sound(sound.data[keep])


CHIME = ((392.00, 0.0), (523.25, 0.38), (659.26, 0.76))
"""The three notes that call for attention, sol-do-mi, and the second at which each is struck."""

CLOSING_CHIME = ((659.26, 0.0), (523.25, 0.38))
"""The two notes that say that it is over, mi-do."""


def chime(notes: Sequence[tuple[float, float]] = CHIME) -> Sound:
    """Make a chime: soft bells of two seconds, the same on every machine."""
    at = np.arange(int(2.0 * RATE)) / RATE
    rung = np.zeros_like(at)
    for height, struck in notes:
        since = np.clip(at - struck, 0, None)
        swing = np.minimum(since / 0.008, 1.0) * np.exp(-since / 0.45)
        for overtone, share in ((1.0, 1.0), (2.0, 0.35), (3.01, 0.12)):
            rung += swing * share * np.sin(2 * np.pi * height * overtone * since)
    fade = np.clip((2.0 - at) / 0.2, 0, 1)
    return Sound((0.16 * rung * fade).astype(np.float32))
