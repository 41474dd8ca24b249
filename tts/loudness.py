"""How loud, and how high the peaks: ITU-R BS.1770-4 over sounds that come piece by piece.

`pyloudnorm` brings the filters and is what the tests compare with; its meter wants the whole sound in memory.
"""

from functools import cache

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy.signal import resample_poly, sosfilt

from tts.sound import FRAME, RATE, Wave

Energies = NDArray[np.float64]
"""Mean square of the K-weighted sound in each `FRAME`."""

OVERSAMPLED = 4
_OFFSET, _ABSOLUTE_GATE, _RELATIVE_GATE = -0.691, -70.0, -10.0
_BLOCK, _STEP = round(0.4 * RATE / FRAME), round(0.1 * RATE / FRAME)
_WINDOW = FRAME // 8
_MARGIN = 16
"""Samples on both sides of a window that reach into its oversampling (scipy's filter: ten)."""
WORTH_A_LOOK = 0.8
"""Between samples that stay below this share of a level nothing reaches it, as long as the sound ends below 9.8 kHz
(Ehlich and Zeller: at most 1 / cos(pi f / rate) times the samples). Ours ends at 8 kHz, where Opus is told to cut."""


def decibels(ratio: float) -> float:
    """Turn an amplitude ratio into dB; nothing at all is -inf."""
    return 20 * float(np.log10(ratio)) if ratio > 0 else float("-inf")


@cache
def _k_weighting() -> NDArray[np.float64]:
    stages = (
        pyloudnorm.IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, RATE, "high_shelf"),
        pyloudnorm.IIRfilter(0.0, 0.5, 38.0, RATE, "high_pass"),
    )
    return np.array([[*stage.passband_gain * stage.b, *stage.a] for stage in stages])


class LoudnessMeter:
    """Takes a sound in pieces; each but the last must be whole frames."""

    def __init__(self) -> None:
        self._state = np.zeros((len(_k_weighting()), 2))
        self._pieces: list[Energies] = []

    def add(self, data: Wave) -> None:
        """Listen to the next piece."""
        if not len(data):
            return
        weighted, self._state = sosfilt(_k_weighting(), data, zi=self._state)
        whole = np.zeros(-len(weighted) % FRAME)
        frames = np.concatenate((weighted, whole)).reshape(-1, FRAME)
        self._pieces.append(np.einsum("ij,ij->i", frames, frames) / FRAME)

    @property
    def energies(self) -> Energies:
        """What was heard so far."""
        return np.concatenate((*self._pieces, np.zeros(0)))


def energies(data: Wave) -> Energies:
    """Listen to a whole sound."""
    meter = LoudnessMeter()
    meter.add(data)
    return meter.energies


def integrated(heard: Energies) -> float:
    """Integrated loudness in LUFS, -inf for silence; a sound shorter than a block of the meter counts as repeated."""
    if not len(heard):
        return float("-inf")
    if len(heard) < _BLOCK:
        heard = np.tile(heard, _BLOCK // len(heard) + 1)
    sums = np.concatenate(([0.0], np.cumsum(heard)))
    blocks = np.maximum(sums[_BLOCK:] - sums[:-_BLOCK], 0)[::_STEP] / _BLOCK
    blocks = blocks[blocks > _energy(_ABSOLUTE_GATE)]
    if not len(blocks):
        return float("-inf")
    blocks = blocks[blocks > _energy(_lufs(float(blocks.mean())) + _RELATIVE_GATE)]
    return _lufs(float(blocks.mean()))


def _lufs(energy: float) -> float:
    return _OFFSET + 10 * float(np.log10(energy))


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def levels(data: Wave, worth: float) -> Wave:
    """Give the highest level around each sample: four times oversampled where samples reach `worth`, else as it is.

    The points between two samples belong to both.
    """
    level = np.abs(data)
    count = -(-len(data) // _WINDOW)
    padded = np.zeros(count * _WINDOW, dtype=np.float32)
    padded[: len(data)] = level
    loud = np.flatnonzero(padded.reshape(count, _WINDOW).max(axis=1, initial=0) >= worth)
    if not len(loud):
        return level
    padded = np.zeros(count * _WINDOW + 2 * _MARGIN, dtype=np.float32)
    padded[_MARGIN : _MARGIN + len(data)] = data
    reach = np.arange(_WINDOW + 2 * _MARGIN)
    windows = padded[loud[:, None] * _WINDOW + reach]
    fine = np.abs(resample_poly(windows, OVERSAMPLED, 1, axis=1)).reshape(*windows.shape, OVERSAMPLED)
    peaks = fine.max(axis=2)
    peaks[:, 1:] = np.maximum(peaks[:, 1:], fine[:, :-1].max(axis=2))
    found = np.zeros((count, _WINDOW), dtype=np.float32)
    found[loud] = peaks[:, _MARGIN:-_MARGIN]
    return np.maximum(level, found.reshape(-1)[: len(data)])


class PeakMeter:
    """Takes a sound in pieces and knows its highest true peak, and where it goes over `limit` dBTP."""

    def __init__(self, limit: float = float("inf")) -> None:
        self.over: dict[int, float] = {}
        """Frames that go over the limit, counted from 0, and their true peaks in dBTP."""
        self._limit = float(10 ** (limit / 20))
        self._rest = np.zeros(0, dtype=np.float32)
        self._begins = 0
        self._highest = 0.0

    def add(self, data: Wave) -> None:
        """Listen to the next piece; its last samples wait for what follows them."""
        known = np.concatenate((self._rest, data))
        self._look(known, len(known) - _MARGIN)
        self._rest = known[-2 * _MARGIN :]
        self._begins += len(known) - len(self._rest)

    def peak(self) -> float:
        """The true peak in dBTP of everything so far."""
        self._look(self._rest, len(self._rest))
        return decibels(self._highest)

    def _look(self, data: Wave, until: int) -> None:
        if until > 0:
            self._highest = max(self._highest, float(np.abs(data).max()))
            worth = WORTH_A_LOOK * min(self._highest, self._limit)
            found = levels(data, max(worth, 1e-9))[:until]
            self._highest = max(self._highest, float(found.max()))
            for at in np.flatnonzero(found > self._limit):
                frame, peak = (self._begins + int(at)) // FRAME, decibels(float(found[at]))
                self.over[frame] = max(self.over.get(frame, peak), peak)


def true_peak(data: Wave) -> float:
    """Measure the true peak of a whole sound in dBTP."""
    meter = PeakMeter()
    meter.add(data)
    return meter.peak()


def loudness(data: Wave) -> float:
    """Measure the integrated loudness of a whole sound in LUFS."""
    return integrated(energies(data))
