"""Only the whole of the approved sound counts as heard."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.heard import RATE, Samples, compare, match

RNG = np.random.default_rng(7)


def speech(seconds: float, seed: int = 1) -> Samples:
    """Noise that rises and falls like syllables, with pauses."""
    at = np.arange(int(seconds * RATE)) / RATE
    envelope = np.clip(np.sin(2 * np.pi * 2.3 * at + seed), 0, 1)
    made: Samples = (np.random.default_rng(seed).standard_normal(len(at)) * envelope * 0.2).astype(np.float32)
    return made


SPOKEN = speech(6.0)


def test_the_same_sound_is_heard_whatever_its_gain_and_lead_in() -> None:
    lead = np.zeros(RATE * 2, np.float32)
    found = match(SPOKEN, np.concatenate([lead, SPOKEN * np.float32(0.1), lead]))
    assert found.heard
    assert found.begins_s == pytest.approx(2.0, abs=0.001)


def test_some_noise_does_not_hide_it() -> None:
    noise = (RNG.standard_normal(len(SPOKEN)) * 0.02).astype(np.float32)
    assert match(SPOKEN, SPOKEN + noise).heard


@pytest.mark.parametrize(
    "got",
    [
        pytest.param(np.zeros(RATE * 6, np.float32), id="silence"),
        pytest.param(SPOKEN[: RATE * 5], id="its end is missing"),
        pytest.param(SPOKEN[RATE:], id="its beginning is missing"),
        pytest.param(
            np.concatenate([SPOKEN[:RATE], SPOKEN[2 * RATE :]]), id="a second in the middle is missing"
        ),
        pytest.param(speech(6.0, seed=2), id="another sound"),
        pytest.param(np.zeros(0, np.float32), id="nothing at all"),
    ],
)
def test_less_than_the_whole_is_not_heard(got: Samples) -> None:
    assert not match(SPOKEN, got).heard


def test_a_muted_second_is_not_heard() -> None:
    muted = SPOKEN.copy()
    muted[2 * RATE : 3 * RATE] = 0
    assert not match(SPOKEN, muted).heard


def test_files_played_one_after_the_other_and_repeated(tmp_path: Path) -> None:
    one, two, heard = (tmp_path / f"{name}.wav" for name in ("one", "two", "heard"))
    soundfile.write(one, speech(1.5, 3), RATE)
    soundfile.write(two, speech(2.0, 4), RATE)
    together = np.concatenate([speech(1.5, 3), speech(2.0, 4)] * 3)
    soundfile.write(heard, together, RATE)
    assert compare([one, two], heard, repeat=3).heard
    soundfile.write(heard, together[: len(together) * 2 // 3], RATE)
    assert not compare([one, two], heard, repeat=3).heard
