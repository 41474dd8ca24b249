"""What a slow engine has said is not said twice."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support import tiny_vieneu, weights
from tts.engines import Engine, Manner, Samples, Voice, load
from tts.engines.kept import Kept
from tts.engines.vieneu import hub
from tts.errors import EngineError
from tts.speak import speak

TEXT = "Ngày mai cả ấp cúp điện từ sáng. Bà con nhớ tích nước để dùng. Xin cảm ơn bà con đã nghe."


class Counting:
    """The tone engine, with takes, that counts what it says."""

    name, manner = "counting", Manner(takes=True, steady=False)

    def __init__(self, version: str = "1") -> None:
        self.said: list[str] = []
        self._tone, self._version = load("tone"), version

    def voices(self) -> tuple[Voice, ...]:
        return self._tone.voices()

    def lacks(self) -> str:
        return ""

    def version(self) -> str:
        return self._version

    def speak(self, sentence: str, *, voice: str | None = None, take: int = 0) -> Samples:
        self.said.append(sentence)
        samples = self._tone.speak(sentence, voice=voice)
        return Samples(samples.data * np.float32(1 / (1 + take + len(self.said) / 100)), samples.rate)


def test_one_sentence_said_anew_costs_one_sentence(tmp_path: Path) -> None:
    counting = Counting()
    engine = Kept(counting, tmp_path)
    usual = speak(TEXT, engine=engine)
    assert len(counting.said) == 3
    anew = speak(TEXT, engine=engine, takes={1: 1})
    assert counting.said[3:] == [usual.timings[1].sentence]
    assert anew.sha256 != usual.sha256
    assert speak(TEXT, engine=Kept(counting, tmp_path)).sha256 == usual.sha256
    assert len(counting.said) == 4


def test_what_comes_from_the_disk_is_to_the_bit_what_came_first(tmp_path: Path) -> None:
    engine = Kept(Counting(), tmp_path)
    assert np.array_equal(engine.speak("bà con chú ý").data, engine.speak("bà con chú ý").data)


@pytest.mark.parametrize(
    "other",
    [
        lambda engine: engine.speak("bà con lắng nghe"),
        lambda engine: engine.speak("bà con chú ý", voice="high"),
        lambda engine: engine.speak("bà con chú ý", take=1),
    ],
)
def test_other_words_voices_and_takes_are_said(tmp_path: Path, other: Callable[[Engine], Samples]) -> None:
    counting = Counting()
    engine = Kept(counting, tmp_path)
    engine.speak("bà con chú ý")
    other(engine)
    assert len(counting.said) == 2


def test_new_weights_are_heard_at_once(tmp_path: Path) -> None:
    Kept(Counting("1"), tmp_path).speak("bà con chú ý")
    newer = Counting("2")
    Kept(newer, tmp_path).speak("bà con chú ý")
    assert newer.said == ["bà con chú ý"]


def test_a_spoilt_piece_is_said_anew_and_mended(tmp_path: Path) -> None:
    counting = Counting()
    engine = Kept(counting, tmp_path)
    engine.speak("bà con chú ý")
    (piece,) = tmp_path.iterdir()
    piece.write_bytes(b"fLaC, but not really")
    engine.speak("bà con chú ý")
    engine.speak("bà con chú ý")
    assert len(counting.said) == 2


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    engine = Kept(load("tone"), tmp_path)
    with pytest.raises(EngineError):
        engine.speak("...")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_takes_no_bulletin_with_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert Kept(Counting(), tmp_path / "file").speak("bà con chú ý").seconds > 0


def test_what_was_not_used_for_the_longest_time_goes_first(tmp_path: Path) -> None:
    engine = Kept(Counting(), tmp_path)
    names: dict[str, Path] = {}
    for at, words in enumerate(("một", "hai", "ba", "bốn")):
        engine.speak(words)
        (names[words],) = set(tmp_path.iterdir()) - set(names.values())
        os.utime(names[words], (at, at))
    engine.speak("một")  # used again, so it is the newest now
    size = sum(path.stat().st_size for path in names.values())
    Kept(Counting(), tmp_path, most_bytes=size).speak("năm")
    assert names["một"].exists()
    assert not names["hai"].exists()


def test_the_version_of_vieneu_is_that_of_its_package_and_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.off_line().constants, "HF_HUB_CACHE", str(weights.make(tmp_path)))
    version = load("vieneu-turbo").version().split()
    assert version[1:] == [tiny_vieneu.COMMIT] * 2
