"""People at a browser: logged in to a station, and what they see kept for others to look at."""

import os
from typing import Any

from playwright.sync_api import Browser, Page, expect

from studio.demo.station import Station

SHOTS = os.environ.get("LOA_TEST_SHOTS")
"""Where to keep screenshots for people to look at; not kept unless set."""


def shot(page: Page, name: str) -> None:
    """Look at the page as a phone and as a desk would show it; it must never scroll sideways."""
    for width, height in ((360, 740), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{name}: {wider} px too wide at {width} px"
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def logged_in(browser: Browser, station: Station, name: str, **context: Any) -> Page:
    page = browser.new_context(locale="vi-VN", **context).new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{station.url}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(station.people[name].password)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page).to_have_url(f"{station.url}/")
    return page
