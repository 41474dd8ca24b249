"""The whole road, as people walk it: two of them in a browser, two loudspeakers in processes of their own."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from studio.demo.station import Station
from studio.heard import compare
from tests.support.at_the_browser import logged_in, shot

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TEXT = """Theo khoản 2 Điều 9 Luật số 36/2024/QH15, nghiêm cấm lái xe khi đã uống rượu, bia.
UBND xã đề nghị bà con chấp hành."""


def next_minute() -> datetime:
    """The first whole minute that leaves time to fill in the form and to reach the loudspeakers."""
    soon = datetime.now(HANOI) + timedelta(seconds=75)
    return soon.replace(second=0, microsecond=0)


@pytest.mark.timeout(300)
def test_a_bulletin_is_written_approved_booked_and_heard(station: Station, browser: Browser) -> None:
    officer = logged_in(browser, station, "canbo")
    shot(officer, "1-hom-nay")
    officer.goto(f"{station.url}/ban-tin/moi")
    officer.get_by_label("Tiêu đề").fill("Đã uống rượu bia thì không lái xe")
    officer.get_by_label("Nội dung").fill(TEXT)
    shot(officer, "2-soan")
    officer.get_by_role("button", name="Lưu bản tin").click()
    expect(officer.locator(".spoken")).to_contain_text("của quốc hội khóa mười lăm")
    officer.get_by_role("button", name="Đọc bản tin").click()
    officer.get_by_role("button", name="Gửi duyệt").click(timeout=60_000)
    expect(officer.get_by_role("heading", name="Chờ lãnh đạo duyệt")).to_be_visible()
    expect(officer.get_by_role("button", name="Duyệt cho phát")).to_have_count(0)
    bulletin = officer.url
    shot(officer, "3-cho-duyet")

    leader = logged_in(browser, station, "lanhdao")
    leader.goto(bulletin)
    heard = leader.locator("audio").first
    heard.evaluate("sound => sound.play()")
    leader.wait_for_function("sound => sound.currentTime > 0.2", arg=heard.element_handle())
    leader.get_by_role("button", name="Duyệt cho phát").click()
    expect(leader.get_by_role("heading", name="Đã được phép phát")).to_be_visible()
    shot(leader, "4-da-duyet")

    officer.reload()
    officer.get_by_role("link", name="Đặt lịch phát").click()
    officer.get_by_role("checkbox", name="Ấp 3 2 cụm loa").check()
    at = next_minute()
    officer.get_by_label("Ngày phát, hoặc từ ngày").fill(f"{at:%Y-%m-%d}")
    officer.locator("#at-0").fill(f"{at:%H:%M}")
    expect(officer.locator("#preview")).to_contain_text(f"{at:%H:%M}")
    shot(officer, "5-dat-lich")
    officer.get_by_role("button", name=re.compile("lưu lịch phát", re.IGNORECASE)).click()
    officer.get_by_role("link", name=re.compile(f"{at:%H:%M}")).first.click()
    expect(officer).to_have_url(re.compile("/luot-phat/"))
    shot(officer, "6-cho-phat")

    # Nothing is reloaded here: the page follows by itself.
    expect(officer.locator("table").get_by_text("Đã phát", exact=True)).to_have_count(2, timeout=150_000)
    expect(officer.get_by_role("button", name="Dừng lượt phát này")).to_have_count(0)
    shot(officer, "7-da-phat")
    airing = officer.url.rsplit("/", 1)[1].replace("%40", "@").replace("%3A", ":")
    _was_heard(station, airing, at)


def _was_heard(station: Station, airing: str, at: datetime) -> None:
    """The recordings of both players hold the approved sound, and what the devices say of the start is true."""
    told = station.people["canbo"].call("GET", f"/airings/{airing}")
    booking = station.people["canbo"].call("GET", f"/bookings/{told['booking']}")
    approved = [station.sound(sound["sha256"]) for sound in booking["sounds"]]
    assert {device["device"]: device["state"] for device in told["devices"]} == dict.fromkeys(
        station.devices, "finished"
    )
    for device in told["devices"]:
        assert compare(approved, station.wavs(device["device"]) / f"{airing}.wav").heard
        begun = datetime.fromisoformat(device["started_at"])
        assert abs(begun - at.astimezone(UTC)) < timedelta(seconds=2)
