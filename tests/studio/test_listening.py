"""What a page shows of a sound while it is heard."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.models.users import Role
from studio.services import Services
from studio.speaker import Speaker
from studio.web.listening import COLUMNS, HEIGHT, listening, wave
from tts.qa import Quality

TEXT = "Mời bà con họp. Xin nhớ mang theo căn cước."
TIMINGS = [
    {"sentence": "mời bà con họp.", "start": 1.5, "end": 2.5, "syllables": 4},
    {"sentence": "xin nhớ mang theo căn cước.", "start": 3.0, "end": 3.5, "syllables": 6},
]


def quality(**facts: Any) -> dict[str, Any]:
    usual = {"lufs": -16.0, "true_peak": -1.4, "clipped": 0, "clipped_share": 0.0, "longest_silence": 0.6}
    told = Quality.model_validate(usual | {"seconds": 4.0, "kilobits": 24.0, "paces": (0.25, 0.083)} | facts)
    return told.model_dump(mode="json")


@given(st.binary(max_size=2000))
def test_a_wave_stays_within_its_frame(overview: bytes) -> None:
    bars = re.findall(r"M([\d.]+) (\d+)v(\d+)", wave(overview))
    assert len(bars) == min(COLUMNS, len(overview))
    for across, top, tall in bars:
        assert 0 <= float(across) <= COLUMNS
        assert 0 <= int(top) <= int(top) + int(tall) <= HEIGHT


def test_loud_stands_taller_than_soft() -> None:
    heights = [int(tall) for tall in re.findall(r"v(\d+)", wave(bytes([255] * 480 + [64] * 480)))]
    assert heights[0] > 3 * heights[-1] > 0


def test_what_was_measured_is_said_in_words() -> None:
    facts = dict(listening(quality(), TIMINGS, b"", lufs=-16.0).facts)
    assert facts["Độ to"] == "vừa (−16,0 LUFS)"
    assert facts["Đỉnh âm"] == "đạt (−1,4 dBTP)"
    assert facts["Vỡ tiếng"] == "không"
    assert facts["Lặng lâu nhất"] == "0,6 giây"
    assert facts["Nhịp đọc"] == "0,08–0,25 giây một tiếng; nhanh nhất câu 2, chậm nhất câu 1"


@pytest.mark.parametrize(
    ("wrong", "name", "told"),
    [
        ({"lufs": -17.0}, "Độ to", "quá nhỏ (−17,0 LUFS)"),
        ({"lufs": -14.0}, "Độ to", "quá to (−14,0 LUFS)"),
        ({"true_peak": -0.4}, "Đỉnh âm", "quá cao (−0,4 dBTP)"),
        ({"clipped": 3}, "Vỡ tiếng", "3 mẫu bị cắt đỉnh"),
        ({"longest_silence": 5.25}, "Lặng lâu nhất", "5,2 giây, quá lâu"),
    ],
)
def test_what_is_not_as_it_should_be_is_said_so(wrong: dict[str, Any], name: str, told: str) -> None:
    assert dict(listening(quality(**wrong), TIMINGS, b"", lufs=-16.0).facts)[name] == told


def test_a_sentence_that_was_perhaps_not_said_right_is_marked() -> None:
    fault = "Câu 2 «xin nhớ mang theo căn cước.» đọc quá nhanh (0,08 giây một tiếng), có thể mất chữ."
    heard = listening(quality(faults=(fault,)), TIMINGS, b"", lufs=-16.0)
    assert [sentence.faulty for sentence in heard.sentences] == [False, True]
    assert heard.faults == (fault,)


def test_the_page_of_a_bulletin_has_its_sound_sentence_by_sentence(
    logged_in: Any, services: Services
) -> None:
    lan = logged_in("lan", Role.OFFICER)
    lan.post("/ban-tin/moi", title="Mời họp", text=TEXT)
    assert "data-listening" not in lan.get("/ban-tin/1")
    lan.post("/ban-tin/1/doc", voice="")
    assert Speaker(services.engine, services.sounds, "trạm/1", services.now).work_once()
    page = lan.get("/ban-tin/1")
    sentences = re.findall(
        r'href="/sounds/[0-9a-f]{64}\.ogg#t=([\d.]+)" data-start="\1".*?</span>([^<]+)</a>', page
    )
    assert [words for _, words in sentences] == ["mời bà con họp.", "xin nhớ mang theo căn cước."]
    assert 0 < float(sentences[0][0]) < float(sentences[1][0])
    assert "Máy đo không thấy lỗi nào" in page
