"""Mastering: every bulletin equally loud, and no peak that an amplifier would clip.

Loudness is that of ITU-R BS.1770-4 (as EBU R 128 uses it), peaks are true peaks: four times oversampled.
"""

from collections.abc import Iterator

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import resample_poly

from tts.sound import RATE, Sound, Wave

LOUDNESS = -16.0
"""LUFS of everything on air."""

CEILING = -2.0
"""dBTP of the limiter: Opus overshoots by up to a decibel, and the decoded peak must stay below -1."""

_OVERSAMPLED = 4
_BLOCK = 10 * RATE
_EDGE = 256
_LOOK_AHEAD = int(0.005 * RATE)
_METER_BLOCK = 0.4
_MOST_GAIN = 60.0


def decibels(ratio: float) -> float:
    """Turn an amplitude ratio into dB; nothing at all is -inf."""
    return 20 * float(np.log10(ratio)) if ratio > 0 else float("-inf")


def loudness(sound: Sound) -> float:
    """Measure the integrated loudness in LUFS; a sound shorter than one block of the meter counts as repeated."""
    if sound.is_silent:
        return float("-inf")
    data = sound.data
    shortest = int(_METER_BLOCK * RATE) + 1
    if len(data) < shortest:
        data = np.tile(data, shortest // len(data) + 1)
    return float(pyloudnorm.Meter(RATE, block_size=_METER_BLOCK).integrated_loudness(data))


def true_peak(sound: Sound) -> float:
    """Measure the true peak in dBTP."""
    return decibels(max((float(block.max()) for block in _envelopes(sound.data)), default=0.0))


def _envelopes(data: Wave) -> Iterator[NDArray[np.float64]]:
    """Give, block by block, the highest oversampled level around each sample."""
    for start in range(0, len(data), _BLOCK):
        before = min(start, _EDGE)
        piece = data[start - before : start + _BLOCK + _EDGE].astype(np.float64)
        fine = np.abs(resample_poly(piece, _OVERSAMPLED, 1)).reshape(len(piece), _OVERSAMPLED)
        # The points between this sample and the last belong to both.
        level = np.maximum(fine.max(axis=1), np.concatenate(([0.0], fine[:-1].max(axis=1))))
        yield level[before : before + min(_BLOCK, len(data) - start)]


def limited(sound: Sound, ceiling: float = CEILING) -> Sound:
    """Turn the sound down around each peak above `ceiling` dBTP, 5 ms ahead and behind, without a corner."""
    return _limited(sound, _level(sound), 1.0, ceiling)


def _level(sound: Sound) -> Wave:
    return np.concatenate([*_envelopes(sound.data), np.zeros(0)]).astype(np.float32)


def _limited(sound: Sound, level: Wave, gain: float, ceiling: float) -> Sound:
    """Amplify, then limit; `level` is that of the sound before the gain, so it is worked out only once."""
    allowed = 10 ** (ceiling / 20)
    if not len(level) or gain * level.max() <= allowed:
        return Sound(sound.data * np.float32(gain))
    needed = np.minimum(1.0, allowed / np.maximum(gain * level, 1e-9)).astype(np.float32)
    held = minimum_filter1d(needed, 2 * _LOOK_AHEAD + 1, mode="nearest")
    # Every value the two averages take in is at most what their centre needs, so the result is too.
    half = _LOOK_AHEAD | 1
    smooth = uniform_filter1d(uniform_filter1d(held, half, mode="nearest"), half, mode="nearest")
    return Sound(sound.data * np.float32(gain) * np.minimum(smooth, needed))


def mastered(sound: Sound, ceiling: float = CEILING, target: float = LOUDNESS) -> Sound:
    """Bring a sound to `target` LUFS under `ceiling` dBTP; silence stays silence."""
    if sound.is_silent:
        return sound
    level = _level(sound)
    gain = 0.0
    result = sound
    for _ in range(8):
        short = target - loudness(result)
        if abs(short) < 0.1 or not np.isfinite(short):
            break
        gain = min(gain + short, _MOST_GAIN)
        result = _limited(sound, level, 10 ** (gain / 20), ceiling)
    return result
