"""From joined sound to the file for air: master, encode, listen, and turn down once more if Opus overshot."""

from dataclasses import dataclass
from hashlib import sha256
from math import isfinite

import numpy as np

from tts.mastering import CEILING, LOUDNESS, mastered
from tts.opus import KILOBITS, LEAST_KILOBITS, encode
from tts.qa import HIGHEST_PEAK, TOLERANCE, Quality, measure
from tts.sound import Sound, narrowed


@dataclass(frozen=True, slots=True)
class Finished:
    """A file ready for air, named by its sha256, with what was measured on it."""

    ogg: bytes
    sha256: str
    quality: Quality


CODEC_LOSS = 0.3
"""LU that Opus takes away from speech at 24 kbit/s, as measured on the bulletins of tests/data."""


NARROW, NARROW_CEILING, NARROW_LOSS, NARROW_TOLERANCE = 12.0, -4.0, 1.2, 2.0
"""Below so many kilobits Opus keeps only the band of a telephone and redraws the wave freely: it gets nothing above
that band and a lower ceiling in dBTP; it takes so many LU away, and where peaks ask for it the loudness may be off
by so many."""

_CONTAINER = 0.6
"""Kilobits a second for the pages of Ogg, and what Opus takes beyond its rate."""


def finish(sound: Sound, *, kilobits: float = KILOBITS, tolerance: float = TOLERANCE) -> Finished:
    """Master and encode; what could not be put right stands in `quality.faults`.

    What counts is the decoded sound: Opus overshoots peaks and takes a little loudness, at low rates much of both. So
    each further try starts from what the last one measured, and the best is kept: first the peak, then the loudness.
    """
    ceiling, target, turned_down = CEILING, LOUDNESS + CODEC_LOSS, 0.0
    if narrow := kilobits < NARROW:
        sound, ceiling, target = narrowed(sound), NARROW_CEILING, LOUDNESS + NARROW_LOSS
    tries: list[tuple[float, float, Finished]] = []
    for _ in range(4):
        ready = mastered(sound, ceiling, target)
        ogg = encode(Sound(ready.data * np.float32(10 ** (turned_down / 20))), kilobits)
        quality = measure(ogg, tolerance=tolerance)
        over, short = quality.true_peak - HIGHEST_PEAK, LOUDNESS - quality.lufs
        tries.append((max(over, 0.0), abs(short), Finished(ogg, sha256(ogg).hexdigest(), quality)))
        if not isfinite(short) or (over <= 0 and (narrow or abs(short) <= tolerance / 2)):
            break
        if over > 0 and narrow:
            turned_down -= over + 0.3
        elif over > 0:
            ceiling -= over + 0.3
        else:
            target += short
    return min(tries, key=lambda tried: tried[:2])[2]


def finish_within(sound: Sound, most_bytes: int) -> Finished | None:
    """Master and encode as well as `most_bytes` allow; None if even the lowest rate is too large."""
    if sound.seconds * LEAST_KILOBITS * 1000 / 8 > most_bytes:
        return None
    kilobits = min(KILOBITS, most_bytes * 8 / 1000 / max(sound.seconds, 0.1) - _CONTAINER)
    while True:
        tolerance = TOLERANCE if kilobits > NARROW else NARROW_TOLERANCE
        finished = finish(sound, kilobits=max(kilobits, LEAST_KILOBITS), tolerance=tolerance)
        if len(finished.ogg) <= most_bytes:
            return finished
        if kilobits <= LEAST_KILOBITS:
            return None
        kilobits *= 0.97 * most_bytes / len(finished.ogg)
