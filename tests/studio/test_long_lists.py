"""Lists of a thousand devices: a page shows fifty, the others are a page, a word or a zone away; nothing is lost."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, insert
from sqlmodel import Session, col, select

from edge_agent.wire.accounts import Presence
from edge_agent.wire.words import ClockTrust, Playback, Priority
from scheduler import rules
from studio import airings, devices, zones
from studio.airings import State
from studio.db import create_engine, migrate, reading, transaction
from studio.models.airings import Airing, AiringDevice, AiringZone
from studio.models.bookings import Booking, BookingKind
from studio.models.places import Device, DeviceZone, Zone, ZoneKind
from studio.models.recordings import Recording
from studio.models.users import Role, User
from studio.web import device_lines

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
COUNT = 130
AIRING = "baaaaaaaaaa@20261124T050000Z"
MARKET = "loa-077"
HERE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("engine")
        return
    engine = create_engine(request.getfixturevalue("cluster").new_database())
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def many(engine: Engine) -> None:
    settle(engine)


def settle(engine: Engine) -> None:
    """Draw Xã with 130 enrolled devices, every tenth in Ấp 1; Nhà văn hóa chợ among them."""
    names = [f"loa-{n:03d}" for n in range(COUNT)]
    with transaction(engine) as session:
        zones.create(session, name="Xã", kind=ZoneKind.COMMUNE, now=NOW)
        zones.create(session, name="Ấp 1", kind=ZoneKind.HAMLET, parent="xa", now=NOW)
        session.add_all(Zone(id=each, name=each, kind=ZoneKind.DEVICE, created_at=NOW) for each in names)
        session.add_all(
            Device(id=each, name=f"Cụm {each[4:]}", created_at=NOW, enrolled_at=NOW) for each in names
        )
        session.flush()
        session.get_one(Device, MARKET).name = "Nhà văn hóa chợ"
        for n, each in enumerate(names):
            session.add(DeviceZone(device=each, zone="xa", direct=n % 10 != 0))
            if n % 10 == 0:
                session.add(DeviceZone(device=each, zone="ap-1"))


@pytest.fixture
def lan(logged_in: Callable[..., Any], many: None) -> Any:
    return logged_in("lan", Role.OFFICER)


def add_airing(session: Session, name: str = AIRING, *, starts_at: datetime = NOW) -> None:
    session.add(
        Airing(
            id=name,
            booking=name.partition("@")[0],
            starts_at=starts_at,
            stale_at=starts_at + timedelta(hours=1),
            ends_at=starts_at + timedelta(seconds=60),
            seconds=60.0,
            title="Luật Đất đai",
            sounds=[],
            created_at=NOW,
        )
    )
    session.flush()
    session.add(AiringZone(airing=name, zone="xa"))


@pytest.fixture
def aired(engine: Engine, many: None) -> None:
    """An airing that every device has finished, but for every 13th, which left it out."""
    with transaction(engine) as session:
        add_airing(session)
        airings.expect(session, NOW)
        for n, row in enumerate(session.exec(select(AiringDevice).order_by(AiringDevice.device))):
            row.playback = Playback.SKIPPED if n % 13 == 0 else Playback.FINISHED
            row.reason = "sound_missing" if n % 13 == 0 else ""


def shown(text: str) -> list[str]:
    return re.findall(r'<a href="/cum-loa/(loa-\d+)"', text)


def walk(browser: Any, address: str) -> list[list[str]]:
    """What the pages of a list show, from the first to the last, following its own links."""
    pages = []
    while True:
        text = browser.get(address)
        pages.append(shown(text))
        onward = re.search(r'href="([^"]+)">Sau →', text)
        if onward is None:
            return pages
        address = onward.group(1).replace("&amp;", "&")


@pytest.mark.parametrize("address", ["/cum-loa", f"/luot-phat/{AIRING}"])
def test_every_device_is_on_one_of_its_pages_and_on_one_only(lan: Any, aired: None, address: str) -> None:
    pages = walk(lan, address)
    assert [len(page) for page in pages] == [50, 50, 30]
    assert Counter(name for page in pages for name in page) == Counter(f"loa-{n:03d}" for n in range(COUNT))


@pytest.mark.parametrize("address", ["/cum-loa", f"/luot-phat/{AIRING}"])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tim=nha van hoa", {MARKET}),
        ("tim=NHÀ VĂN HOÁ", {MARKET}),
        ("tim=loa-101", {"loa-101"}),
        ("tim=không có", set()),
        ("vung=ap-1", {f"loa-{n:03d}" for n in range(0, COUNT, 10)}),
        ("vung=ap-1&tim=loa-12", {"loa-120"}),
    ],
)
def test_a_word_or_a_zone_narrows_the_list(
    lan: Any, aired: None, address: str, query: str, found: set[str]
) -> None:
    assert set(shown(lan.get(f"{address}?{query}"))) == found


def test_the_devices_in_one_state_are_a_link_away_and_stay_so_as_the_page_renews_itself(
    lan: Any, aired: None
) -> None:
    text = lan.get(f"/luot-phat/{AIRING}")
    link = re.search(r'href="(/luot-phat/[^"]*tt=skipped[^"]*)"', text)
    assert link
    narrowed = lan.get(link.group(1).replace("&amp;", "&"))
    assert shown(narrowed) == [f"loa-{n:03d}" for n in range(0, COUNT, 13)]
    renews = re.search(r'hx-get="([^"]+/tinh-trang[^"]+)"', narrowed)
    assert renews
    assert shown(lan.get(renews.group(1).replace("&amp;", "&"))) == shown(narrowed)


def test_a_page_beyond_the_end_says_so(lan: Any, aired: None) -> None:
    for address in ("/cum-loa", f"/luot-phat/{AIRING}"):
        text = lan.get(f"{address}?trang=4")
        assert shown(text) == []
        assert "Trước" in text


def test_what_is_counted_before_the_start_is_who_will_be_told(either: Engine) -> None:
    settle(either)
    with transaction(either) as session:
        session.get_one(Device, "loa-000").deleted_at = NOW
        session.get_one(Device, "loa-001").enrolled_at = None
        add_airing(session, starts_at=NOW + timedelta(hours=1))
        session.add(AiringZone(airing=AIRING, zone="ap-1"))  # in both zones, but one device
        session.add(AiringDevice(airing=AIRING, device="loa-002", playback=Playback.SKIPPED))
    with reading(either) as session:
        row = airings.get(session, AIRING)
        counted = airings.counts(session, [row], NOW)[AIRING]
        told = airings.on_devices(session, row, NOW)
    assert counted == {State.PLANNED: COUNT - 3, State.SKIPPED: 1}
    assert counted == Counter(each.state for each in told)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_day_of_many_airings_takes_no_more_statements_than_one_of_few(
    lan: Any, engine: Engine, many: None
) -> None:
    taken = []
    for n in (1, 20):
        with transaction(engine) as session:
            for each in range(n):
                start = NOW + timedelta(minutes=n, seconds=each)
                add_airing(session, f"b{n}-{each}@{start:%Y%m%dT%H%M%SZ}", starts_at=start)
        with statements(engine) as seen:
            assert lan.get("/luot-phat").count("Luật Đất đai") == (1 if n == 1 else 21)
        taken.append(len(seen))
    assert taken[0] == taken[1]


def test_an_emergency_of_very_many_shows_first_those_that_have_not_played_it(
    logged_in: Callable[..., Any], person: Callable[..., User], engine: Engine, aired: None
) -> None:
    leader = logged_in("minh", Role.LEADER)
    with transaction(engine) as session:
        minh = session.exec(select(User.id).where(User.name == "minh")).one()
        assert minh is not None
        words = Recording(words="Sơ tán", engine="espeak", asked_by=minh, asked_at=NOW)
        session.add(words)
        session.flush()
        session.add(
            Booking(
                id="baaaaaaaaaa",
                recording_id=words.id,
                kind=BookingKind.EMERGENCY,
                title="Sơ tán",
                priority=Priority.EMERGENCY,
                created_by=minh,
                created_at=NOW,
            )
        )
    text = leader.get("/khan-cap/baaaaaaaaaa/tinh-trang")
    names = re.findall(r"<td>(Cụm \d+|Nhà[^<]+)</td>", text)
    assert names[:10] == [f"Cụm {n:03d}" for n in range(0, COUNT, 13)]
    assert len(names) == 50
    assert "Đã phát 120" in text
    assert "và 80 cụm loa nữa" in text


FACTS: Any = tuple(
    product(
        (True, False),
        (None, timedelta(seconds=749), timedelta(seconds=751)),
        (ClockTrust.TRUSTED, ClockTrust.UNKNOWN),
        ({}, {"missing": ("a" * 64, "b" * 64)}, {"behind": ("plan",)}, {"disk_free_mb": 199}),
        ({}, {"temperature_c": 80.0, "disk_free_mb": 200}, {"temperature_c": 79.9}, {"playing": AIRING}),
    )
)


def test_a_glance_at_a_device_says_what_its_line_says(either: Engine) -> None:
    rows = []
    for n, (online, silent, clock, one, other) in enumerate(FACTS):
        facts: dict[str, Any] = {**one, **other}
        told = Presence(kind="presence", device=f"loa-{n}", online=online, clock=clock, **facts)
        rows.append(
            Device(
                id=f"loa-{n}",
                name=f"Loa {n:04d}",
                created_at=NOW,
                enrolled_at=None if n % 7 == 0 else NOW,
                online=online,
                last_seen_at=None if silent is None else NOW - silent,
                presence=None if n % 11 == 0 else told.model_dump(mode="json", exclude_defaults=True),
            ).model_dump()
        )
    with transaction(either) as session:
        session.execute(insert(Device), rows)
    with reading(either) as session:
        glances = device_lines.glances(session, now=NOW)
        lines = [
            device_lines.line(row, (), now=NOW)
            for row in session.exec(select(Device).order_by(col(Device.name)))
        ]
    said = [(each.id, each.state, each.playing, each.alarms) for each in lines]
    assert [(each.id, each.state, each.playing, each.alarms) for each in glances] == said
    assert {each.state for each in lines} == set(devices.DeviceState)
    assert {len(each.alarms) for each in lines} == {0, 1, 2, 3}


# -- bookings and airings ---------------------------------------------------------------------------------------


def add_bookings(engine: Engine, count: int) -> None:
    """Write down as many bookings of one day each, long over, the newest created last."""
    rule = rules.once(NOW - timedelta(days=30)).model_dump(mode="json")
    with transaction(engine) as session:
        by = session.exec(select(User.id)).first()
        assert by is not None
        for n in range(count):
            session.add(
                Booking(
                    id=f"b{n:03d}",
                    title=f"Lịch {n:03d}",
                    rule=rule,
                    over_at=NOW - timedelta(days=28),
                    created_by=by,
                    created_at=NOW - timedelta(days=40) + timedelta(minutes=n),
                )
            )


def test_every_booking_that_is_over_can_still_be_found(lan: Any, engine: Engine) -> None:
    add_bookings(engine, 230)
    address: str | None = "/lich-phat?cu=1"
    found: list[str] = []
    while address:
        text = lan.get(address)
        found += re.findall(r"<strong>(Lịch \d+)</strong>", text)
        onward = re.search(r'href="([^"]+)">Sau →', text)
        address = onward.group(1).replace("&amp;", "&") if onward else None
    assert found == [f"Lịch {n:03d}" for n in reversed(range(230))]


@pytest.fixture
def long_running(lan: Any, engine: Engine) -> list[str]:
    """A booking with an airing a day, 100 of them over and 14 to come; their starts as its page writes them."""
    add_bookings(engine, 1)
    starts = [NOW + timedelta(days=n, hours=1) for n in range(-100, 14)]
    with transaction(engine) as session:
        for start in starts:
            add_airing(session, f"b000@{start:%Y%m%dT%H%M%SZ}", starts_at=start)
    return [f"{start.astimezone(HERE):%d/%m/%Y}" for start in starts]


def days(text: str) -> list[str]:
    return re.findall(r'href="/luot-phat/b000@[^"]+">[^<]*?(\d\d/\d\d/\d{4})</a>', text)


def test_the_page_of_a_booking_opens_where_its_next_airing_stands(lan: Any, long_running: list[str]) -> None:
    assert days(lan.get("/lich-phat/b000")) == long_running[100:]


def test_every_airing_of_a_booking_is_on_one_of_its_pages(lan: Any, long_running: list[str]) -> None:
    pages = [days(lan.get(f"/lich-phat/b000?trang={n}")) for n in (1, 2, 3)]
    assert [day for page in pages for day in page] == long_running


def test_every_airing_of_a_day_is_on_one_of_its_pages(lan: Any, engine: Engine) -> None:
    starts = [NOW + timedelta(minutes=n) for n in range(120)]
    with transaction(engine) as session:
        for start in starts:
            add_airing(session, f"b000@{start:%Y%m%dT%H%M%SZ}", starts_at=start)
    found = []
    for n in (1, 2, 3):
        text = lan.get(f"/luot-phat?ngay=2026-11-24&trang={n}")
        found += re.findall(r"<strong>(\d\d:\d\d)</strong>", text)
    assert found == [f"{start.astimezone(HERE):%H:%M}" for start in starts]
