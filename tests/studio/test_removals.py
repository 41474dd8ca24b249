"""What becomes of bookings when a zone or a device is deleted: named beforehand, withdrawn where nowhere is left."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from studio import bookings, keys, previews, removals
from studio.db import reading, transaction
from studio.errors import Conflict
from studio.models.airings import Airing
from studio.models.bookings import Booking
from studio.models.users import Role, User
from studio.settings import StudioSettings
from tests.support import station

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@pytest.fixture
def lan(person: Callable[..., User]) -> User:
    return person("lan", Role.OFFICER)


@pytest.fixture
def tam(person: Callable[..., User]) -> User:
    return person("tam", Role.TECHNICIAN)


@pytest.fixture
def session(engine: Engine, lan: User, tam: User) -> Iterator[Session]:
    with transaction(engine) as session:
        station.commune(session, now=NOW)
        yield session


@pytest.fixture
def book(session: Session, lan: User) -> Callable[..., Booking]:
    law = station.bulletin(session, by=lan, now=NOW)
    return lambda *zones, **more: bookings.book(session, station.draft([law], zones, **more), by=lan, now=NOW)


def on_air(session: Session, booking: Booking) -> int:
    chosen = select(Airing).where(Airing.booking == booking.id)
    return sum(row.withdrawn_at is None for row in session.exec(chosen))


def test_what_was_booked_for_a_deleted_zone_alone_is_withdrawn(
    session: Session, tam: User, book: Callable[..., Booking]
) -> None:
    alone, also, other = book("ap-1"), book("ap-1", "ap-2"), book("ap-2")
    assert removals.remove_zone(session, "ap-1", by=tam, now=NOW) == [alone]
    assert (alone.withdrawn_at, alone.withdrawn_by) == (NOW, tam.id)
    assert [on_air(session, each) for each in (alone, also, other)] == [0, 3, 3]
    assert removals.remove_zone(session, "ap-2", by=tam, now=NOW) in ([also, other], [other, also])
    assert previews.coming(session, now=NOW, ahead=timedelta(days=5)) == []


def test_what_is_over_or_withdrawn_is_neither_named_nor_touched(
    session: Session, lan: User, tam: User, book: Callable[..., Booking]
) -> None:
    over, undone = book("ap-1"), book("ap-1")
    bookings.withdraw(session, undone.id, by=lan, now=NOW)
    later = NOW + timedelta(days=10)
    assert removals.booked(session, "ap-1", now=later) == removals.Booked([], [])
    assert removals.remove_zone(session, "ap-1", by=tam, now=later) == []
    assert (over.withdrawn_at, undone.withdrawn_by) == (None, lan.id)


def test_a_zone_that_cannot_go_takes_no_booking_along(
    engine: Engine, session: Session, tam: User, book: Callable[..., Booking]
) -> None:
    booking = book("xa")
    session.commit()
    with pytest.raises(Conflict, match="còn vùng con"), transaction(engine) as refused:
        removals.remove_zone(refused, "xa", by=tam, now=NOW)
    with reading(engine) as later:
        assert bookings.get(later, booking.id).withdrawn_at is None


def test_a_deleted_device_takes_its_own_bookings_along(
    session: Session, tam: User, book: Callable[..., Booking]
) -> None:
    alone, hamlet = book("loa-1"), book("ap-1")
    assert removals.remove_device(session, "loa-1", by=tam, now=NOW) == [alone]
    assert hamlet.withdrawn_at is None


@pytest.mark.parametrize(("kind", "name"), [("vung-phat", "ap-1"), ("cum-loa", "loa-1")])
def test_pages_name_the_bookings_before_and_after(
    engine: Engine,
    logged_in: Callable[..., Any],
    person: Callable[..., User],
    clock: Any,
    settings: StudioSettings,
    kind: str,
    name: str,
) -> None:
    lan = person("lan", Role.OFFICER)
    with transaction(engine) as session:
        keys.initialise(session, settings.data / "keys", now=clock())
        station.commune(session, now=clock())
        law = station.bulletin(session, by=lan, now=clock())
        alone = bookings.book(session, station.draft([law], [name], title="Riêng"), by=lan, now=clock())
        also = bookings.book(
            session, station.draft([law], [name, "ap-2"], title="Chung"), by=lan, now=clock()
        )
    technician = logged_in("tam", Role.TECHNICIAN)
    page = technician.get(f"/{kind}/{name}")
    assert f'Lịch phát <a href="/lich-phat/{alone.id}">«Riêng»</a> chỉ dành cho nơi này nên sẽ bị hủy' in page
    assert f'<a href="/lich-phat/{also.id}">«Chung»</a> vẫn phát ở các vùng khác' in page
    assert "Lịch phát «Riêng» sẽ bị hủy." in page[page.index("hx-confirm=") :]
    assert "Lịch phát «Riêng» đã bị hủy." in technician.post(f"/{kind}/{name}/xoa")
    assert "Đã hủy" in technician.get(f"/lich-phat/{alone.id}")
    kept = technician.get(f"/lich-phat/{also.id}")
    assert "(đã xóa)" in kept
    assert f'href="/vung-phat/{name}"' not in kept


def test_programs_withdraw_them_too(
    engine: Engine, lan: User, session: Session, open_client: Any, tam: User, book: Callable[..., Booking]
) -> None:
    booking = book("ap-1")
    session.commit()
    client = open_client()
    answer = client.post("/api/v1/sessions", json={"user": "tam", "password": "chim hót đầu xuân"})
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    assert client.delete("/api/v1/zones/ap-1").status_code == 204
    shown = client.get(f"/api/v1/bookings/{booking.id}").json()
    assert shown["withdrawn_at"] is not None
