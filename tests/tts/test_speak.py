"""From text to the file for air, with the real trial voice."""

import io
import tempfile
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import soundfile

from tests.support.tracks import tones
from tts.engines.tone import SYLLABLE
from tts.errors import EngineError, SpeechError
from tts.loudness import loudness
from tts.opus import decode
from tts.qa import OVERVIEW, listen
from tts.script import Part, Recorded, Words
from tts.speak import MOST_INLINE, Cancelled, Progress, Spoken, Stage, compose, emergency, speak
from tts.text.sentences import LONGEST, paragraphs

BULLETINS = Path(__file__).parents[1] / "data" / "bulletins"
NAMES = sorted(path.stem for path in BULLETINS.glob("0?-*.txt") if "." not in path.stem)
STORM = "02-khan-cap-bao"
SWINDLE = "04-canh-giac-lua-dao"


def text(name: str) -> str:
    return (BULLETINS / f"{name}.txt").read_text(encoding="utf-8")


@cache
def spoken(name: str) -> Spoken:
    return speak(text(name))


@pytest.mark.parametrize("name", [STORM, SWINDLE])
def test_a_bulletin_is_spoken_loud_enough_and_without_clipping(name: str) -> None:
    facts = spoken(name).quality
    assert listen(spoken(name).ogg, timings=spoken(name).timings).quality == facts
    assert facts.faults == ()
    assert facts.lufs == pytest.approx(-16, abs=0.5)
    assert facts.true_peak <= -1
    assert facts.clipped == 0
    assert facts.kilobits == pytest.approx(24, abs=3)


@pytest.mark.parametrize("name", NAMES)
def test_the_trial_voice_speaks_170_to_200_syllables_a_minute_with_the_pauses(name: str) -> None:
    timings = spoken(name).timings
    syllables = sum(timing.syllables for timing in timings)
    assert 170 <= syllables / (timings[-1].end - timings[0].start) * 60 <= 200


def test_a_neural_voice_speaks_as_it_speaks() -> None:
    said = speak("Bà con chú ý.", engine="tone")
    assert said.timings[0].end - said.timings[0].start == pytest.approx(4 * SYLLABLE, abs=0.06)


def test_every_sentence_is_heard_where_its_timing_says() -> None:
    said = spoken(STORM)
    sound = decode(said.ogg).data
    assert " ".join(timing.sentence for timing in said.timings) == said.readings[0].spoken.replace("\n", " ")
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
    assert said.readings == spoken(STORM).readings


def test_an_emergency_too_long_for_a_message_says_how_short_it_must_be() -> None:
    with pytest.raises(SpeechError, match="rút gọn còn dưới 40 giây"):
        emergency(text(STORM) * 4, engine="tone")


def test_the_same_text_is_the_same_file() -> None:
    once, again = speak("Bà con chú ý.", engine="tone"), speak("Bà con chú ý.", engine="tone")
    assert once.ogg == again.ogg
    assert once.sha256 == again.sha256 != speak("Bà con chú ý!", engine="tone", voice="high").sha256


@pytest.mark.parametrize("engine", ["tone", "espeak"])
def test_how_many_hands_work_does_not_change_a_byte(engine: str, tmp_path: Path) -> None:
    made = [
        speak(text(STORM), engine=engine, workers=workers, master=tmp_path / f"{workers}.flac")
        for workers in (1, 2, 5)
    ]
    assert len({each.ogg for each in made}) == 1
    assert len({(each.quality, each.overview, each.timings) for each in made}) == 1
    assert len({(tmp_path / f"{workers}.flac").read_bytes() for workers in (1, 2, 5)}) == 1


def test_the_master_is_kept_in_full_band_as_long_as_the_sound(tmp_path: Path) -> None:
    said = speak("Bà con chú ý.", engine="espeak", master=tmp_path / "master.flac")
    data, rate = soundfile.read(tmp_path / "master.flac")
    assert (data.ndim, rate) == (1, 48_000)
    assert len(data) / rate == pytest.approx(said.seconds, abs=0.001)


def test_without_a_place_for_the_master_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    speak("Bà con chú ý.", engine="tone")
    with pytest.raises(EngineError):
        speak("Bà con chú ý.", engine="nobody")
    assert list(tmp_path.iterdir()) == []


def test_a_bulletin_begins_and_ends_with_a_chime() -> None:
    said = speak("Bà con chú ý.", engine="tone")
    overview = said.overview
    assert said.timings[0].start == pytest.approx(2.4, abs=0.05)
    assert said.seconds - said.timings[-1].end == pytest.approx(2.6, abs=0.05)
    assert max(overview[: 2 * OVERVIEW]) > 60
    assert max(overview[-2 * OVERVIEW :]) > 60


def test_a_market_is_spoken_to_louder_and_the_preset_is_told() -> None:
    village, market = (speak("Bà con chú ý.", engine="tone", preset=preset) for preset in ("quiet", "market"))
    assert (village.preset, market.preset) == ("quiet", "market")
    assert market.quality.lufs == pytest.approx(-14, abs=0.5)
    assert market.quality.faults == village.quality.faults == ()
    with pytest.raises(SpeechError, match=r"quiet.*market"):
        speak("Bà con chú ý.", engine="tone", preset="disco")


def test_numbers_are_said_twice_only_if_asked() -> None:
    words = "Gọi ngay 113."
    assert [t.sentence for t in speak(words, engine="tone").timings] == ["gọi ngay một một ba."]
    twice = speak(words, engine="tone", twice=True)
    assert [t.sentence for t in twice.timings] == ["gọi ngay một một ba, nhắc lại, một một ba."]


def khmer(seconds: float, level: float) -> bytes:
    """A file that staff bring along: a voice nobody here can synthesise, so any sound will do."""
    file = io.BytesIO()
    soundfile.write(file, tones(seconds, level).data, 48_000, format="WAV", subtype="PCM_16")
    return file.getvalue()


def test_two_languages_make_one_sound_mastered_as_one(tmp_path: Path) -> None:
    parts: list[Part] = [Words("Bà con chú ý. Nước lên nhanh."), Recorded(khmer(13, 0.02), "Bản tiếng Khmer")]
    said = compose(parts, master=tmp_path / "master.flac")
    vietnamese, rising, brought = said.timings
    assert (vietnamese.sentence, rising.sentence) == ("bà con chú ý.", "nước lên nhanh.")
    assert (brought.sentence, brought.syllables) == ("Bản tiếng Khmer", 0)
    assert brought.start - rising.end == pytest.approx(1.2, abs=0.05)
    assert brought.end - brought.start == pytest.approx(13, abs=0.01)
    assert said.quality.faults == ()
    assert said.quality.paces[2] is None
    heard = decode(said.ogg).data
    spoken_part = heard[int(vietnamese.start * 48_000) : int(rising.end * 48_000)]
    brought_part = heard[int(brought.start * 48_000) : int(brought.end * 48_000)]
    assert loudness(brought_part) == pytest.approx(loudness(spoken_part), abs=2)
    assert (said.engine, len(said.readings)) == ("espeak", 1)


def test_a_recording_alone_is_mastered_and_listened_to_as_speech_is() -> None:
    said = compose([Recorded(khmer(6, 0.6), "Bài hát địa phương")])
    assert said.quality.lufs == pytest.approx(-16, abs=0.5)
    assert said.quality.true_peak <= -1
    assert said.quality.faults == ()
    assert (said.engine, said.voice, said.readings) == ("", "", ())
    assert len(said.overview) == pytest.approx(said.seconds * OVERVIEW, abs=1)


def test_a_part_that_is_no_sound_is_refused() -> None:
    with pytest.raises(SpeechError, match="không phải âm thanh"):
        compose([Words("Bà con chú ý.", "tone"), Recorded(b"PK\x03\x04", "Bản tiếng Khmer")])


def test_progress_is_told_in_order() -> None:
    told: list[Progress] = []
    speak("Một. Hai. Ba.", engine="tone", progress=told.append)
    assert [(step.stage, step.done, step.total) for step in told] == [
        (Stage.READING, 0, 1),
        *((Stage.SPEAKING, done, 3) for done in range(4)),
        *((Stage.MASTERING, done, 5) for done in range(6)),  # with the two chimes
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


def test_a_foreign_word_counts_the_syllables_it_is_spoken_in() -> None:
    said = speak("Xem infographic và gửi email ngay.", engine="tone")
    assert [timing.syllables for timing in said.timings] == [2 + 4 + 2 + 2]
