"""A bulletin comes from a file: an officer at a browser brings it, looks at what was found, takes it and saves it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.demo.station import Station
from tests.support import papers
from tests.support.at_the_browser import logged_in, shot
from tests.support.papers import HEADLINE, PARAGRAPHS

PRINTED = """<meta charset=utf-8><style>body {{ font: 13pt "DejaVu Serif"; text-align: justify }}
p {{ text-indent: 1cm; margin: 0 0 4pt }} table {{ width: 100% }} td {{ text-align: center; width: 62% }}</style>
<table><tr><td style="width: 38%">ỦY BAN NHÂN DÂN<br>XÃ TÂN LẬP<br>Số: 12/KH-UBND</td>
<td>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</td></tr></table>
<p style="text-align: center; text-indent: 0"><b>KẾ HOẠCH</b></p>{}"""


def bring(page: Page, station: Station, path: Path) -> None:
    page.goto(f"{station.url}/ban-tin/moi")
    page.get_by_text("Nhập từ tệp / dán trang báo").click()
    page.get_by_label("Chọn tệp").set_input_files(path)
    page.get_by_role("button", name="Tìm bài viết").click()


@pytest.mark.timeout(300)
def test_a_bulletin_is_brought_in_from_files(station: Station, browser: Browser, tmp_path: Path) -> None:
    officer = logged_in(browser, station, "canbo")
    files = {
        "bao.html": papers.newspaper(),
        "thong-bao.docx": papers.word(papers.announcement),
        "quet.pdf": papers.scanned(),
        "anh.docx": papers.picture(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    _from_a_newspaper(officer, station, tmp_path / "bao.html")
    _from_word(officer, station, tmp_path / "thong-bao.docx")
    _refused(officer, station, tmp_path / "quet.pdf")
    _pasted(officer, station)
    _printed_by_chromium(officer, station, tmp_path / "in.pdf")


def _from_a_newspaper(officer: Page, station: Station, path: Path) -> None:
    officer.goto(f"{station.url}/ban-tin/moi")
    officer.get_by_text("Nhập từ tệp / dán trang báo").click()
    officer.get_by_label("Nội dung").fill("Lời dẫn của đài xã.")
    officer.get_by_label("Chọn tệp").set_input_files(path)
    shot(officer, "nhap-1-form")
    officer.get_by_role("button", name="Tìm bài viết").click()
    expect(officer.get_by_role("heading", name="Bài viết tìm thấy")).to_be_visible()
    expect(officer.locator(".original .left-out").first).to_have_text("Trang chủ")
    expect(officer.locator(".found p")).to_have_count(1 + len(PARAGRAPHS))
    shot(officer, "nhap-2-tim-thay")
    officer.get_by_role("button", name="Lấy bài viết").click()
    expect(officer.get_by_label("Tiêu đề")).to_have_value(HEADLINE)
    text = "\n".join(("Lời dẫn của đài xã.", "", HEADLINE, *PARAGRAPHS))
    expect(officer.get_by_label("Nội dung")).to_have_value(text)
    shot(officer, "nhap-3-soan")
    officer.get_by_role("button", name="Lưu bản tin").click()
    expect(officer.get_by_text("Đã lưu bản tin.")).to_be_visible()
    expect(officer.get_by_role("heading", name=HEADLINE)).to_be_visible()


def _from_word(officer: Page, station: Station, path: Path) -> None:
    bring(officer, station, path)
    expect(officer.locator(".found")).to_contain_text("1. Thời gian: từ ngày 24 đến ngày 26/11/2026.")
    expect(officer.locator(".original .left-out").last).to_have_text("Trang 1")
    shot(officer, "nhap-4-word")


def _refused(officer: Page, station: Station, path: Path) -> None:
    officer.goto(f"{station.url}/ban-tin/moi")
    officer.get_by_label("Tiêu đề").fill("Tên đã gõ")
    officer.get_by_text("Nhập từ tệp / dán trang báo").click()
    officer.get_by_label("Chọn tệp").set_input_files(path)
    officer.get_by_role("button", name="Tìm bài viết").click()
    expect(officer.locator("#file-error")).to_contain_text("Tệp PDF này là ảnh quét (2 trang)")
    expect(officer.get_by_label("Tiêu đề")).to_have_value("Tên đã gõ")
    shot(officer, "nhap-5-anh-quet")


def _pasted(officer: Page, station: Station) -> None:
    officer.goto(f"{station.url}/ban-tin/moi")
    officer.get_by_text("Nhập từ tệp / dán trang báo").click()
    officer.get_by_label("Hoặc dán cả trang báo").fill(papers.PASTED)
    officer.get_by_role("button", name="Tìm bài viết").click()
    expect(officer.locator(".found .lead")).to_have_text(HEADLINE)
    officer.get_by_role("button", name="Bỏ qua, quay lại").click()
    expect(officer.get_by_label("Hoặc dán cả trang báo")).to_have_value(papers.PASTED)


def _printed_by_chromium(officer: Page, station: Station, path: Path) -> None:
    """A PDF as staff make it: «In ra PDF» in a browser."""
    sheet = officer.context.new_page()
    sheet.set_content(PRINTED.format("".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)))
    sheet.pdf(path=path, format="A4", margin={"top": "2cm", "bottom": "2cm", "left": "2cm", "right": "2cm"})
    sheet.close()
    bring(officer, station, path)
    expect(officer.locator(".found p")).to_have_count(6 + len(PARAGRAPHS))
    told = officer.locator(".found p").all_text_contents()
    assert told[:6] == [
        "ỦY BAN NHÂN DÂN", "XÃ TÂN LẬP", "Số: 12/KH-UBND",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "KẾ HOẠCH",
    ]  # fmt: skip
    assert told[6:] == PARAGRAPHS
