"""Pages of devices: what staff see of each, and what a technician changes there."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from edge_agent.wire.accounts import Presence, Reply
from edge_agent.wire.words import ClockTrust, CommandName, Playback, Reason, ReplyState, airing_id
from studio import commands, devices, zones
from studio.db import reading
from studio.models.airings import Airing, AiringDevice
from studio.models.commands import Command
from studio.models.journals import Journal
from studio.models.places import Device
from studio.models.users import Role
from tests.support.places import Commune, commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
PLAIN = {"volume": "80", "emergency_volume": "100", "delay_ms": "0", "heartbeat_s": "300"}
PLAIN |= {"time_zone": "Asia/Ho_Chi_Minh"}


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Commune:
    return commune(engine, tmp_path / "keys", now=NOW, devices_in={"loa-1": "ap-1", "loa-2": "ap-2"})


@pytest.fixture
def technician(logged_in: Callable[..., Any]) -> Any:
    return logged_in("tam", Role.TECHNICIAN)


def row(place: Commune, device: str) -> Device:
    with reading(place.engine) as session:
        return devices.get(session, device)


def speak(place: Commune, device: str, *, at: datetime = NOW, **told: Any) -> None:
    """Let a device have told its presence."""
    presence = Presence(kind="presence", device=device, online=True, at=at, **told)
    with place.session() as session:
        box = devices.get(session, device)
        box.online, box.last_seen_at = True, at
        box.presence = presence.model_dump(mode="json", exclude_defaults=True)


def badges(text: str) -> list[str]:
    return re.findall(r'<span class="badge [a-z]+">([^<]+)</span>', text)


# -- the list ---------------------------------------------------------------------------------------------------


def test_without_devices_the_list_tells_how_to_enrol_the_first(technician: Any) -> None:
    text = technician.get("/cum-loa")
    assert "Chưa có cụm loa nào" in text
    assert "mã ghi danh" in text
    assert 'href="/cum-loa/moi"' in text


def test_the_list_tells_how_each_device_is(place: Commune, technician: Any) -> None:
    speak(
        place, "loa-1", clock=ClockTrust.TRUSTED, playing=airing_id("b2", NOW), volume=55, missing=("a" * 64,)
    )
    text = technician.get("/cum-loa")
    assert badges(text) == ["Đang phát", "Đúng giờ", "Mất kết nối"]
    assert "55 %" in text
    assert "thiếu 1 âm thanh" in text
    assert "Ấp 1" in text


def test_a_device_that_falls_silent_is_shown_as_lost(place: Commune, technician: Any, clock: Any) -> None:
    speak(place, "loa-1", clock=ClockTrust.TRUSTED)
    clock.forward(seconds=2.5 * 300 - 1)
    assert "Đang kết nối" in badges(technician.get("/cum-loa"))
    clock.forward(seconds=2)
    assert "Đang kết nối" not in badges(technician.get("/cum-loa"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"loa-1", "loa-2", "loa-3"}),
        ("loc=mat", {"loa-2"}),
        ("loc=moi", {"loa-3"}),
        ("loc=phat", set()),
        ("loc=loi", {"loa-1", "loa-2"}),
        ("vung=ap-2", {"loa-2"}),
        ("tim=LOA-3", {"loa-3"}),
        ("vung=ap-1&loc=moi", set()),
    ],
)
def test_filters_narrow_the_list(place: Commune, technician: Any, query: str, found: set[str]) -> None:
    speak(place, "loa-1", clock=ClockTrust.UNKNOWN)
    with place.session() as session:
        devices.create(session, name="loa-3", id="loa-3", now=NOW)
    text = technician.get(f"/cum-loa?{query}")
    assert set(re.findall(r'href="/cum-loa/(loa-\d)"', text)) == found
    assert ("Không có cụm loa nào như vậy" in text) == (not found)


def test_the_part_that_renews_itself_is_only_the_list(place: Commune, technician: Any) -> None:
    answer = technician.client.get("/cum-loa", headers={"HX-Request": "true"})
    assert "loa-1" in answer.text
    assert "<html" not in answer.text


# -- a new one, and its enrolment -------------------------------------------------------------------------------


def test_a_device_is_added_to_its_zones(place: Commune, technician: Any) -> None:
    text = technician.post("/cum-loa/moi", name="Nhà văn hóa ấp 1", zone="ap-1")
    assert "Đã thêm «Nhà văn hóa ấp 1»" in text
    with reading(place.engine) as session:
        held = {zone.id for zone in zones.of_device(session, "nha-van-hoa-ap-1")}
    assert held == {"nha-van-hoa-ap-1", "ap-1", "xa-tan-lap"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Tên phải có từ 1 đến 120 ký tự."),
        ({"name": "Loa 9", "id": "loa-1"}, "Mã loa-1 đã được dùng"),
        ({"name": "Loa 9", "id": "studio"}, "dành riêng cho hệ thống"),
        ({"name": "Loa 9", "zone": "ap-9"}, "Không có vùng phát ap-9"),
    ],
)
def test_a_device_that_cannot_be_is_refused_and_nothing_of_it_stays(
    place: Commune, technician: Any, typed: dict[str, str], said: str
) -> None:
    answer = technician.client.post("/cum-loa/moi", data={"csrf": technician.csrf(), **typed})
    assert answer.status_code in (404, 409, 422)
    assert said in answer.text
    assert f'value="{typed["name"]}"' in answer.text
    with reading(place.engine) as session:
        assert [box.id for box in devices.listed(session)] == ["loa-1", "loa-2"]


def test_the_code_is_shown_once_with_the_whole_line_to_type(place: Commune, technician: Any) -> None:
    text = technician.post("/cum-loa/loa-1/ghi-danh")
    line = re.search(r"loa-agent enrol --studio (\S+) --code ([a-z0-9]{10})\.(\S+?)</p>", text)
    assert line
    assert line.group(1) == "http://127.0.0.1:8080"
    assert line.group(3) == place.root.kid
    again = technician.get("/cum-loa/loa-1")
    assert line.group(2) not in again
    assert "Thay hộp hoặc thẻ nhớ thì lấy mã mới." in again


# -- one device -------------------------------------------------------------------------------------------------


def test_the_page_tells_what_the_device_told(place: Commune, technician: Any) -> None:
    speak(
        place,
        "loa-1",
        clock=ClockTrust.HOLDOVER,
        clock_source="welcome",
        clock_error_s=0.25,
        disk_free_mb=120,
        temperature_c=84.4,
        queue=3,
        refused={"bad_signature": 4, "from_the_future": 1},
    )
    text = technician.get("/cum-loa/loa-1")
    for told in ("Tự giữ giờ (theo welcome), sai không quá 0,25 giây", "Chữ ký sai: 4", "from_the_future: 1"):
        assert told in text
    assert "Thẻ nhớ chỉ còn 120 MB." in text
    assert "Nóng 84 °C." in text


def test_settings_are_saved_and_shown_again(place: Commune, technician: Any) -> None:
    before = row(place, "loa-1").config_n
    told = PLAIN | {"volume": "55"}
    text = technician.client.post(
        "/cum-loa/loa-1/cai-dat",
        data={
            "csrf": technician.csrf(),
            **told,
            "quiet_begins": ["21h30", "", "1130"],
            "quiet_ends": ["05:00", "", "13:00"],
            "ceiling_begins": ["18:00"],
            "ceiling_ends": ["20:00"],
            "ceiling_percent": ["40"],
        },
    ).text
    box = row(place, "loa-1")
    assert (box.volume, box.config_n) == (55, before + 1)
    assert box.quiet_hours == [
        {"begins": "21:30:00", "ends": "05:00:00"},
        {"begins": "11:30:00", "ends": "13:00:00"},
    ]
    assert box.ceilings == [{"begins": "18:00:00", "ends": "20:00:00", "percent": 40}]
    assert 'name="quiet_begins" value="11:30"' in text
    assert 'name="ceiling_percent" value="40"' in text


def test_saving_what_is_already_so_sends_nothing(place: Commune, technician: Any) -> None:
    before = row(place, "loa-1").config_n
    assert "Không có gì thay đổi." in technician.post("/cum-loa/loa-1/cai-dat", **PLAIN)
    assert row(place, "loa-1").config_n == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"volume": "to"}, "Âm lượng phải là số nguyên từ 0 đến 100."),
        ({"volume": "101"}, "Âm lượng phải là số nguyên từ 0 đến 100."),
        ({"volume": "9" * 5000}, "Âm lượng phải là số nguyên từ 0 đến 100."),
        ({"delay_ms": "-1"}, "Độ trễ phải là số nguyên từ 0 đến 2000."),
        ({"heartbeat_s": "5"}, "Nhịp báo phải là số nguyên từ 10 đến 3600."),
        ({"time_zone": "Asia/Nowhere"}, "Múi giờ không có"),
        ({"quiet_begins": "21:30", "quiet_ends": ""}, "phải có đủ giờ bắt đầu và giờ kết thúc"),
        ({"quiet_begins": "25:00", "quiet_ends": "05:00"}, "phải có đủ giờ bắt đầu và giờ kết thúc"),
        (
            {"ceiling_begins": "18:00", "ceiling_ends": "20:00", "ceiling_percent": "200"},
            "Mức trần phải là số nguyên từ 0 đến 100.",
        ),
    ],
)
def test_settings_no_device_could_obey_are_refused_and_stay_as_typed(
    place: Commune, technician: Any, typed: dict[str, str], said: str
) -> None:
    before = row(place, "loa-1").config_n
    text = technician.post("/cum-loa/loa-1/cai-dat", status=422, **(PLAIN | typed))
    assert said in text
    for value in typed.values():
        assert f'value="{value}"' in text
    assert row(place, "loa-1").config_n == before


def test_a_mute_needs_a_reason_and_can_be_lifted(place: Commune, technician: Any) -> None:
    assert "Hãy ghi lý do tắt tiếng" in technician.post("/cum-loa/loa-1/tat-tieng", reason="", status=422)
    past = technician.post("/cum-loa/loa-1/tat-tieng", reason="Rú", until="24/11/2026 11:00", status=422)
    assert "phải ở tương lai" in past
    assert 'value="Rú"' in past
    assert "Không phải thời điểm" in technician.post(
        "/cum-loa/loa-1/tat-tieng", reason="Rú", until="chiều mai", status=422
    )
    muted = technician.post("/cum-loa/loa-1/tat-tieng", reason="Loa rú", until="13:00")
    assert "Lý do: Loa rú" in muted
    with reading(place.engine) as session:
        mute = devices.muted_now(devices.get(session, "loa-1"), NOW)
    assert mute is not None
    assert mute.ends_at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # 13:00 in Cà Mau
    assert "Lý do: Loa rú" not in technician.post("/cum-loa/loa-1/mo-tieng")


def test_the_mute_ends_by_itself_on_the_page_too(place: Commune, technician: Any, clock: Any) -> None:
    technician.post("/cum-loa/loa-1/tat-tieng", reason="Loa rú", until="1h")
    clock.forward(minutes=59)
    assert "Tắt tiếng" in badges(technician.get("/cum-loa/loa-1"))
    clock.forward(minutes=1)
    assert "Tắt tiếng" not in badges(technician.get("/cum-loa/loa-1"))


def test_name_and_zones_are_changed_together(place: Commune, technician: Any) -> None:
    assert "Loa đình" in technician.post("/cum-loa/loa-1/ten", name="Loa đình", zone="ap-2")
    with reading(place.engine) as session:
        assert {z.id for z in zones.of_device(session, "loa-1")} == {"loa-1", "ap-2", "xa-tan-lap"}
    refused = technician.post("/cum-loa/loa-1/ten", name="Tên khác", zone="ap-9", status=404)
    assert 'value="Tên khác"' in refused
    assert row(place, "loa-1").name == "Loa đình"


def test_an_order_is_shown_until_the_device_has_answered(place: Commune, technician: Any, clock: Any) -> None:
    address = str(technician.client.post("/cum-loa/loa-1/tu-kiem-tra", data={"csrf": technician.csrf()}).url)
    with reading(place.engine) as session:
        order = session.exec(select(Command)).one()
    assert order.name is CommandName.SELF_TEST
    assert address.endswith(f"?lenh={order.id}")
    part = f"/cum-loa/loa-1/lenh/{order.id}"
    waiting = technician.get(part)
    assert badges(waiting) == ["Chưa trả lời"]
    assert "hx-get" in waiting
    with place.session() as session:
        said = Reply(
            kind="reply", device="loa-1", command=order.id, state=ReplyState.DONE, at=NOW, detail="Nghe rõ"
        )
        commands.note(session, [said], now=NOW)
    answered = technician.get(part)
    assert badges(answered) == ["Đã làm xong"]
    assert "Nghe rõ" in answered
    assert "hx-get" not in answered


def test_a_device_that_never_answers_is_said_not_to_have_answered(
    place: Commune, technician: Any, clock: Any
) -> None:
    technician.post("/cum-loa/loa-1/dung")
    with reading(place.engine) as session:
        order = session.exec(select(Command)).one()
    clock.forward(minutes=5)
    text = technician.get(f"/cum-loa/loa-1/lenh/{order.id}")
    assert "Cụm loa không trả lời." in text
    assert "hx-get" not in text
    technician.get(f"/cum-loa/loa-2/lenh/{order.id}", status=404)


def test_the_history_tells_how_each_airing_ended_here(place: Commune, technician: Any, clock: Any) -> None:
    with place.session() as session:
        for n, playback, reason in (
            (1, Playback.FINISHED, ""),
            (2, Playback.SKIPPED, Reason.QUIET_HOURS),
            (3, None, ""),
        ):
            start = NOW - timedelta(hours=n)
            session.add(
                Airing(
                    id=airing_id(f"b{n}", start),
                    booking=f"b{n}",
                    title=f"Bản tin {n}",
                    starts_at=start,
                    ends_at=start + timedelta(minutes=3),
                    stale_at=start + timedelta(minutes=30),
                    seconds=180,
                    sounds=[],
                    created_at=start,
                )
            )
            session.flush()
            session.add(
                AiringDevice(
                    airing=airing_id(f"b{n}", start), device="loa-1", playback=playback, reason=reason
                )
            )
        session.add(AiringDevice(airing="bx@20261101T000000Z", device="loa-1", playback=Playback.PARTIAL))
    text = technician.get("/cum-loa/loa-1")
    history = text[text.index("Các lượt phát gần đây") :]
    assert badges(history) == ["Đã phát", "Không phát", "Chưa có tin", "Phát dở dang"]
    assert "Đang trong giờ yên tĩnh." in history
    assert "bx@20261101T000000Z" in history


def test_a_broken_journal_is_told(place: Commune, technician: Any) -> None:
    assert "bị đứt" not in technician.get("/cum-loa/loa-1")
    with place.session() as session:
        session.add(Journal(device="loa-1", journal="j" * 16, broken_at=17, heard_at=NOW))
    assert "Nhật ký của cụm loa bị đứt." in technician.get("/cum-loa/loa-1")


def test_a_device_is_deleted(place: Commune, technician: Any) -> None:
    assert "hx-confirm=" in technician.get("/cum-loa/loa-1")
    assert "Đã xóa cụm loa «loa-1»." in technician.post("/cum-loa/loa-1/xoa")
    technician.get("/cum-loa/loa-1", status=404)


def test_an_officer_may_stop_but_not_set(place: Commune, logged_in: Callable[..., Any]) -> None:
    officer = logged_in("lan", Role.OFFICER)
    text = officer.get("/cum-loa/loa-1")
    assert "Dừng phát" in text
    for hidden in ("Lưu cài đặt", "Lấy mã ghi danh", "Xóa cụm loa", "Tự kiểm tra"):
        assert hidden not in text
    officer.post("/cum-loa/loa-1/dung")
    for address in ("cai-dat", "ghi-danh", "tat-tieng", "mo-tieng", "ten", "tu-kiem-tra", "xoa"):
        officer.post(f"/cum-loa/loa-1/{address}", status=403)


def test_hostile_names_are_shown_as_text(place: Commune, technician: Any) -> None:
    technician.post("/cum-loa/loa-1/ten", name='<script>alert("x")</script>', zone="ap-1")
    for address in ("/cum-loa", "/cum-loa/loa-1", "/vung-phat/ap-1"):
        assert "<script>alert" not in technician.get(address)
