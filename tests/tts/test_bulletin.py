"""A bulletin is read with what people decided: their dictionary, and without the frame of the document."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.text.bulletin import Guide, read_bulletin
from tts.text.dictionary import Entry
from tts.text.furniture import furniture
from tts.text.reading import LEFT_OUT

NOTICE = """ỦY BAN NHÂN DÂN          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ KHÁNH AN              Độc lập - Tự do - Hạnh phúc
Số: 45/TB-UBND           Khánh An, ngày 20 tháng 10 năm 2026

THÔNG BÁO
Về việc cúp điện
Kính gửi: bà con ấp 3.
Độc lập - Tự do - Hạnh phúc là khát vọng của dân tộc.
Nơi nhận hồ sơ: trụ sở ấp.
Đề nghị bà con biết.

Nơi nhận:
- TT. Đảng ủy (b/c);
- Như trên;
- Lưu: VT.
TM. ỦY BAN NHÂN DÂN
KT. CHỦ TỊCH
PHÓ CHỦ TỊCH
(Đã ký)
Nguyễn Văn Bé Hai
"""
WORDS = """thông báo
về việc cúp điện
kính gửi: bà con ấp ba.
độc lập, tự do, hạnh phúc là khát vọng của dân tộc.
nơi nhận hồ sơ: trụ sở ấp.
đề nghị bà con biết."""


def said(text: str, *entries: tuple[str, str]) -> str:
    return read_bulletin(text, Guide(tuple(Entry(*entry, "của xã") for entry in entries))).spoken


def test_the_frame_of_a_document_is_not_spoken() -> None:
    reading = read_bulletin(NOTICE)
    assert reading.spoken == WORDS
    assert reading.warnings == ()
    silent = [span.source for span in reading.spans if span.rule == LEFT_OUT]
    assert len(silent) == 12
    assert silent[-1] == "Nguyễn Văn Bé Hai"


def test_a_line_of_the_frame_can_be_kept() -> None:
    spoken = read_bulletin(NOTICE, Guide(kept=("PHÓ CHỦ TỊCH",))).spoken
    assert spoken == f"{WORDS}\nphó chủ tịch"


@pytest.mark.parametrize(
    "text", ["TM. ỦY BAN NHÂN DÂN", "Nơi nhận:\n- Lưu: VT.", "CHỦ TỊCH\nCHỦ TỊCH\nCHỦ TỊCH\nCHỦ TỊCH"]
)
def test_a_text_that_is_all_frame_is_spoken(text: str) -> None:
    assert furniture(text) == ()


@given(st.text(st.sampled_from("Nơi hậ:\n-;TM. CHỦỊaă1/\t"), max_size=200))
def test_the_frame_is_made_of_whole_lines_and_never_of_all(text: str) -> None:
    found = furniture(text)
    assert all(
        "\n" not in text[start:end] and text[start:end].strip() == text[start:end] for start, end in found
    )
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(found))
    assert "".join(span.source for span in read_bulletin(text).spans) == text


def test_the_dictionary_comes_before_every_rule() -> None:
    assert (
        said("Bà con vùng TTĐ, CA xã.", ("TTĐ", "Tân Thành Đông"))
        == "bà con vùng tân thành đông, công an xã."
    )
    assert said("số 12/2024/NĐ-CP", ("12/2024/NĐ-CP", "mười hai")) == "số mười hai"


def test_the_longer_form_wins_and_then_the_first_dictionary() -> None:
    assert said("CA xã, CA", ("CA", "ca"), ("CA xã", "công an"), ("CA", "xê a")) == "công an, ca"


def test_an_entry_is_a_word_of_its_own_and_its_case_counts() -> None:
    assert said("NT và ANT, nt NT.", ("NT", "nông thôn")) == "nông thôn và a nờ tê, nờ tê nông thôn."


def test_an_entry_is_found_however_its_words_are_spaced() -> None:
    assert said("xã  Đất\u00a0Mũi", ("Đất Mũi", "mũi cà mau")) == "xã mũi cà mau"
    assert said("xã Đất\nMũi", ("Đất Mũi", "mũi cà mau")) == "xã đất\nmũi"


def test_an_entry_that_is_everywhere_or_nothing_harms_nobody() -> None:
    assert said("Ấp 3", ("", "không"), (" ", "không"), (".", "chấm"), ("3", "ba mươi")) == "ấp ba mươi"
