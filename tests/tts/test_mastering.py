"""The chain for horns: what it lets through, how loud it gets, that cutting into pieces changes nothing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tracks import finished, tones, track_of
from tts.errors import SpeechError
from tts.finish import Air, finish
from tts.loudness import loudness, true_peak
from tts.mastering import CONTEXT, Survey, limited, shaped
from tts.opus import decode
from tts.presets import MARKET, NARROW, PRESETS, QUIET, Preset, preset_of
from tts.sound import FRAME, RATE, Sound, Wave, chime, join, pause
from tts.track import recorded_pieces, sentence_piece
from tts.workers import Workers

OFFERED = [pytest.param(preset, id=name) for name, preset in PRESETS.items()]


def tone(height: float, seconds: float = 1.0, level: float = 0.1) -> Wave:
    at = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * height * at)).astype(np.float32)


def gained(height: float, preset: Preset, level: float = 0.003) -> float:
    """dB that the chain gives to a tone too soft for its compressor."""
    before = tone(height, level=level)
    return loudness(shaped(before, preset)) - loudness(before)


@pytest.mark.parametrize("preset", OFFERED)
def test_the_band_of_a_horn_is_kept_and_its_presence_lifted(preset: Preset) -> None:
    assert gained(800, preset) == pytest.approx(0, abs=1.5)
    assert gained(2_800, preset) == pytest.approx(preset.presence, abs=0.5)
    assert gained(120, preset) < -24
    assert gained(11_000, preset) < -24


@pytest.mark.parametrize("preset", OFFERED)
def test_what_is_loud_is_taken_back_and_what_is_soft_left(preset: Preset) -> None:
    soft, loud = tone(800, level=0.003), tone(800, level=0.3)
    before = loudness(loud) - loudness(soft)
    after = loudness(shaped(loud, preset)) - loudness(shaped(soft, preset))
    assert before == pytest.approx(40, abs=0.1)
    assert before - after == pytest.approx((1 - 1 / preset.ratio) * (20 * np.log10(0.3) - 3 + 26), abs=1.0)


@pytest.mark.parametrize("preset", OFFERED)
@pytest.mark.parametrize("level", [0.001, 0.05, 0.6])
def test_everything_goes_out_equally_loud_and_its_decoded_peak_stays_below_minus_one(
    tmp_path: Path, preset: Preset, level: float
) -> None:
    heard = finished(tmp_path, chime(), tones(4, level), preset=preset)
    quality = heard.hearing.quality
    assert quality.faults == ()
    assert quality.lufs == pytest.approx(preset.lufs, abs=0.5)
    assert quality.true_peak <= -1
    assert true_peak(decode(heard.ogg).data) == pytest.approx(quality.true_peak, abs=0.01)


def test_a_market_hears_it_two_units_louder_than_a_village(tmp_path: Path) -> None:
    village, market = (finished(tmp_path, tones(3), preset=preset) for preset in (QUIET, MARKET))
    assert market.hearing.quality.lufs - village.hearing.quality.lufs == pytest.approx(2, abs=0.5)


def test_a_sentence_the_voice_said_softly_is_as_loud_as_the_others(tmp_path: Path) -> None:
    heard = decode(finished(tmp_path, tones(3, 0.3), tones(3, 0.02)).ogg).data
    assert loudness(heard[: 3 * RATE]) == pytest.approx(loudness(heard[3 * RATE :]), abs=0.5)


@pytest.mark.parametrize("seconds", [0.001, 0.05, 0.3, 0.41])
def test_a_very_short_sound_is_mastered_too(tmp_path: Path, seconds: float) -> None:
    heard = decode(finished(tmp_path, tones(seconds)).ogg)
    assert np.isfinite(heard.data).all()
    assert heard.seconds == pytest.approx(-(-seconds // 0.02) * 0.02)


def test_silence_stays_silence(tmp_path: Path) -> None:
    assert decode(finished(tmp_path, pause(1)).ogg).is_silent


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 30.0), st.floats(-12, -1))
def test_the_limiter_holds_its_ceiling_against_any_noise(seed: int, gain: float, ceiling: float) -> None:
    noise = np.random.default_rng(seed).standard_normal(RATE // 4).astype(np.float32)
    assert true_peak(limited(noise * np.float32(gain), ceiling)) <= ceiling + 0.35


@pytest.mark.parametrize("preset", [*OFFERED, pytest.param(NARROW, id="narrow")])
def test_the_loudness_behind_the_limiter_is_foreseen(preset: Preset) -> None:
    heard = shaped(join([tones(2), pause(0.3), tones(3, 0.6)]).data, preset)
    survey = Survey.of(heard)
    for target in (-30.0, preset.lufs, preset.lufs + 2):
        gain = survey.gain_for(target, preset.ceiling)
        assert loudness(limited(heard * np.float32(gain), preset.ceiling)) == pytest.approx(target, abs=0.25)


@settings(max_examples=20, deadline=None)
@given(st.integers(10, 90), st.integers(10, 90))
def test_a_piece_with_its_neighbours_is_mastered_as_if_the_sound_were_whole(start: int, length: int) -> None:
    whole = join([tones(1), pause(0.2), tones(1.5)]).data
    begin, end = start * FRAME, min((start + length) * FRAME, len(whole))
    first, last = max(0, begin - CONTEXT), min(len(whole), end + CONTEXT)
    alone = limited(shaped(whole[first:last], QUIET) * np.float32(4), -2.0)[begin - first : end - first]
    assert np.abs(alone - limited(shaped(whole, QUIET) * np.float32(4), -2.0)[begin:end]).max() < 2e-3


def test_a_long_recording_is_cut_and_nobody_hears_where(tmp_path: Path) -> None:
    at = np.arange(25 * RATE) / RATE
    steady = Sound((0.2 * np.sin(2 * np.pi * 440 * at)).astype(np.float32))
    pieces = list(recorded_pieces(steady, 0.5))
    assert [piece.segment.samples / RATE for piece in pieces] == [10, 10, 5.5]
    assert len({piece.segment.gain for piece in pieces}) == 1
    with Workers() as workers:
        heard = decode(finish(track_of(tmp_path, pieces), Air(QUIET), workers).ogg).data
    levels = np.sqrt((heard[RATE : 24 * RATE].reshape(-1, RATE // 50) ** 2).mean(axis=1))
    assert 20 * np.log10(levels.max() / levels.min()) < 0.5


def test_the_master_is_full_band_and_holds_what_the_voice_said(tmp_path: Path) -> None:
    high = Sound(tone(11_000, 1.0))
    track = track_of(tmp_path, [sentence_piece(high, 0.1)])
    [(segment, raw)] = track.pieces()
    assert segment.seconds == pytest.approx(1.1)
    assert np.abs(raw[: len(high.data)] - high.data).max() <= 0.5 / 32768
    assert not raw[len(high.data) :].any()


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    with pytest.raises(SpeechError, match=r"quiet.*market"):
        preset_of("disco")


def bursts(seed: int) -> Sound:
    """Make syllables of noise: their edges are what Opus overshoots."""
    noise = 0.1 * np.random.default_rng(seed).standard_normal(3 * RATE)
    return Sound((noise * (np.arange(3 * RATE) % 9_600 < 1_500)).astype(np.float32))


def test_where_opus_overshoots_only_that_sentence_is_held_lower(tmp_path: Path) -> None:
    heard = finished(tmp_path, *(tones(3) if n % 4 else bursts(n) for n in range(24)))
    assert heard.hearing.quality.faults == ()
    assert heard.hearing.over == {}
