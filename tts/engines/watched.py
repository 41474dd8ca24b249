"""Listens whether a piece lasts as long as its words take, and asks for another try if it does not.

A neural voice drops words or babbles now and then, and a dropped word in a law is a fault nobody sees. Dropped words
make a piece too short for its syllables, babbled ones too long; what is lost or added within the bounds is not
noticed here, so the leader listens all the same.

The bounds: the authors of VieNeu measured 129,790 clips of theirs at 12.5 frames a second, half of them below 0.53
frames a character of phonemes, 99 % below 1.1; a syllable has about five characters, so that it takes 0.21 s usually
and 0.44 s, with all pauses, at the very most. Nobody speaks more than 8 syllables a second.
"""

from collections.abc import Callable
from hashlib import sha256

import numpy as np

from tts.engines import Samples
from tts.errors import EngineError

TRIES = 4

FASTEST = 0.12
"""Seconds a syllable takes at least."""

SLOWEST, AT_ALL, PAUSE = 0.4, 1.0, 0.4
"""Seconds a syllable takes at most, and what a piece and each pause in it may take on top."""

_HEARD = 0.003


def syllables(sentence: str) -> int:
    """Vietnamese writes every syllable as a word; what has no letter is not said."""
    return sum(any(char.isalnum() for char in word) for word in sentence.split())


def bounds(sentence: str) -> tuple[float, float]:
    """Return the fewest and the most seconds `sentence` may be heard."""
    count, pauses = syllables(sentence), sum(sentence.count(mark) for mark in ".,;:!?")
    return FASTEST * count, AT_ALL + SLOWEST * count + PAUSE * pauses


def heard(samples: Samples) -> float:
    """Return the seconds from the first to the last sound; silence around it tells nothing."""
    loud = np.flatnonzero(np.abs(samples.data) > _HEARD)
    return float(loud[-1] - loud[0] + 1) / samples.rate if len(loud) else 0.0


def seed(*said: object) -> int:
    """Make a seed of what is to be said, so that the same words in the same voice give the same sound."""
    return int.from_bytes(sha256("\0".join(map(str, said)).encode()).digest()[:4], "big")


def watched(sentence: str, speak: Callable[[int], Samples], *, engine: str, voice: str, take: int) -> Samples:
    """Call `speak(seed)` until what it says is plausible; raises EngineError if no try was."""
    least, most = bounds(sentence)
    lengths = []
    for attempt in range(TRIES):
        samples = speak(seed(engine, voice, take, attempt, sentence))
        lengths.append(heard(samples))
        if least <= lengths[-1] <= most:
            return samples
    told = ", ".join(f"{length:.1f}" for length in lengths)
    raise EngineError(
        f"Giọng «{voice}» đọc thiếu hoặc thừa chữ ở câu «{_shown(sentence)}» cả {TRIES} lần ({told} giây, phải từ "
        f"{least:.1f} đến {most:.1f}). Hãy sửa câu đó, chọn giọng khác hoặc đọc lại.",
        permanent=False,
    )


def _shown(sentence: str, most: int = 80) -> str:
    return sentence if len(sentence) <= most else f"{sentence[:most].rstrip()}…"
