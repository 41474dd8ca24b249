"""From text to the file for air, with the real trial voice."""

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from tts.errors import EngineError, SpeechError
from tts.opus import decode
from tts.qa import measure
from tts.speak import MOST_INLINE, Cancelled, Progress, Spoken, Stage, emergency, speak
from tts.text.sentences import LONGEST, paragraphs

BULLETINS = Path(__file__).parents[1] / "data" / "bulletins"
STORM = "02-khan-cap-bao"
SWINDLE = "04-canh-giac-lua-dao"


def text(name: str) -> str:
    return (BULLETINS / f"{name}.txt").read_text(encoding="utf-8")


@cache
def spoken(name: str) -> Spoken:
    return speak(text(name))


@pytest.mark.parametrize("name", [STORM, SWINDLE])
def test_a_bulletin_is_spoken_loud_enough_and_without_clipping(name: str) -> None:
    facts = measure(spoken(name).ogg)
    assert facts == spoken(name).quality
    assert facts.faults == ()
    assert facts.lufs == pytest.approx(-16, abs=0.5)
    assert facts.true_peak <= -1
    assert facts.clipped == 0
    assert facts.kilobits == pytest.approx(24, abs=3)


@pytest.mark.parametrize("name", [STORM, SWINDLE])
def test_a_bulletin_is_spoken_at_the_pace_of_a_newsreader(name: str) -> None:
    timings = spoken(name).timings
    syllables = sum(len(timing.sentence.split()) for timing in timings)
    assert 160 < syllables / (timings[-1].end - timings[0].start) * 60 < 200


def test_every_sentence_is_heard_where_its_timing_says() -> None:
    said = spoken(STORM)
    sound = decode(said.ogg).data
    assert " ".join(timing.sentence for timing in said.timings) == said.reading.spoken.replace("\n", " ")
    assert all(before.end < after.start for before, after in pairwise(said.timings))
    assert said.timings[0].start > 2
    assert said.timings[-1].end <= said.seconds
    for timing in said.timings:
        assert abs(sound[int(timing.start * 48_000) : int(timing.end * 48_000)]).mean() > 0.01


def test_an_emergency_fits_into_a_message_and_has_no_chime() -> None:
    said = emergency(text(STORM))
    assert len(said.ogg) <= MOST_INLINE
    assert said.quality.true_peak <= -1
    assert said.quality.faults == ()
    assert said.timings[0].start == 0
    assert said.reading == spoken(STORM).reading


def test_an_emergency_too_long_for_a_message_says_how_short_it_must_be() -> None:
    with pytest.raises(SpeechError, match="rút gọn còn dưới 40 giây"):
        emergency(text(STORM) * 4, engine="tone")


def test_the_same_text_is_the_same_file() -> None:
    once, again = speak("Bà con chú ý.", engine="tone"), speak("Bà con chú ý.", engine="tone")
    assert once.ogg == again.ogg
    assert once.sha256 == again.sha256 != speak("Bà con chú ý!", engine="tone", voice="high").sha256


def test_progress_is_told_in_order() -> None:
    told: list[Progress] = []
    speak("Một. Hai. Ba.", engine="tone", progress=told.append)
    assert [(step.stage, step.done, step.total) for step in told] == [
        (Stage.READING, 0, 1),
        *((Stage.SPEAKING, done, 3) for done in range(4)),
        (Stage.MASTERING, 0, 1),
        (Stage.MASTERING, 1, 1),
    ]


def test_work_nobody_wants_any_more_is_given_up_between_sentences() -> None:
    told: list[Progress] = []
    with pytest.raises(Cancelled):
        speak("Một. Hai. Ba.", engine="tone", progress=told.append, cancelled=lambda: len(told) >= 3)
    assert told[-1] == Progress(1, 3, Stage.SPEAKING)


@pytest.mark.parametrize("nothing", ["", " \n ", "... --- ***", "😀😀", "\x00\x01", "ភាសាខ្មែរ"])
def test_a_text_that_says_nothing_is_refused(nothing: str) -> None:
    with pytest.raises(SpeechError, match="không có chữ nào đọc được") as told:
        speak(nothing, engine="tone")
    assert told.value.permanent


@pytest.mark.parametrize("size", [30_000, 1_000_000])
def test_a_text_too_long_is_refused_with_the_limit(size: int) -> None:
    with pytest.raises(SpeechError, match="tối đa"):
        speak("Bà con chú ý. " * (size // 14), engine="tone")


def test_an_unknown_engine_or_voice_is_refused() -> None:
    with pytest.raises(EngineError, match="espeak, remote, tone"):
        speak("Bà con chú ý.", engine="nobody")
    with pytest.raises(EngineError, match="low, high"):
        speak("Bà con chú ý.", engine="tone", voice="nobody")


@pytest.mark.parametrize("words", ["một " * 2000, "một, " * 2000, "một; hai, " * 900, "a" * 5000])
def test_long_sentences_are_cut_and_no_word_is_lost(words: str) -> None:
    cut = [sentence for paragraph in paragraphs(words) for sentence in paragraph]
    assert " ".join(cut).split() == words.split()
    assert max(map(len, cut)) <= max(2 * LONGEST, len(max(words.split(), key=len)))
