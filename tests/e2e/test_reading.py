"""How a bulletin is read, decided by people at a browser: corrected, heard, approved; and void once it is edited."""

import hashlib
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from studio.demo.station import Station
from tests.support.at_the_browser import logged_in, shot

TEXT = """ỦY BAN NHÂN DÂN XÃ TÂN ĐIỀN
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Kính mời bà con ấp 3 cùng XQZT dự họp lúc 7h30 ngày 24/11/2026.
CA xã hướng dẫn khai báo theo Điều 9 Luật số 36/2024/QH15.
Nơi nhận:
- Như trên;
- Lưu: VT."""


def written(page: Page, studio: Station) -> int:
    page.goto(f"{studio.url}/ban-tin/moi")
    page.get_by_label("Tiêu đề").fill("Mời họp ấp 3")
    page.get_by_label("Nội dung").fill(TEXT)
    page.get_by_role("button", name="Lưu bản tin").click()
    expect(page.get_by_role("heading", name="Nội dung và cách đọc")).to_be_visible()
    return int(page.url.rsplit("/", 1)[1])


def told(studio: Station, bulletin: int) -> Any:
    return studio.people["canbo"].call("GET", f"/bulletins/{bulletin}")


def correct(page: Page, spoken: str, *, scope: str = "Chỉ bản tin này") -> None:
    """Fill in the form that has opened."""
    dialog = page.get_by_role("dialog", name="Sửa cách đọc")
    dialog.get_by_label("Đọc là").fill(spoken)
    dialog.get_by_label(scope).check()
    dialog.get_by_role("button", name="Lưu cách đọc").click()
    expect(page.locator("#flash")).to_contain_text(f"đọc là «{spoken}»")


def mark(page: Page, form: str) -> Locator:
    return page.locator(".reading .said").filter(has=page.get_by_text(form, exact=True))


def recorded(page: Page, button: str, studio: Station, bulletin: int, *, other_than: str = "") -> str:
    """Have it spoken, and return the name of the sound that the page then plays."""
    page.get_by_role("button", name=button).click()
    expect(page.locator("audio")).to_have_count(1, timeout=60_000)
    sha256 = told(studio, bulletin)["recording"]["sha256"]
    assert sha256 != other_than
    expect(page.locator("audio")).to_have_attribute("src", f"/sounds/{sha256}.ogg")
    return str(sha256)


@pytest.mark.timeout(240)
def test_a_reading_is_corrected_heard_anew_and_approved_and_an_edit_voids_it(
    studio: Station, browser: Browser
) -> None:
    officer = logged_in(browser, studio, "canbo")
    bulletin = written(officer, studio)
    shot(officer, "doc-1-cach-doc")
    before = recorded(officer, "Đọc bản tin", studio, bulletin)
    expect(officer.get_by_role("button", name="Gửi duyệt")).to_have_count(0)

    mark(officer, "XQZT").click()
    officer.get_by_role("dialog").get_by_label("Đọc là").fill("xóm 4")
    officer.get_by_role("button", name="Lưu cách đọc").click()
    expect(officer.get_by_role("dialog")).to_contain_text("hãy sửa «4»")
    shot(officer, "doc-2-sua")
    correct(officer, "xóm quýt")
    expect(mark(officer, "XQZT")).to_contain_text("xóm quýt")
    expect(officer.get_by_text("Cách đọc đã đổi từ lúc ghi âm")).to_be_visible()
    expect(officer.get_by_role("button", name="Gửi duyệt")).to_have_count(0)

    officer.get_by_role("button", name="Giữ lại «- Như trên;»").click()
    expect(officer.get_by_text("Giữ lại để đọc")).to_be_visible()
    after = recorded(officer, "Đọc lại", studio, bulletin, other_than=before)
    sound = studio.sound(after).read_bytes()
    assert hashlib.sha256(sound).hexdigest() == after
    assert sound != studio.sound(before).read_bytes()
    expect(officer.locator(".sentences")).to_contain_text("cùng xóm quýt dự họp")
    expect(officer.locator(".sentences")).to_contain_text("như trên")
    officer.get_by_role("button", name="Gửi duyệt").click()

    leader = logged_in(browser, studio, "lanhdao")
    leader.goto(f"{studio.url}/ban-tin/{bulletin}")
    expect(mark(leader, "XQZT")).to_contain_text("xóm quýt")
    last = leader.locator(".sentences a").last
    last.click()
    leader.wait_for_function("() => document.querySelector('audio').currentTime > 3")
    expect(last).to_have_attribute("aria-current", "true")
    shot(leader, "doc-3-duyet")
    leader.get_by_role("button", name="Duyệt cho phát").click()
    expect(leader.get_by_role("heading", name="Đã được phép phát")).to_be_visible()
    assert told(studio, bulletin)["approved_sha256"] == after

    officer.goto(f"{studio.url}/ban-tin/{bulletin}/sua")
    officer.get_by_label("Nội dung").fill(TEXT.replace("7h30", "8h"))
    officer.get_by_role("button", name="Lưu bản tin").click()
    expect(officer.get_by_text("Mất hiệu lực duyệt vì bản tin được sửa")).to_be_visible()
    expect(officer.get_by_text("chưa được đọc thành tiếng")).to_be_visible()
    assert told(studio, bulletin)["approved_sha256"] is None
    leader.reload()
    expect(leader.get_by_role("heading", name="Đã được phép phát")).to_have_count(0)
    shot(officer, "doc-4-mat-hieu-luc")


@pytest.mark.timeout(120)
def test_any_word_or_phrase_can_be_corrected_by_hand_by_keyboard_and_undone(
    studio: Station, browser: Browser
) -> None:
    officer = logged_in(browser, studio, "canbo")
    bulletin = written(officer, studio)
    officer.locator(".reading").get_by_text("Kính mời bà con").click(position={"x": 5, "y": 12})
    expect(officer.get_by_role("dialog").get_by_label("Chữ viết")).to_have_value("Kính")
    officer.keyboard.press("Escape")
    expect(officer.get_by_role("dialog")).to_have_count(0)

    officer.evaluate("""() => {
        const line = [...document.querySelectorAll(".reading p")].find((p) => p.textContent.includes("Kính mời"));
        const range = document.createRange();
        range.setStart(line.firstChild, line.firstChild.data.indexOf("bà con"));
        range.setEnd(line.querySelector(".as-said").firstChild, 2);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
    }""")
    officer.get_by_role("button", name="Sửa cách đọc «bà con ấp 3»").click()
    correct(officer, "bà con xóm ba", scope="Từ điển của xã")
    expect(mark(officer, "bà con ấp 3")).to_contain_text("bà con xóm ba")

    mark(officer, "bà con ấp 3").focus()
    officer.keyboard.press("Enter")
    dialog = officer.get_by_role("dialog")
    expect(dialog).to_contain_text("Từ điển của xã · Trần Thị Lan")
    somebody = studio.people["lanhdao"]
    (entry,) = somebody.call("GET", "/pronunciations")
    undone = somebody.call("POST", f"/pronunciations/{entry['id']}/undo")
    dialog.get_by_role("button", name="Hoàn tác").click()
    expect(officer.locator("#flash")).to_contain_text("vừa được sửa tiếp")
    expect(dialog).to_have_count(0)
    somebody.call("POST", f"/pronunciations/{undone['id']}/undo")
    officer.reload()
    mark(officer, "bà con ấp 3").click()
    dialog.get_by_role("button", name="Hoàn tác").click()
    expect(mark(officer, "bà con ấp 3")).to_have_count(0)

    expect(officer.get_by_text("Còn 1 chỗ máy không chắc cách đọc")).to_be_visible()
    officer.get_by_role("button", name="Đúng rồi «XQZT»").click()
    expect(officer.get_by_text("1 chỗ máy không chắc, đã có người xem")).to_be_visible()
    expect(officer.get_by_text("Còn 1 chỗ máy không chắc cách đọc")).to_have_count(0)
    recorded(officer, "Đọc bản tin", studio, bulletin)
    first, second = officer.locator(".sentences a").first, officer.locator(".sentences a").nth(1)
    first.focus()
    officer.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    officer.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-current", "true")

    officer.goto(f"{studio.url}/tu-dien?thoi-dung=1")
    officer.get_by_role("link", name="bà con ấp 3").click()
    shot(officer, "doc-5-tu-dien")
    officer.get_by_role("button", name="Dùng lại").click()
    expect(officer.get_by_role("heading", name="Đọc là «bà con xóm ba»")).to_be_visible()
    officer.goto(f"{studio.url}/tu-dien")
    shot(officer, "doc-6-tu-dien")


@pytest.mark.timeout(120)
def test_everything_works_without_javascript(studio: Station, browser: Browser) -> None:
    officer = logged_in(browser, studio, "canbo", java_script_enabled=False)
    written(officer, studio)
    mark(officer, "XQZT").click()
    officer.get_by_label("Đọc là").fill("xóm quýt")
    officer.get_by_role("button", name="Lưu cách đọc").click()
    expect(mark(officer, "XQZT")).to_contain_text("xóm quýt")
    officer.get_by_role("button", name="Giữ lại «- Như trên;»").click()
    expect(officer.get_by_text("Giữ lại để đọc")).to_be_visible()
