"""Every engine is held to the same promises."""

import os
import sys

import numpy as np
import pytest

from tts.engines import ENGINES, Engine, load
from tts.engines.espeak import Espeak, Installation, bundled, debian
from tts.engines.kept import Kept
from tts.errors import EngineError

SENTENCE = "ủy ban nhân dân xã thông báo lịch khám sức khỏe nghĩa vụ quân sự"


def _debian() -> Engine:
    program = debian()
    if program is None:
        assert not os.environ.get("CI"), "espeak-ng is not installed"
        pytest.skip("espeak-ng is not installed")
    return Espeak([program])


def _bundled() -> Engine:
    wheel = bundled()
    assert wheel is not None
    return Espeak([wheel])


@pytest.fixture(scope="session", params=[*ENGINES, "espeak of the wheel", "espeak of Debian", "remote, kept"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    special = {"espeak of the wheel": _bundled, "espeak of Debian": _debian}
    if request.param in special:
        return special[request.param]()
    if request.param == "remote, kept":
        return Kept(load("remote", request.getfixturevalue("remote")), tmp_path_factory.mktemp("pieces"))
    if request.param == "remote":
        return load("remote", request.getfixturevalue("remote"))
    if request.param.startswith("vieneu"):
        request.getfixturevalue("hub_cache")
    return load(request.param)


def test_it_lacks_nothing_and_names_its_voices(engine: Engine) -> None:
    assert engine.lacks() == ""
    assert engine.version()
    names = [voice.name for voice in engine.voices()]
    assert len(names) == len(set(names)) > 1
    assert all(voice.label and voice.gender in ("", "nam", "nữ") for voice in engine.voices())
    assert {voice.region for voice in engine.voices()} <= {"", "Bắc", "Trung", "Nam"}


def test_a_sentence_is_heard(engine: Engine) -> None:
    samples = engine.speak(SENTENCE)
    assert samples.data.dtype == np.float32
    assert samples.data.ndim == 1
    assert np.isfinite(samples.data).all()
    assert 0.05 < np.abs(samples.data).max() <= 1.0
    assert samples.rate >= 16_000


def test_twice_the_words_take_about_twice_the_time(engine: Engine) -> None:
    once, twice = engine.speak(SENTENCE), engine.speak(f"{SENTENCE}, {SENTENCE}")
    assert 1.7 < twice.seconds / once.seconds < 2.3


def test_the_same_sentence_gives_the_same_sound_where_that_is_promised(engine: Engine) -> None:
    same = np.array_equal(engine.speak(SENTENCE).data, engine.speak(SENTENCE).data)
    assert same is engine.manner.steady


def test_another_take_sounds_otherwise_where_that_is_promised(engine: Engine) -> None:
    same = np.array_equal(engine.speak(SENTENCE).data, engine.speak(SENTENCE, take=1).data)
    assert same is not engine.manner.takes


def test_other_words_and_other_voices_give_another_sound(engine: Engine) -> None:
    usual, *others = engine.voices()
    said = engine.speak(SENTENCE, voice=usual.name)
    assert not engine.manner.steady or np.array_equal(said.data, engine.speak(SENTENCE).data)
    assert not np.array_equal(said.data, engine.speak("bà con ven biển di dời").data)
    assert not np.array_equal(said.data, engine.speak(SENTENCE, voice=others[-1].name).data)


@pytest.mark.parametrize("nothing", ["", "  ", "...", "—"])
def test_nothing_to_say_is_refused(engine: Engine, nothing: str) -> None:
    with pytest.raises(EngineError, match="không có chữ nào"):
        engine.speak(nothing)


def test_an_unknown_voice_is_refused_with_the_known_ones(engine: Engine) -> None:
    with pytest.raises(EngineError, match=engine.voices()[0].name):
        engine.speak(SENTENCE, voice="nobody")


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(EngineError, match="espeak, remote, tone, vieneu-nano, vieneu-turbo"):
        load("nobody")


def test_without_any_espeak_the_message_says_what_to_install() -> None:
    with pytest.raises(EngineError, match="sudo apt install espeak-ng") as told:
        Espeak([]).speak(SENTENCE)
    assert told.value.permanent


@pytest.mark.parametrize(
    ("program", "trouble"),
    [
        ("import os; os.abort()", "dừng với mã"),
        ("import time; time.sleep(60)", "không đọc xong câu trong 1 giây"),
        ("pass", "không phát ra âm thanh"),
    ],
)
def test_an_espeak_that_crashes_hangs_or_is_mute_is_an_error_in_time(program: str, trouble: str) -> None:
    broken = Installation("hỏng", lambda _voice: [sys.executable, "-c", program])
    with pytest.raises(EngineError, match=trouble) as told:
        Espeak([broken], seconds=1).speak(SENTENCE)
    assert not told.value.permanent


def test_a_broken_espeak_is_stood_in_for_by_the_next() -> None:
    broken = Installation("hỏng", lambda _voice: ["/nowhere/espeak-ng"])
    wheel = bundled()
    assert wheel is not None
    assert Espeak([broken, wheel]).speak(SENTENCE).seconds > 1
