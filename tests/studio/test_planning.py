"""From bookings in rows to airings in rows, and which zones are told."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from scheduler.planner import window
from studio import bookings, planning
from studio.db import transaction
from studio.models.airings import Airing, AiringZone
from studio.models.bookings import Booking
from studio.models.places import Zone
from studio.models.users import Role, User
from tests.support import station

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@pytest.fixture
def lan(person: Callable[..., User]) -> User:
    return person("lan", Role.OFFICER)


@pytest.fixture
def session(engine: Engine, lan: User) -> Iterator[Session]:
    with transaction(engine) as session:
        station.commune(session, now=NOW)
        yield session


@pytest.fixture
def book(session: Session, lan: User) -> Callable[..., Booking]:
    def make(*zones: str, now: datetime = NOW, **rule: object) -> Booking:
        bulletin = station.bulletin(session, by=lan, now=now, title=f"Tin {zones} {rule}")
        draft = station.draft([bulletin], zones, rule=station.rule(**rule))
        return bookings.book(session, draft, by=lan, now=now)

    return make


def starts(session: Session, booking: Booking) -> list[str]:
    rows = session.exec(select(Airing).where(Airing.booking == booking.id)).all()
    return [f"{at:%d %H:%M}" for at in sorted(row.starts_at for row in rows if row.withdrawn_at is None)]


def revisions(session: Session) -> dict[str, tuple[int, int]]:
    session.expire_all()
    return {zone.id: (zone.plan_n, zone.emergency_n) for zone in session.exec(select(Zone))}


def raised(before: dict[str, tuple[int, int]], session: Session) -> set[str]:
    return {zone for zone, n in revisions(session).items() if n != before[zone]}


def published(session: Session, at: datetime) -> None:
    for zone in session.exec(select(Zone)):
        zone.published_plan_n, zone.plan_signed_at = zone.plan_n, at
    session.flush()


def test_a_booking_becomes_airings_in_its_zones_and_only_those_zones_are_told(
    session: Session, book: Callable[..., Booking]
) -> None:
    before = revisions(session)
    booking = book("ap-1", "ap-2")
    assert starts(session, booking) == ["25 10:00", "26 10:00", "27 10:00"]
    assert {row.zone for row in session.exec(select(AiringZone))} == {"ap-1", "ap-2"}
    assert raised(before, session) == {"ap-1", "ap-2"}


def test_planning_again_changes_nothing(session: Session, book: Callable[..., Booking]) -> None:
    book("xa")
    published(session, NOW)
    before = revisions(session)
    assert planning.replan(session, NOW + timedelta(minutes=5)) == planning.Replanned()
    assert revisions(session) == before


def test_the_next_day_brings_the_window_one_day_on(session: Session, book: Callable[..., Booking]) -> None:
    booking = book("xa", last_day=None)
    assert len(starts(session, booking)) == 14
    published(session, NOW)
    tomorrow = NOW + timedelta(days=1)
    assert planning.replan(session, tomorrow).added == 1
    assert starts(session, booking)[-1] == f"{window(tomorrow)[1] - timedelta(hours=14):%d %H:%M}"


def test_a_studio_that_was_down_for_weeks_plans_only_what_is_to_come(
    session: Session, book: Callable[..., Booking]
) -> None:
    booking = book("xa", last_day=None)
    long_after = NOW + timedelta(days=30, hours=6)
    planning.replan(session, long_after)
    rows = session.exec(select(Airing).where(Airing.booking == booking.id)).all()
    added = {row.starts_at for row in rows if row.created_at == long_after}
    assert added
    assert min(added) > long_after


def test_withdrawing_takes_back_what_has_not_begun_and_tells_the_zones(
    session: Session, book: Callable[..., Booking], lan: User
) -> None:
    booking, other = book("ap-1"), book("ap-1", at=["06:00"])
    before = revisions(session)
    during_the_second = datetime(2026, 11, 26, 10, 0, 30, tzinfo=UTC)
    bookings.withdraw(session, booking.id, by=lan, now=during_the_second)
    assert starts(session, booking) == ["25 10:00", "26 10:00"]
    assert raised(before, session) == {"ap-1"}
    assert len(starts(session, other)) == 3


def test_plans_are_signed_again_after_a_day_once(session: Session, book: Callable[..., Booking]) -> None:
    book("xa")
    published(session, NOW)
    before = revisions(session)
    later = NOW + timedelta(hours=24)
    assert planning.replan(session, later).zones == set(before)
    assert raised(before, session) == set(before)
    assert planning.replan(session, later).zones == frozenset(), (
        "what waits to be published is not raised again"
    )


def test_a_booking_that_cannot_be_read_keeps_its_airings_and_holds_back_no_other(
    session: Session, book: Callable[..., Booking]
) -> None:
    spoilt, sound = book("ap-1", last_day=None), book("ap-2", last_day=None)
    spoilt.rule = {"repeats": "by the moon"}
    session.add(spoilt)
    before = starts(session, spoilt)
    assert planning.replan(session, NOW + timedelta(days=1)).added == 1
    assert len(starts(session, sound)) == 15
    assert starts(session, spoilt) == before


def test_devices_are_found_with_all_their_zones(session: Session) -> None:
    found = planning.listeners(session, ["ap-1"])
    assert {each.id: set(each.zones) for each in found} == {
        "loa-1": {"loa-1", "ap-1", "xa"},
        "loa-2": {"loa-2", "ap-1", "xa"},
    }


def test_a_thousand_airings_are_written_and_read_in_one_go(
    session: Session, book: Callable[..., Booking]
) -> None:
    for _ in range(8):
        book("xa", last_day=None, at=[f"{hour:02}:30" for hour in range(6, 18)])
    found = planning.known(session, NOW, NOW + timedelta(days=20))
    assert len(found) == len(session.exec(select(Airing)).all()) > 1000
    assert all(planned.zones == {"xa"} for planned in found.values())
