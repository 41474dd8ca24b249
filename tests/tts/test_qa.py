"""What is heard in a finished sound, and which faults are named by their sentence."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.support.tracks import tones, track_of
from tts.finish import Air, finish
from tts.opus import encode
from tts.presets import QUIET
from tts.qa import OVERVIEW, Hearing, Timing, listen, measure
from tts.sound import RATE, Sound, join, pause
from tts.track import sentence_piece
from tts.workers import Workers


def sentence(words: int, start: float, end: float, name: str = "bà con chú ý") -> Timing:
    return Timing(sentence=name, start=start, end=end, syllables=words)


def heard(folder: Path, seconds: Sequence[float], timings: Sequence[Timing], level: float = 0.3) -> Hearing:
    """Listen to one sound of so many seconds, mastered, with these timings."""
    pieces = [sentence_piece(tones(each, level), 0.0) for each in seconds]
    with Workers() as workers:
        return finish(track_of(folder, pieces), Air(QUIET, timings=timings), workers).hearing


def test_what_is_wrong_with_a_sound_is_named() -> None:
    loud = measure(encode(Sound(np.clip(tones(2).data * 9, -1, 1))))
    assert any("LUFS" in fault for fault in loud.faults)
    assert any("dBTP" in fault for fault in loud.faults)
    assert measure(encode(pause(1))).faults == ("Bản ghi không có tiếng; hãy tạo lại.",)


def test_clipping_is_counted_and_given_as_a_share() -> None:
    square = Sound(np.where(np.arange(RATE) // 60 % 2, 1.0, -1.0).astype(np.float32))
    quality = measure(encode(square, 96))
    assert quality.clipped > 100
    assert quality.clipped_share == pytest.approx(quality.clipped / RATE, abs=1e-5)
    assert any(f"Có {quality.clipped} mẫu bị cắt đỉnh" in fault for fault in quality.faults)


def test_a_silence_that_lasts_is_a_fault() -> None:
    gap = measure(encode(join([tones(2), pause(6), tones(2)])))
    assert [fault for fault in gap.faults if "im lặng" in fault]
    assert gap.longest_silence == pytest.approx(6, abs=0.6)


def test_sentences_at_one_pace_are_no_fault(tmp_path: Path) -> None:
    hearing = heard(tmp_path, [6], [sentence(10, 0, 3), sentence(9, 3, 6), sentence(1, 5.5, 6, "hết")])
    assert hearing.quality.faults == ()
    assert hearing.quality.paces == (0.3, 0.333, 0.5)


@pytest.mark.parametrize(
    ("words", "what"), [(30, "quá nhanh.*có thể mất chữ"), (4, "quá chậm.*thừa hoặc lặp chữ")]
)
def test_dropped_and_babbled_words_are_found_and_the_sentence_named(
    tmp_path: Path, words: int, what: str
) -> None:
    timings = [sentence(10, 0, 3), sentence(words, 3, 6, "ủy ban nhân dân xã thông báo"), sentence(10, 6, 9)]
    [fault] = heard(tmp_path, [9], timings).quality.faults
    assert fault.startswith("Câu 2 «ủy ban nhân dân xã thông báo»")
    assert re.search(what, fault)


def test_a_sentence_nobody_hears_is_found(tmp_path: Path) -> None:
    silent = join([tones(3), pause(2), tones(3)])
    with Workers() as workers:
        timings = [sentence(10, 0, 3), sentence(7, 3, 5, "câu bị mất"), sentence(10, 5, 8)]
        track = track_of(tmp_path, [sentence_piece(silent, 0.0)])
        quality = finish(track, Air(QUIET, timings=timings), workers).hearing.quality
    assert quality.faults == ("Câu 2 «câu bị mất» gần như không nghe thấy; hãy đọc lại câu này.",)


def test_a_recording_that_was_brought_along_has_no_pace(tmp_path: Path) -> None:
    hearing = heard(tmp_path, [5], [sentence(0, 0, 5, "Bản tiếng Khmer")])
    assert hearing.quality.paces == (None,)
    assert hearing.quality.faults == ()


def test_the_wave_is_drawn_in_outline() -> None:
    ogg = encode(join([pause(1), Sound(tones(2).data * np.float32(1.5)), pause(1)]))
    overview = np.frombuffer(listen(ogg).overview, dtype=np.uint8)
    assert len(overview) == 4 * OVERVIEW
    assert overview[: OVERVIEW - 2].max() <= 2
    assert overview[OVERVIEW : 3 * OVERVIEW].max() > 100
    assert overview[3 * OVERVIEW + 2 :].max() <= 2


def test_a_voice_that_was_broken_before_mastering_is_named(tmp_path: Path) -> None:
    broken = Sound(np.clip(tones(3).data * 9, -1, 1))
    with Workers() as workers:
        quality = finish(
            track_of(tmp_path, [sentence_piece(broken, 0.0)]), Air(QUIET), workers
        ).hearing.quality
    assert quality.clipped == 0
    assert quality.clipped_before > 0.01
    assert any("Âm thanh gốc bị vỡ tiếng" in fault for fault in quality.faults)
