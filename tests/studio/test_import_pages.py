"""«Nhập từ tệp / dán trang báo» on the form of a bulletin: shown beside the original, and nothing typed is lost."""

import re
import sys
import threading
from dataclasses import replace
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from studio.drafts import LONGEST_TEXT
from studio.imports.apart import Apart
from studio.models.users import Role
from studio.services import Services
from studio.web.app import create_app
from studio.web.shell import LARGEST_UPLOAD
from tests.support import papers
from tests.support.papers import HEADLINE, PARAGRAPHS

TYPED: Any = {"title": "Tên đã gõ", "text": "Lời mở đầu đã gõ."}


@pytest.fixture
def lan(logged_in: Any) -> Any:
    return logged_in("lan", Role.OFFICER)


def bring(
    person: Any, data: bytes | None = None, *, status: int = 200, name: str = "tin", **fields: str
) -> str:
    """Send the form as a browser does, with a file or without."""
    files = {"file": (name if data else "", data or b"", "application/octet-stream")}
    answer = person.client.post("/ban-tin/nhap", data={"csrf": person.csrf(), **fields}, files=files)
    assert answer.status_code == status, answer.text[:3000]
    return str(answer.text)


def choices(page: str) -> dict[str, dict[str, str]]:
    """What each button of the page would take: its label, and the fields of its form."""
    told = {}
    for form in re.findall(r'<form method="post" action="/ban-tin/nhap/lay">(.*?)</form>', page, re.S):
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', form, re.S))
        label = re.search(r"<button[^>]*>(.*?)</button>", form)
        assert label
        told[label[1]] = {name: unescape(value) for name, value in fields.items() if name != "csrf"}
    return told


def typed_in(page: str) -> tuple[str, str]:
    """What the form holds: title and text."""
    title = re.search(r'<input id="title"[^>]*? value="(.*?)"', page)
    text = re.search(r'<textarea id="text".*?>\n(.*?)</textarea>', page, re.S)
    assert title
    assert text
    return unescape(title[1]), unescape(text[1])


@pytest.mark.parametrize(
    "data",
    [papers.newspaper(), papers.saved_whole(papers.newspaper()), papers.PASTED.encode()],
    ids=["html", "mhtml", "txt"],
)
def test_the_article_goes_from_a_file_into_the_form_and_becomes_a_bulletin(lan: Any, data: bytes) -> None:
    page = bring(lan, data)
    assert "Bài viết tìm thấy" in page
    assert "Chưa có gì được lưu" in page
    taken = choices(page)["Lấy bài viết"]
    form = lan.post("/ban-tin/nhap/lay", **taken)
    title, text = typed_in(form)
    assert title == HEADLINE
    assert text.split("\n") == [HEADLINE, *PARAGRAPHS]
    assert "Đã lưu bản tin" in lan.post("/ban-tin/moi", title=title, text=text)


def test_what_was_left_out_is_shown_among_the_lines_of_the_original(lan: Any) -> None:
    page = bring(lan, papers.newspaper(), name="bao <b>.html")
    original = page[page.index('id="original"') :]
    assert '<p class="left-out"><s>Thời sự</s></p>' in original
    assert f'<p class="lead">{HEADLINE}</p>' in original
    assert f"<p>{PARAGRAPHS[1]}</p>" in original
    assert "trang web (HTML) «bao &lt;b&gt;.html»" in page
    found = page[page.index('id="found"') : page.index('id="original"')]
    assert "Thời sự" not in found
    assert PARAGRAPHS[-1] in found


def test_everything_can_be_taken_with_what_was_left_out(lan: Any) -> None:
    whole = choices(bring(lan, papers.newspaper()))["Lấy toàn bộ, cả dòng đã bỏ"]["text"]
    assert whole.startswith("Trang chủ\n")
    assert PARAGRAPHS[0] in whole


def test_what_was_typed_stays_before_what_is_taken(lan: Any) -> None:
    page = bring(lan, papers.word(papers.announcement), **TYPED)
    assert "Phần bạn đã gõ được giữ ở đầu" in page
    taken = choices(page)["Lấy bài viết"]
    assert taken["title"] == TYPED["title"]
    assert taken["text"].startswith("Lời mở đầu đã gõ.\n\nỦY BAN NHÂN DÂN")


def test_going_back_loses_nothing(lan: Any) -> None:
    back = choices(bring(lan, pasted=papers.PASTED, **TYPED))["Bỏ qua, quay lại"]
    form = lan.post("/ban-tin/nhap/lay", **back)
    assert typed_in(form) == (TYPED["title"], TYPED["text"])
    assert "Đẩy mạnh ứng dụng công nghệ" in form[form.index('id="pasted"') : form.index('id="text"')]


def test_a_pasted_page_is_searched(lan: Any) -> None:
    taken = choices(bring(lan, pasted=papers.PASTED, **TYPED))["Lấy bài viết"]
    assert taken["text"].split("\n") == [TYPED["text"], "", HEADLINE, *PARAGRAPHS]


def test_a_page_pasted_into_the_wrong_box_is_searched_as_well(lan: Any) -> None:
    taken = choices(bring(lan, text=papers.PASTED))["Lấy bài viết"]
    assert taken["text"].split("\n") == [HEADLINE, *PARAGRAPHS]


def test_a_bulletin_with_nothing_around_it_has_nothing_to_choose(lan: Any) -> None:
    page = bring(lan, pasted="MỜI HỌP\nMời bà con họp lúc 7h30.")
    assert list(choices(page)) == ["Đưa vào bản tin", "Bỏ qua, quay lại"]
    assert "Không bỏ dòng nào" in page


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (papers.scanned(), "là ảnh quét (2 trang)"),
        (papers.picture(), "tệp ảnh"),
        (b"PK\x03\x04 hong", "bị hỏng"),
        (b"%PDF-1.7 hong", "bị hỏng"),
        (b" " * 50, "Tệp rỗng"),
        (b"Luat " * 5_000_000, "tối đa 20 MB"),
    ],
    ids=["scan", "picture", "docx", "pdf", "empty", "25 MB"],
)
def test_what_cannot_be_read_is_said_beside_the_file_and_what_was_typed_stays(
    lan: Any, data: bytes, why: str
) -> None:
    page = bring(lan, data, status=422, pasted="Trang đã dán", **TYPED)
    assert why in page[page.index('id="file-error"') :]
    assert '<details class="import" open>' in page
    assert typed_in(page) == (TYPED["title"], TYPED["text"])
    assert "Trang đã dán" in page


def test_nothing_brought_along_is_said_beside_the_box(lan: Any) -> None:
    assert 'id="pasted-error"' in bring(lan, status=422, title=TYPED["title"])


def test_a_warning_is_shown_before_anything_is_taken(lan: Any) -> None:
    page = bring(lan, "Céng hoµ x· héi chñ nghÜa ViÖt Nam, ®éc lËp, tù do, h¹nh phóc.".encode("cp1252"))
    assert "bảng mã cũ TCVN3" in page
    assert "Cộng hoà xã hội chủ nghĩa Việt Nam" in page


def test_an_article_that_is_too_long_is_announced(lan: Any) -> None:
    long = "\n".join(f"{n}. {PARAGRAPHS[0]}" for n in range(LONGEST_TEXT // 300))
    page = bring(lan, pasted=long)
    assert "một bản tin tối đa 60.000 ký tự" in page
    assert len(choices(page)["Đưa vào bản tin"]["text"]) > LONGEST_TEXT


def test_reloading_leads_back_to_the_form(lan: Any) -> None:
    assert "Soạn bản tin</h1>" in lan.get("/ban-tin/nhap")


@pytest.mark.parametrize("address", ["/ban-tin/nhap", "/ban-tin/nhap/lay"])
def test_only_who_writes_bulletins_brings_some_in(logged_in: Any, browser: Any, address: str) -> None:
    leaderless = logged_in("ky-thuat", Role.TECHNICIAN)
    assert "dành cho" in leaderless.post(address, status=403, pasted="Xin chào", text="Xin chào")
    page = browser().post(address, status=401, pasted="Xin chào bà con")
    assert "Đăng nhập ở thẻ mới" in page
    assert "Xin chào bà con</textarea>" in page, "what was pasted is not lost with the log-in"
    without_token = logged_in("lan", Role.OFFICER).client.post(address, data={"pasted": "Xin chào"})
    assert without_token.status_code == 403


def test_a_form_without_a_token_is_refused_also_with_a_file(lan: Any) -> None:
    answer = lan.client.post("/ban-tin/nhap", files={"file": ("tin.txt", b"Xin chao")})
    assert answer.status_code == 403


def test_more_than_any_file_is_refused_before_it_is_read(lan: Any) -> None:
    connection = HTTPConnection(lan.client.base_url.host, lan.client.base_url.port, timeout=20)
    connection.request("POST", "/ban-tin/nhap", headers={"Content-Length": str(LARGEST_UPLOAD + 1)})
    answer = connection.getresponse()
    assert answer.status == 413
    assert "lớn hơn 64 MB" in answer.read().decode()
    connection.close()


def test_nobody_waits_while_a_file_is_read(
    server: Any, services: Services, lan: Any, logged_in: Any, tmp_path: Path
) -> None:
    """Parsing can take half a minute: meanwhile others write, also on SQLite, which has one writer at a time."""
    begun, gate = tmp_path / "begun", tmp_path / "gate"
    slow = (
        "import pathlib, time\n"
        f"pathlib.Path({str(begun)!r}).touch()\n"
        f"while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.01)\n"
        'print(\'{"refused": "Hãy thử lại."}\')'
    )
    hung = logged_in("hung", Role.OFFICER)
    server.app = create_app(replace(services, imports=Apart(command=(sys.executable, "-c", slow))))
    told: list[str] = []
    thread = threading.Thread(target=lambda: told.append(bring(lan, b"Xin chao", status=422)))
    thread.start()
    tick = threading.Event()
    while not begun.exists():
        tick.wait(0.01)
    try:
        assert "Đã lưu bản tin" in hung.post("/ban-tin/moi", title="Mời họp", text="Mời bà con họp.")
        assert told == []
    finally:
        gate.touch()
        thread.join(20)
    assert "Hãy thử lại." in told[0]
