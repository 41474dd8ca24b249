"""The whole way of a booking and of an emergency on PostgreSQL: what SQLite forgives, it does not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import select, text

from edge_agent.wire.words import Playback
from studio import airings, bookings, bulletins, emergencies, planning, play_now, previews, speaking
from studio.db import create_engine, migrate, reading, transaction
from studio.drafts import Draft
from studio.errors import Invalid
from studio.models.airings import Airing, AiringDevice
from studio.models.bookings import Booking
from studio.models.places import Device
from studio.models.users import Role, User
from studio.settings import StudioSettings
from tests.support import station
from tests.support.postgres import Cluster

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
LEAD = timedelta(seconds=8)


@pytest.fixture
def engine(cluster: Cluster) -> Iterator[Engine]:
    engine = create_engine(cluster.new_database())
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def leader(engine: Engine, person: Callable[..., User]) -> User:
    leader = person("minh", Role.LEADER)
    with transaction(engine) as session:
        station.commune(session, now=NOW, quiet_hours=station.NIGHT)
        for device in session.exec(select(Device)):
            device.enrolled_at = NOW
    return leader


def test_booked_previewed_planned_and_withdrawn(engine: Engine, leader: User) -> None:
    with transaction(engine) as session:
        law = station.bulletin(session, by=leader, now=NOW)
        draft = station.draft([law], ["ap-1"], rule=station.rule(first_day="2026-11-24", last_day=None))
        booking = bookings.book(session, draft, by=leader, now=NOW)
    with reading(engine) as session:
        told = previews.preview(session, draft, now=NOW)
        assert [line.is_new for line in told.zones[0].lines] == [False, True]
        assert len(previews.coming(session, now=NOW)) == 1
        assert [each.id for each in bookings.listed(session, now=NOW).bookings] == [booking.id]
    with transaction(engine) as session:
        assert planning.replan(session, NOW + timedelta(days=1)).added == 1
        bookings.withdraw(session, booking.id, by=leader, now=NOW + timedelta(days=1))
    with reading(engine) as session:
        assert len(planning.known(session, NOW, NOW + timedelta(days=30))) == 1, "the one that had begun"
        assert [each.id for each in bookings.listed(session, now=NOW, past=True).bookings] == [booking.id]


def test_played_now_missed_and_played_again(engine: Engine, leader: User) -> None:
    later = NOW + timedelta(minutes=5)
    with transaction(engine) as session:
        law = station.bulletin(session, by=leader, now=NOW)
        booking = play_now.play_now(session, [law], ["xa"], by=leader, now=NOW, lead=LEAD)
        airing = session.exec(select(Airing.id).where(Airing.booking == booking.id)).one()
    with transaction(engine) as session:
        airings.expect(session, later)
        session.get_one(AiringDevice, (airing, "loa-1")).playback = Playback.FINISHED
    with transaction(engine) as session:
        again = play_now.replay(session, airing, by=leader, now=later, lead=LEAD)
        zones = bookings.zones_of(session, [again.id])[again.id]
        assert {zone.id for zone in zones} == {"loa-2", "loa-3"}


def test_an_emergency_is_ordered_aired_and_cancelled(
    engine: Engine, leader: User, settings: StudioSettings
) -> None:
    words = "Nước lên nhanh, bà con sơ tán ngay."
    with transaction(engine) as session:
        booking = emergencies.order(session, words, ["xa"], by=leader, now=NOW, settings=settings)
        job = speaking.claim(session, "t/0", now=NOW)
        assert job is not None
        speaking.finish(session, job, "t/0", speaking.Sound("e" * 64, 8.0, 24_000, -16.0, -1.4, ""), now=NOW)
    with reading(engine) as session:
        assert [each.id for each in emergencies.spoken(session)] == [booking.id]
    with transaction(engine) as session:
        assert len(emergencies.air_spoken(session, now=NOW, settings=settings)) == 1
        emergencies.cancel(session, booking.id, by=leader, now=NOW)
        assert emergencies.spoken(session) == []


def test_many_who_book_while_others_replan_lose_nothing(engine: Engine, leader: User) -> None:
    with transaction(engine) as session:
        law = station.bulletin(session, by=leader, now=NOW)

    def book(n: int) -> str:
        with transaction(engine) as session:
            draft = station.draft([law], ["xa"], rule=station.rule(at=[f"{6 + n:02}:00"]))
            return bookings.book(session, draft, by=leader, now=NOW).id

    def replan(_n: int) -> int:
        with transaction(engine) as session:
            return planning.replan(session, NOW).withdrawn

    with ThreadPoolExecutor(8) as people:
        booked, replanned = people.map(book, range(10)), people.map(replan, range(10))
        names, withdrawn = list(booked), list(replanned)
    assert withdrawn == [0] * 10
    with reading(engine) as session:
        found = planning.known(session, NOW, NOW + timedelta(days=10)).values()
    assert sorted(planned.booking for planned in found) == sorted(names * 3)


def test_of_a_booking_and_an_edit_at_once_one_sees_the_other(engine: Engine, leader: User) -> None:
    with transaction(engine) as session:
        law = station.bulletin(session, by=leader, now=NOW)

    def book() -> Booking:
        with transaction(engine) as session:
            return bookings.book(session, station.draft([law], ["ap-1"]), by=leader, now=NOW)

    with ThreadPoolExecutor(1) as other:
        with transaction(engine) as session:
            bulletins.edit(
                session, law, Draft(title="Luật Đất đai", text="Hoãn."), based_on=1, by=leader, now=NOW
            )
            booked = other.submit(book)
            while not booked.done() and not _somebody_waits(engine):
                pass
        with pytest.raises(Invalid, match="chưa được lãnh đạo duyệt"):
            booked.result(30)
    with reading(engine) as session:
        assert planning.known(session, NOW, NOW + timedelta(days=30)) == {}


def _somebody_waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_what_postgresql_cannot_write_down_is_refused_and_not_a_fault(
    open_client: Callable[[], httpx.Client], leader: User
) -> None:
    client = open_client()
    answer = client.post("/api/v1/sessions", json={"user": "minh", "password": "chim hót đầu xuân"})
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    for path in ("/api/v1/bulletins?search=%00", "/api/v1/zones/%00", "/api/v1/bookings/%00"):
        answer = client.get(path)
        assert (answer.status_code, "không phải là chữ" in answer.json()["detail"]) == (422, True), path
    assert client.get(f"/api/v1/bulletins/{10**30}").status_code in (404, 422)
