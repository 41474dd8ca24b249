"""Finding the article in what was pasted."""

import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.imports.article import find_article
from studio.imports.found import Unreadable

BULLETINS = Path(__file__).parents[1] / "data" / "bulletins"
PAGE = (BULLETINS / "bao-phap-luat-ca-mau.txt").read_text(encoding="utf-8")
HEADLINE = "Đẩy mạnh chuyển đổi số trong công tác phổ biến, giáo dục pháp luật ở Cà Mau"
TYPED = sorted(path for path in BULLETINS.glob("0*.txt") if ".spoken" not in path.name)

ANOTHER_PAGE = """Trang chủ
Thời sự
Pháp luật
Thứ Hai, 03/11/2025 07:15
Xã Đất Mũi hỗ trợ bà con làm thẻ căn cước tại nhà
Theo dõi chúng tôi trên Google News
Trong ba ngày cuối tuần, tổ công tác của Công an xã đã đến từng ấp để làm thẻ căn cước cho người già yếu và trẻ em.

Anh Lê Văn Tám, ấp Cồn Mũi, cho biết gia đình không phải đi xa, thủ tục nhanh và cán bộ hướng dẫn rất tận tình, chu đáo.
Ảnh: Minh Quân
Đến nay đã có 214 người được cấp thẻ, còn khoảng 60 người nữa sẽ được phục vụ trong tuần tới theo lịch của từng ấp.
Bà con cần hỏi thêm xin gọi số 113.
Minh Quân
Tin bài khác
Khởi tố nhóm đối tượng trộm tôm giống của người nuôi
Khởi tố nhóm đối tượng trộm tôm giống của người nuôi
Cơ quan Cảnh sát điều tra vừa khởi tố ba đối tượng về tội trộm cắp tài sản sau nhiều tháng theo dõi trên địa bàn.
"""


def test_the_article_of_a_newspaper_page_is_found() -> None:
    article = find_article(PAGE)
    assert article.title == HEADLINE
    assert article.body.startswith("Trong xu thế chuyển đổi số toàn diện")
    assert article.body.endswith("tại Cà Mau trong giai đoạn phát triển mới”.")
    assert len(article.body.split("\n")) == 17


def test_headings_of_the_article_stay_and_its_caption_goes() -> None:
    article = find_article(PAGE)
    assert "Nâng cao năng lực, phát huy vai trò các sở, ngành, địa phương" in article.body.split("\n")
    assert "Thời gian qua, Sở Tư pháp đã tổ chức nhiều cuộc Hội nghị" not in article.body
    assert HEADLINE not in article.body
    assert any(line.startswith("Thời gian qua, Sở Tư pháp") for line in article.left_out)


@pytest.mark.parametrize(
    "other", ["An Giang", "Tô Lâm", "Quảng Ninh", "°C", "30/10/2025", "Trọng Nghĩa", "Tin bài khác"]
)
def test_nothing_from_around_the_article_is_in_it(other: str) -> None:
    article = find_article(PAGE)
    assert other not in article.body
    assert other in "\n".join(article.left_out)


@pytest.mark.parametrize("page", [PAGE, ANOTHER_PAGE], ids=["newspaper", "another"])
def test_every_line_is_title_body_or_left_out(page: str) -> None:
    article = find_article(page)
    told = [article.title, *article.body.split("\n"), *article.left_out]
    assert sorted(told) == sorted(" ".join(line.split()) for line in page.split("\n") if line.strip())


def test_another_page_of_another_paper_is_found_too() -> None:
    article = find_article(ANOTHER_PAGE)
    assert article.title == "Xã Đất Mũi hỗ trợ bà con làm thẻ căn cước tại nhà"
    assert article.body.startswith("Trong ba ngày cuối tuần")
    assert (
        article.body.endswith("Bà con cần hỏi thêm xin gọi số 113.") is False
        or len(article.body.split("\n")) == 4
    )
    assert "trộm tôm" not in article.body
    assert "Ảnh: Minh Quân" in article.left_out


@pytest.mark.parametrize("bulletin", TYPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_bulletin_that_staff_typed_comes_back_whole(bulletin: Path, form: Literal["NFC", "NFD"]) -> None:
    text = bulletin.read_text(encoding="utf-8")
    article = find_article(unicodedata.normalize(form, text))
    assert f"{article.title}\n{article.body}".split() == text.split()
    assert article.left_out == ()
    assert article.title.isupper()


@pytest.mark.parametrize("nothing", ["", "  \n\t", "123 456\n---", "\x00\x01"])
def test_a_page_without_a_word_is_refused(nothing: str) -> None:
    with pytest.raises(Unreadable, match="hãy dán nội dung"):
        find_article(nothing)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_a_file_pasted_as_text_is_refused(encoding: str) -> None:
    binary = (b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256))) * 20
    with pytest.raises(Unreadable, match="không phải văn bản"):
        find_article(binary.decode(encoding, errors="replace"))


@given(st.text(max_size=400))
def test_any_text_is_an_article_or_refused(text: str) -> None:
    try:
        article = find_article(text)
    except Unreadable as error:
        assert "hãy" in str(error)
    else:
        assert article.body
