"""Bookings, playing now, emergencies and airings as staff meet them in a browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from edge_agent.wire.words import Playback
from studio import airings, emergencies, keys, speaking
from studio.db import transaction
from studio.models.airings import Airing, AiringDevice
from studio.models.bookings import Booking
from studio.models.places import Device
from studio.models.users import Role, User
from studio.settings import StudioSettings
from studio.web.booking_forms import TIME_PATTERN
from tests.support import station

OFFICER, LEADER, TECHNICIAN = Role.OFFICER, Role.LEADER, Role.TECHNICIAN


@pytest.fixture
def law(engine: Engine, person: Callable[..., User], clock: Any, settings: StudioSettings) -> int:
    author = person("tac-gia", OFFICER)
    with transaction(engine) as session:
        keys.initialise(session, settings.data / "keys", now=clock())
        station.commune(session, now=clock(), quiet_hours=station.NIGHT)
        for device in session.exec(select(Device)):
            device.enrolled_at = clock()
        return station.bulletin(session, by=author, now=clock())


@pytest.fixture
def lan(logged_in: Callable[..., Any], law: int) -> Any:
    return logged_in("lan", OFFICER)


def fields(law: int, **more: Any) -> dict[str, Any]:
    chosen = {
        "bulletins": str(law),
        "zones": "ap-1",
        "repeats": "daily",
        "first_day": "2026-11-25",
        "last_day": "2026-11-27",
        "at": ["17:00", ""],
    }
    return {name: value for name, value in (chosen | more).items() if value is not None}


def rows(engine: Engine, table: type) -> list[Any]:
    with transaction(engine) as session:
        return list(session.exec(select(table)))


def test_without_bookings_the_list_leads_on(lan: Any) -> None:
    text = lan.get("/lich-phat")
    assert "Chưa có lịch phát nào" in text
    assert 'href="/lich-phat/moi"' in text
    assert "Ngày này chưa có lượt phát nào" in lan.get("/luot-phat")


def test_from_an_approved_bulletin_to_a_booking_and_its_airings(lan: Any, law: int, engine: Engine) -> None:
    form = lan.get(f"/lich-phat/moi?ban-tin={law}")
    assert "Luật Đất đai" in form
    assert 'value="17:00"' in form
    text = lan.post("/lich-phat/moi", **fields(law))
    assert "Đã lưu lịch phát «Luật Đất đai»" in text
    assert "17:00 hằng ngày từ 25/11/2026 đến 27/11/2026" in text
    assert text.count("Chờ đến giờ 2") == 3
    assert len(rows(engine, Airing)) == 3
    assert "Luật Đất đai" in lan.get("/lich-phat")
    assert "Luật Đất đai" in lan.get("/luot-phat?ngay=2026-11-26")


def test_the_preview_tells_the_day_and_collisions_and_saves_nothing(
    lan: Any, law: int, engine: Engine
) -> None:
    lan.post("/lich-phat/moi", **fields(law, first_day="2026-11-24", zones="xa"))
    query = "&".join(
        f"{name}={value}"
        for name, values in fields(law, first_day="2026-11-24", repeats="once", last_day="").items()
        for value in (values if isinstance(values, list) else [values])
    )
    text = lan.get(f"/lich-phat/xem-truoc?{query}")
    assert "Lần đầu: <strong>17:00 Thứ Ba 24/11/2026</strong>" in text
    assert "Lịch mới" in text
    assert "Trùng giờ" in text
    assert "<html" not in text
    assert len(rows(engine, Booking)) == 1


def test_a_preview_of_an_empty_form_asks_for_patience(lan: Any) -> None:
    assert "Điền xong biểu mẫu" in lan.get("/lich-phat/xem-truoc?repeats=once")


SLIPS: list[tuple[dict[str, Any], str]] = [
    ({"at": ["03:15"]}, "nằm trong giờ yên tĩnh 21:30–05:00 của cụm loa «Loa 1», «Loa 2»"),
    ({"at": ["xyz"]}, "«xyz» không phải là giờ"),
    ({"at": [""]}, "Chưa chọn giờ phát"),
    ({"first_day": "32/13/2026"}, "«32/13/2026» không phải là ngày"),
    ({"first_day": ""}, "Chưa chọn ngày phát"),
    ({"last_day": "2026-11-01"}, "ở trước ngày bắt đầu"),
    ({"without": "hôm qua"}, "«hôm» không phải là ngày"),
    ({"zones": None}, "Chưa chọn vùng phát nào"),
    ({"zones": "ap-9"}, "Không có vùng phát «ap-9»"),
    ({"bulletins": None}, "Chưa chọn bản tin nào"),
    ({"bulletins": "999"}, "Không có bản tin số 999"),
    ({"bulletins": "abc"}, "Không rõ bản tin nào"),
    ({"repeats": "weekdays"}, "Chưa chọn thứ nào"),
    ({"repeats": "sometimes"}, "Hãy chọn phát một lần"),
    ({"repeat": "99"}, "Số lần đọc phải từ 1 đến 10"),
    ({"rank": "1000"}, "Thứ tự phải từ -100 đến 100"),
    ({"priority": "emergency"}, "Hãy chọn mức"),
]
"""What somebody may get wrong in the form, and the words that say so."""


def test_what_cannot_be_is_said_and_nothing_typed_is_lost(lan: Any, law: int, engine: Engine) -> None:
    for change, words in SLIPS:
        text = lan.post("/lich-phat/moi", status=422, **fields(law, title="Tên của tôi", **change))
        assert words in text, change
        assert "Chưa lưu được" in text, change
        assert 'value="Tên của tôi"' in text, change
        assert "last_day" in change or 'value="2026-11-27"' in text, change
    assert rows(engine, Booking) == []


def test_a_collision_is_shown_before_it_is_saved_and_saved_when_meant(
    lan: Any, law: int, engine: Engine
) -> None:
    lan.post("/lich-phat/moi", **fields(law))
    text = lan.post("/lich-phat/moi", **fields(law))
    assert "Có điều cần xem lại trước khi lưu" in text
    assert "Vẫn lưu lịch phát" in text
    assert 'name="seen"' in text
    assert len(rows(engine, Booking)) == 1
    assert "Đã lưu lịch phát" in lan.post("/lich-phat/moi", **fields(law, seen=seen(text)))
    assert len(rows(engine, Booking)) == 2


def seen(text: str) -> str:
    """What the form brings along of the warnings it has shown."""
    found = re.search(r'name="seen" value="([^"]+)"', text)
    assert found
    return found.group(1)


def test_a_form_changed_after_its_warnings_is_warned_of_what_is_new(
    lan: Any, law: int, engine: Engine
) -> None:
    lan.post("/lich-phat/moi", **fields(law, at=["17:00", "19:00"]))
    text = lan.post("/lich-phat/moi", **fields(law, at="17:00"))
    again = lan.post("/lich-phat/moi", **fields(law, at="19:00", seen=seen(text)))
    assert "Có điều cần xem lại trước khi lưu" in again
    assert len(rows(engine, Booking)) == 1


@pytest.mark.parametrize("typed", ["17:30", "17h30", "1730", "17.30", " 17H30 ", "5h", "05:00", "530"])
def test_times_are_understood_as_typed_and_asked_for_in_words_of_24_hours(
    lan: Any, law: int, engine: Engine, typed: str
) -> None:
    form = lan.get(f"/lich-phat/moi?ban-tin={law}")
    assert 'type="time"' not in form
    assert re.search(r'name="at"[^>]+pattern="([^"]+)"', form)
    assert re.fullmatch(TIME_PATTERN, typed)
    lan.post("/lich-phat/moi", **fields(law, at=typed))
    assert rows(engine, Booking)[0].rule["at"][0] in ("17:30:00", "05:00:00", "05:30:00")


@pytest.mark.parametrize("typed", ["24:00", "17:60", "5 PM", "17:3", "5", "xyz"])
def test_what_is_no_time_is_let_pass_by_neither_browser_nor_studio(lan: Any, law: int, typed: str) -> None:
    assert not re.fullmatch(TIME_PATTERN, typed)
    assert "không phải là giờ" in lan.post("/lich-phat/moi", status=422, **fields(law, at=typed))


def test_a_second_click_on_play_now_plays_nothing_twice(
    lan: Any, law: int, engine: Engine, clock: Any
) -> None:
    lan.post("/phat-ngay", bulletins=str(law), zones="xa", seen="1")
    clock.forward(seconds=1)
    assert "Đã gửi lệnh phát" in lan.post("/phat-ngay", bulletins=str(law), zones="xa", seen="1")
    assert len(rows(engine, Airing)) == 1
    lan.post("/phat-ngay", bulletins=str(law), zones="ap-1", seen="1")
    assert len(rows(engine, Airing)) == 2, "elsewhere is something else"
    clock.forward(seconds=9)
    lan.post("/phat-ngay", bulletins=str(law), zones="xa", seen="1")
    assert len(rows(engine, Airing)) == 3, "once it has begun, it is meant"


def test_a_second_click_on_the_alarm_is_the_same_alarm(
    logged_in: Callable[..., Any], law: int, engine: Engine, clock: Any
) -> None:
    leader = logged_in("minh", LEADER)
    alarm = {"words": "Nước lên nhanh, bà con sơ tán ngay.", "zones": ["ap-1", "loa-3"], "sure": "1"}
    leader.post("/khan-cap", **alarm)
    clock.forward(seconds=2)
    leader.post("/khan-cap", **alarm)
    (one,) = rows(engine, Booking)
    leader.post("/khan-cap", **(alarm | {"zones": "ap-1"}))
    assert len(rows(engine, Booking)) == 2, "elsewhere is something else"
    leader.post(f"/khan-cap/{one.id}/huy")
    leader.post("/khan-cap", **alarm)
    assert len(rows(engine, Booking)) == 3, "what was cancelled may be ordered anew"


def test_looking_twice_before_playing_now_forgets_nothing(lan: Any, law: int) -> None:
    asked = lan.post("/phat-ngay", bulletins=str(law), zones=["ap-1", "loa-3"], priority="priority")
    back = re.search(r'href="(/phat-ngay[^"]+)"', asked)
    assert back
    form = lan.get(back.group(1).replace("&amp;", "&"))
    for ticked in (
        f'"bulletins" value="{law}"',
        '"zones" value="ap-1"',
        '"zones" value="loa-3"',
        'value="priority"',
    ):
        assert f"{ticked} checked" in form


def test_withdrawing_asks_first_and_takes_back_what_is_to_come(lan: Any, law: int, engine: Engine) -> None:
    text = lan.post("/lich-phat/moi", **fields(law))
    assert "hx-confirm" in text
    (booking,) = rows(engine, Booking)
    text = lan.post(f"/lich-phat/{booking.id}/huy")
    assert "Đã hủy lịch phát" in text
    assert "Người hủy" in text
    assert all(airing.withdrawn_at for airing in rows(engine, Airing))
    assert "Luật Đất đai" in lan.get("/lich-phat?cu=1")


def test_play_now_asks_once_and_leads_to_the_airing(lan: Any, law: int, engine: Engine) -> None:
    assert "Luật Đất đai" in lan.get(f"/phat-ngay?ban-tin={law}")
    asked = lan.post("/phat-ngay", bulletins=str(law), zones="xa")
    assert "Phát ngay bây giờ?" in asked
    assert "3 cụm loa" in asked
    assert rows(engine, Booking) == []
    text = lan.post("/phat-ngay", bulletins=str(law), zones="xa", seen="1")
    assert "Đã gửi lệnh phát" in text
    assert text.count("Chờ đến giờ") == 4
    assert "Dừng lượt phát này" in text


def test_play_now_at_night_is_refused_with_the_hours(lan: Any, law: int, clock: Any, engine: Engine) -> None:
    clock.forward(hours=11)
    lan.log_in("lan", "chim hót đầu xuân")
    text = lan.post("/phat-ngay", status=422, bulletins=str(law), zones="ap-1", seen="1")
    assert "nằm trong giờ yên tĩnh 21:30–05:00" in text
    assert rows(engine, Booking) == []


@pytest.fixture
def airing(lan: Any, law: int, engine: Engine) -> str:
    lan.post("/phat-ngay", bulletins=str(law), zones="xa", seen="1")
    (row,) = rows(engine, Airing)
    return str(row.id)


def told(engine: Engine, clock: Any, airing: str, **states: Playback) -> None:
    """Devices have told how it went; each name without its `loa_`."""
    with transaction(engine) as session:
        airings.expect(session, clock())
        for name, playback in states.items():
            row = session.get_one(AiringDevice, (airing, name.replace("_", "-")))
            row.playback, row.started_at, row.start_error_ms = playback, clock(), 12.0
            if playback is Playback.SKIPPED:
                row.reason = "sound_missing"


def test_an_airing_shows_how_each_device_stands(lan: Any, airing: str, engine: Engine, clock: Any) -> None:
    clock.forward(seconds=20)
    told(engine, clock, airing, loa_1=Playback.STARTED, loa_2=Playback.FINISHED, loa_3=Playback.SKIPPED)
    text = lan.get(f"/luot-phat/{airing}/tinh-trang")
    assert "Đang phát" in text
    assert "Đã phát" in text
    assert "Chưa tải được âm thanh về cụm loa." in text
    assert "lệch 0,01 giây" in text
    assert 'hx-trigger="sse:changed' in text, "it goes on looking while anything may change"
    clock.forward(hours=2)
    lan.log_in("lan", "chim hót đầu xuân")
    assert "hx-trigger" not in lan.get(f"/luot-phat/{airing}/tinh-trang")


def test_stopping_an_airing_says_so(lan: Any, airing: str, engine: Engine) -> None:
    assert "Đã gửi lệnh dừng" in lan.post(f"/luot-phat/{airing}/dung")
    assert rows(engine, Airing)[0].stopped_at is not None


def test_an_airing_stopped_in_time_is_shown_as_stopped_and_not_as_a_fault(
    lan: Any, airing: str, engine: Engine, clock: Any
) -> None:
    assert f"/luot-phat/{airing}" in lan.get("/lich-phat/hom-nay")
    lan.post(f"/luot-phat/{airing}/dung")
    assert f"/luot-phat/{airing}" not in lan.get("/lich-phat/hom-nay")
    clock.forward(minutes=20)
    with transaction(engine) as session:
        airings.expect(session, clock())
    text = lan.get(f"/luot-phat/{airing}")
    assert "Đã dừng" in text
    assert "Chưa có tin" not in text
    assert "Phát lại cho" not in text


def test_those_that_missed_it_hear_it_again(lan: Any, airing: str, engine: Engine, clock: Any) -> None:
    clock.forward(minutes=5)
    told(engine, clock, airing, loa_1=Playback.FINISHED, loa_2=Playback.SKIPPED)
    assert "Phát lại cho 2 cụm loa bỏ lỡ" in lan.get(f"/luot-phat/{airing}")
    text = lan.post(f"/luot-phat/{airing}/phat-lai")
    assert "Đã đặt phát lại" in text
    assert "Loa 2" in text
    assert "Loa 3" in text
    assert "Loa 1" not in text


@pytest.mark.parametrize("role", [TECHNICIAN, Role.ADMINISTRATOR])
def test_who_may_not_book_is_told_who_may(logged_in: Callable[..., Any], law: int, role: Role) -> None:
    other = logged_in("ai", role)
    assert "Cán bộ truyền thanh" in other.get("/lich-phat/moi", status=403)
    assert "không được phép đặt lịch phát" in other.post("/lich-phat/moi", status=403, **fields(law))
    assert "Đặt lịch phát" not in other.get("/lich-phat")


def test_nobody_sees_anything_without_a_log_in(browser: Callable[[], Any], law: int) -> None:
    guest = browser()
    for address in ("/lich-phat", "/luot-phat", "/khan-cap", "/phat-ngay", "/lich-phat/xem-truoc"):
        assert "Mật khẩu" in guest.get(address)


@pytest.mark.parametrize(
    "address", ["/lich-phat/bkhongco", "/luot-phat/b1@20260101T000000Z", "/khan-cap/bkhongco"]
)
def test_what_is_not_there_is_said_kindly(lan: Any, address: str) -> None:
    assert re.search("Không có (lịch|lượt|thông báo)", lan.get(address, status=404))


def test_an_emergency_from_typing_to_the_air_and_its_cancel(
    logged_in: Callable[..., Any], law: int, engine: Engine, clock: Any, settings: StudioSettings
) -> None:
    leader = logged_in("minh", LEADER)
    words = "Nước lên nhanh, bà con sơ tán ngay."
    unsure = leader.post("/khan-cap", status=422, words=words, zones="ap-1")
    assert "Hãy đánh dấu vào ô xác nhận" in unsure
    assert words in unsure
    text = leader.post("/khan-cap", words=words, zones="ap-1", sure="1")
    assert "Đang đọc thành tiếng" in text
    (booking,) = rows(engine, Booking)
    with transaction(engine) as session:
        job = speaking.claim(session, "tests/1", now=clock())
        assert job is not None
        sound = speaking.Sound("e" * 64, 6.0, 18_000, -16.0, -1.5, "")
        speaking.finish(session, job, "tests/1", sound, now=clock())
    with transaction(engine) as session:
        emergencies.air_spoken(session, now=clock(), settings=settings)
    text = leader.get(f"/khan-cap/{booking.id}/tinh-trang")
    assert "Phát lúc" in text
    assert text.count("Chờ đến giờ") == 2
    assert "Đã hủy thông báo khẩn cấp" in leader.post(f"/khan-cap/{booking.id}/huy")


def test_an_officer_is_told_who_orders_an_emergency(lan: Any) -> None:
    assert "không được phép phát thông báo khẩn cấp" in lan.get("/khan-cap", status=403)


def test_the_home_page_brings_what_airs_next(lan: Any, law: int, clock: Any) -> None:
    assert 'hx-get="/lich-phat/hom-nay"' in lan.get("/")
    assert "24 giờ tới không phát gì" in lan.get("/lich-phat/hom-nay")
    lan.post("/lich-phat/moi", **fields(law, first_day="2026-11-24"))
    assert "Luật Đất đai" in lan.get("/lich-phat/hom-nay")


def test_words_of_staff_cannot_become_markup(lan: Any, law: int) -> None:
    text = lan.post("/lich-phat/moi", **fields(law, title="<script>alert(1)</script>"))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_an_empty_day_far_away_and_a_nonsense_day_are_pages_too(lan: Any) -> None:
    assert "không có lượt phát nào" in lan.get("/luot-phat?ngay=2020-01-01")
    assert "24/11/2026" in lan.get("/luot-phat?ngay=hom-kia")
