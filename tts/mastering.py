"""Mastering for horns: the band they radiate, presence, gentle compression, and no peak that an amplifier would clip.

Everything looks at a bounded stretch of sound around each sample, so a bulletin can be mastered piece by piece, on
several processors at once, and comes out the same.
"""

from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Self

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d, uniform_filter1d
from scipy.signal import butter, sosfilt

from tts.loudness import WORTH_A_LOOK, Energies, energies, integrated, levels
from tts.presets import Preset
from tts.sound import FRAME, RATE, Wave

NOMINAL = -23.0
"""LUFS to which every sentence is brought before the compressor, whose threshold then means something."""

CONTEXT = RATE // 10
"""Samples before and after a piece that reach into it."""

LOWEST, HIGHEST = 300.0, 6_000.0
"""Hz. Below, a horn radiates nothing and its driver still suffers; above, Opus would spend its bits for nobody."""

TELEPHONE = 3_700.0
"""Hz left where an emergency must fit into a message: Opus at its lowest rates keeps no more."""

_PRESENCE_AT, _PRESENCE_Q = 2_800.0, 0.8
_THRESHOLD = -26.0
_HOP = RATE // 200
_RAMP = (np.arange(_HOP, dtype=np.float32) + np.float32(0.5)) / np.float32(_HOP)
_MOST_GAIN = 30.0
_LISTENS, _SMOOTHS = 9, 13
"""Hops of 5 ms over which the compressor measures, and over which its gain changes."""
_LOOK_AHEAD = int(0.005 * RATE)


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What is to be known of a shaped sound to foresee how loud the limiter leaves it."""

    energies: Energies
    peaks: Wave
    """Highest sample of each 5 ms."""

    @classmethod
    def of(cls, data: Wave) -> Self:
        """Look at one piece, of whole frames."""
        return cls(energies(data), np.abs(data).reshape(-1, _HOP).max(axis=1))

    def lufs(self, gain: float, ceiling: float) -> float:
        """Foresee the loudness behind `gain` and the limiter: to 0.05 LU on speech, in microseconds."""
        highest = maximum_filter1d(gain * self.peaks, 3, mode="nearest")
        held = np.minimum(1.0, 10 ** (ceiling / 20) / np.maximum(highest, 1e-9))
        smooth = uniform_filter1d(held, 3, mode="nearest").reshape(-1, FRAME // _HOP)
        return integrated(self.energies * gain**2 * (smooth.astype(np.float64) ** 2).mean(axis=1))

    def gain_for(self, lufs: float, ceiling: float) -> float:
        """Find the gain that makes the sound so loud; 0 for silence, and at most `_MOST_GAIN` dB."""
        gain = 0.0
        for _ in range(20):
            short = lufs - self.lufs(10 ** (gain / 20), ceiling)
            if not isfinite(short):
                return 0.0
            gain = min(gain + short, _MOST_GAIN)
            if abs(short) < 0.01:
                break
        return float(10 ** (gain / 20))


@cache
def _band(presence: float, highest: float) -> NDArray[np.float64]:
    lift = pyloudnorm.IIRfilter(presence, _PRESENCE_Q, _PRESENCE_AT, RATE, "peaking")
    low = butter(4, LOWEST, "highpass", fs=RATE, output="sos")
    high = butter(6, highest, "lowpass", fs=RATE, output="sos")
    return np.concatenate((low, [[*lift.b, *lift.a]], high))


def shaped(data: Wave, preset: Preset, highest: float = HIGHEST) -> Wave:
    """Keep the band of a horn, lift the presence, take back what is loud. `data` stands near `NOMINAL`."""
    heard: Wave = sosfilt(_band(preset.presence, highest), data).astype(np.float32)
    return _compressed(heard, preset.ratio)


def _compressed(data: Wave, ratio: float) -> Wave:
    padded = np.zeros(-(-len(data) // _HOP) * _HOP, dtype=np.float32)
    padded[: len(data)] = data
    hops = padded.reshape(-1, _HOP)
    energy = uniform_filter1d(np.einsum("ij,ij->i", hops, hops) / _HOP, _LISTENS, mode="constant")
    over = np.maximum(10 * np.log10(np.maximum(energy, 1e-12)) - _THRESHOLD, 0)
    taken = uniform_filter1d(over * (1 - 1 / ratio), _SMOOTHS, mode="nearest")
    # Straight from edge to edge of each hop.
    gain = (10 ** (-taken / 20)).astype(np.float32)
    edges = np.concatenate((gain[:1], (gain[1:] + gain[:-1]) / 2, gain[-1:]))
    ramp: Wave = edges[:-1, None] + (edges[1:] - edges[:-1])[:, None] * _RAMP
    return data * ramp.reshape(-1)[: len(data)]


def limited(data: Wave, ceiling: float) -> Wave:
    """Turn a sound down around each peak above `ceiling` dBTP, 5 ms ahead and behind, without a corner."""
    allowed = 10 ** (ceiling / 20)
    level = levels(data, WORTH_A_LOOK * allowed)
    if not len(level) or level.max() <= allowed:
        return data
    needed = np.minimum(1.0, allowed / np.maximum(level, 1e-9)).astype(np.float32)
    held = minimum_filter1d(needed, 2 * _LOOK_AHEAD + 1, mode="nearest")
    # Every value the two averages take in is at most what their centre needs, so the result is too.
    half = _LOOK_AHEAD | 1
    smooth: Wave = uniform_filter1d(uniform_filter1d(held, half, mode="nearest"), half, mode="nearest")
    return data * np.minimum(smooth, needed)
