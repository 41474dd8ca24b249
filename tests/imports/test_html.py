"""Saved web pages: the article inside menus and related links."""

import pytest

from studio.imports import html, mhtml, readers
from studio.imports.found import Found, Kind, Part, Unreadable
from tests.support.papers import HEADLINE, PARAGRAPHS, RELATED, WEATHER, newspaper, saved_whole

FIRST = "Trong ba ngày cuối tuần, tổ công tác của Công an xã đến từng ấp làm thẻ căn cước cho người già yếu và trẻ em."
SECOND = "Anh Lê Văn Tám, ấp Cồn Mũi, cho biết gia đình không phải đi xa, thủ tục nhanh, cán bộ hướng dẫn rất tận tình."
THIRD = "Đến nay đã có 214 người được cấp thẻ, còn khoảng 60 người nữa sẽ được phục vụ tuần tới theo lịch từng ấp."
LAST = "Bà con cần hỏi thêm xin gọi số 113."
LEAD = "Từ ngày 3 đến ngày 5/11, xã tổ chức làm thẻ căn cước lưu động tại các ấp."
TITLE = "Xã Đất Mũi hỗ trợ bà con làm thẻ căn cước tại nhà"
OTHER = "Khởi tố nhóm đối tượng trộm tôm giống của người nuôi"
STORY = "Cơ quan Cảnh sát điều tra vừa khởi tố ba đối tượng về tội trộm cắp tài sản sau nhiều tháng theo dõi địa bàn."

OLD_SITE = f"""<html><head><title>{TITLE} - Trang tin xã</title></head><body><table><tr>
<td><a href=/>Trang chủ</a><br><a href=/a>Giới thiệu</a><br><a href=/b>Tin tức</a></td>
<td><div class=title>{TITLE}</div><div>{LEAD}</div><div>{FIRST}<br>{SECOND}<br><br>{THIRD}</div>
<table><tr><th>Ngày</th><th>Ấp</th></tr><tr><td>3/11</td><td>Cồn Mũi</td></tr></table><div>{LAST}</div>
<div class=related><a href=/x>{OTHER}</a><br><a href=/y>Hội thi nấu bánh tét của phụ nữ xã</a></div></td>
</tr></table><div>Bản quyền thuộc UBND xã</div></body></html>"""

MODERN = f"""<html><head><meta property=og:title content="{TITLE}"></head><body>
<div class=menu><a href=/>Trang chủ</a></div><div class=featured><a href=/1>{TITLE}</a></div>
<div class=main><h1>{TITLE}</h1><h2 class=sapo>{LEAD}</h2><div class=detail>
<p>{FIRST}</p><div class="relate-inline"><a href=/x>{OTHER}</a></div><p>{SECOND}</p>
<table class=pic><tr><td><img src=a.jpg></td></tr><tr><td>Ảnh: Minh Quân</td></tr></table><p>{THIRD}</p>
<ul><li>Ấp Cồn Mũi: ngày 3/11</li></ul><p>{LAST}</p></div></div>
<div class=box><h3>Tin cùng chuyên mục</h3><div><a href=/x>{OTHER}</a><p>{STORY}</p></div></div></body></html>"""


def parts(found: Found, part: Part) -> list[str]:
    return [line.text for line in found.lines if line.part is part]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_article_of_a_saved_newspaper_page_is_found(encoding: str) -> None:
    found = html.read(newspaper(encoding))
    assert found.title == HEADLINE
    assert found.body.split("\n") == PARAGRAPHS
    assert found.warnings == ()


@pytest.mark.parametrize("transfer", ["quoted-printable", "base64"])
def test_a_page_saved_whole_is_read_like_the_page(transfer: str) -> None:
    found = mhtml.read(saved_whole(newspaper(), transfer))
    assert found.kind is Kind.MHTML
    assert (found.title, found.body.split("\n")) == (HEADLINE, PARAGRAPHS)


def test_menu_weather_and_related_stories_are_shown_as_left_out() -> None:
    found = html.read(newspaper())
    left = set(found.left_out)
    assert {"Trang chủ", "Thời sự", "© Báo Pháp luật Việt Nam"} <= left
    assert {line for line in (*WEATHER, *RELATED) if line != HEADLINE} <= {line.strip("; ") for line in left}
    assert not left & set(PARAGRAPHS)


def test_what_a_page_hides_is_not_part_of_it() -> None:
    whole = html.read(newspaper()).whole
    for hidden in ("Không ai đọc", "color: red", "Quảng cáo ẩn", "var hidden"):
        assert hidden not in whole


@pytest.mark.parametrize("page", [OLD_SITE, MODERN], ids=["laid out in tables", "divisions"])
def test_other_sites_are_read_too(page: str) -> None:
    found = html.read(page.encode())
    assert found.title == TITLE
    assert parts(found, Part.TITLE) == [TITLE]
    body = found.body.split("\n")
    assert [line for line in body if line in (LEAD, FIRST, SECOND, THIRD, LAST)] == [
        LEAD,
        FIRST,
        SECOND,
        THIRD,
        LAST,
    ]
    assert not {"Trang chủ", "Tin tức", OTHER, STORY, "Ảnh: Minh Quân", "Tin cùng chuyên mục"} & set(body)


def test_a_row_of_data_is_one_line() -> None:
    assert "3/11; Cồn Mũi" in html.read(OLD_SITE.encode()).body.split("\n")


def test_the_headline_is_the_one_above_the_article_not_the_one_in_a_box_of_news() -> None:
    found = html.read(MODERN.encode())
    assert found.text.split("\n")[:2] == [TITLE, LEAD]
    assert found.left_out.count(TITLE) == 1


def test_a_page_in_an_old_code_page_is_rewritten() -> None:
    page = MODERN.replace("<head>", '<head><meta charset="windows-1252">')
    letters = str.maketrans(
        "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵĐ",
        "¸µ¶·¹¨¾»¼½Æ©ÊÇÈÉË®ÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\u00adøõö÷ùýúûüþ§",
    )
    old = page.translate(letters)
    found = html.read(old.encode("cp1252", "replace"))
    assert FIRST in found.body
    assert "TCVN3" in found.warnings[0]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<html><body><script>render()</script></body></html>", "không có phần chữ.*dán vào"),
        ("<html></html>", "không có phần chữ|bị hỏng hoặc trống"),
        ("<html><body>" + "<p>a</p>" * 30_000, "quá dài"),
    ],
)
def test_a_page_without_words_is_refused_with_a_way_out(page: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        html.read(page.encode())


def test_entities_of_a_page_are_not_unfolded() -> None:
    bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    page = (
        f'<!DOCTYPE html [<!ENTITY a0 "ha ha ha">{bomb}]><html><body><p>{FIRST}</p><p>&a9;</p></body></html>'
    )
    found = html.read(page.encode())
    assert FIRST in found.whole
    assert len(found.whole) < 2_000


def test_what_is_outside_of_a_page_is_not_fetched_nor_read() -> None:
    page = f'<!DOCTYPE html SYSTEM "file:///etc/passwd"><html><body><p>{FIRST}</p><iframe src="file:///etc/passwd"></iframe>'
    assert "root:" not in html.read(page.encode()).whole


def test_a_single_bad_byte_loses_no_page() -> None:
    found = readers.read(newspaper().replace("Trang chủ".encode(), b"Trang ch\xff\xfe"))
    assert found.body.split("\n") == PARAGRAPHS


@pytest.mark.parametrize(
    "spoilt",
    [
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\nnothing",
        b"MIME-Version: 1.0\n\n",
    ],
)
def test_a_spoilt_mhtml_is_refused(spoilt: bytes) -> None:
    with pytest.raises(Unreadable, match="bị hỏng hoặc tải về dở dang"):
        mhtml.read(spoilt)
