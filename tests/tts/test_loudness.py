"""The meters, beside pyloudnorm and beside brute force."""

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, resample_poly, sosfilt

from tests.support.tracks import tones
from tts.loudness import LoudnessMeter, PeakMeter, levels, loudness, true_peak
from tts.sound import FRAME, RATE, Wave, chime, join, pause

SPEECH_LIKE = join([tones(3), pause(0.5), chime(), tones(2, 0.02), pause(1.5), tones(4, 0.8)]).data


def noise(seed: int, seconds: float, gain: float) -> Wave:
    """Make noise that ends where Opus is told to cut."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    cut: Wave = sosfilt(butter(8, 8_000, fs=RATE, output="sos"), gain * white).astype(np.float32)
    return cut


def exhaustive_peak(data: Wave) -> float:
    return 20 * float(np.log10(np.abs(resample_poly(data.astype(np.float64), 4, 1)).max()))


@pytest.mark.parametrize("gain", [0.01, 0.3, 1.0])
def test_loudness_is_what_pyloudnorm_measures(gain: float) -> None:
    data = SPEECH_LIKE * np.float32(gain)
    reference = pyloudnorm.Meter(RATE).integrated_loudness(data.astype(np.float64))
    assert loudness(data) == pytest.approx(reference, abs=0.05)


@pytest.mark.parametrize("seconds", [0.06, 0.3, 0.41])
def test_a_sound_shorter_than_a_block_of_the_meter_counts_as_repeated(seconds: float) -> None:
    data = np.sin(2 * np.pi * 997 * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)
    assert loudness(data) == pytest.approx(-3.0, abs=1.5)


@pytest.mark.parametrize("seconds", [0, 0.1, 3])
def test_silence_has_neither_loudness_nor_peak(seconds: float) -> None:
    data = pause(seconds).data
    assert loudness(data) == true_peak(data) == float("-inf")


def test_the_true_peak_between_two_samples_is_found() -> None:
    at = np.arange(RATE)
    between = (0.9 * np.sin(np.pi * at / 2 + np.pi / 4)).astype(np.float32)
    assert np.abs(between).max() < 0.65
    assert true_peak(between) == pytest.approx(20 * np.log10(0.9), abs=0.3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.floats(0.001, 2.0), min_size=1, max_size=6))
def test_the_quick_true_peak_is_the_exhaustive_one(seed: int, gains: list[float]) -> None:
    data = np.concatenate([noise(seed + n, 0.07, gain) for n, gain in enumerate(gains)])
    assert true_peak(data) == pytest.approx(exhaustive_peak(data), abs=0.01)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_the_meters_do_not_mind_into_which_pieces_a_sound_is_cut(cuts: list[int]) -> None:
    meter, peaks = LoudnessMeter(), PeakMeter()
    data = SPEECH_LIKE[: sum(cuts) * FRAME]
    start = 0
    for cut in cuts:
        meter.add(data[start : start + cut * FRAME])
        peaks.add(data[start : start + cut * FRAME])
        start += cut * FRAME
    whole = LoudnessMeter()
    whole.add(data)
    assert np.allclose(meter.energies, whole.energies, rtol=1e-9, atol=1e-15)
    assert peaks.peak() == pytest.approx(true_peak(data), abs=0.01)


def test_levels_are_never_below_the_samples_and_fine_only_where_it_is_worth_it() -> None:
    data = np.concatenate([tones(0.5, 0.01).data, noise(1, 0.5, 0.3)])
    level = levels(data, 0.2)
    assert (level >= np.abs(data)).all()
    assert np.array_equal(level[: RATE // 4], np.abs(data[: RATE // 4]))
    assert level.max() > np.abs(data).max()


def test_where_a_sound_goes_over_the_limit_is_told_by_frame() -> None:
    data = np.concatenate([tones(1.0, 0.05).data, tones(0.4, 0.9).data, tones(1.0, 0.05).data])
    meter = PeakMeter(-3.0)
    for start in range(0, len(data), 7 * FRAME):
        meter.add(data[start : start + 7 * FRAME])
    assert meter.over
    assert max(meter.over.values()) == pytest.approx(meter.peak())
    assert min(meter.over.values()) > -3
    assert {frame // 10 for frame in meter.over} <= {5, 6, 7}
