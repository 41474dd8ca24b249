"""Emergencies: typed, spoken, aired at once, over when they are cancelled or have expired."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from edge_agent.wire.words import Priority
from studio import bookings, emergencies, keys, outbox, planning, speaking
from studio.db import transaction
from studio.errors import Conflict, Forbidden, Invalid, NotFound
from studio.models.airings import Airing
from studio.models.bookings import Booking
from studio.models.places import Zone
from studio.models.recordings import Recording
from studio.models.users import Role, User
from studio.settings import StudioSettings
from studio.sounds import Sounds
from studio.speaker import Speaker
from tests.support import station

NIGHT = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
"""02:00 in Vietnam."""
WORDS = "Nước sông đang lên nhanh. Bà con ấp Một khẩn trương sơ tán lên trường học."


@pytest.fixture
def leader(person: Callable[..., User]) -> User:
    return person("minh", Role.LEADER)


@pytest.fixture(params=[Role.OFFICER, Role.TECHNICIAN])
def other(request: pytest.FixtureRequest, person: Callable[..., User]) -> User:
    return person("lan", request.param)


@pytest.fixture
def session(engine: Engine, leader: User) -> Iterator[Session]:
    with transaction(engine) as session:
        station.commune(session, now=NIGHT, quiet_hours=station.NIGHT)
        yield session


@pytest.fixture
def order(session: Session, leader: User, settings: StudioSettings) -> Callable[..., Booking]:
    def make(words: str = WORDS, zones: tuple[str, ...] = ("ap-1",), by: User = leader) -> Booking:
        return emergencies.order(session, words, zones, by=by, now=NIGHT, settings=settings)

    return make


def speak(session: Session, *, seconds: float = 12.0) -> speaking.Job:
    """A speaker takes the next order and finishes it."""
    job = speaking.claim(session, "tests/1", now=NIGHT)
    assert job is not None
    sound = speaking.Sound("e" * 64, seconds, int(seconds * 3000), -16.0, -1.5, "")
    assert speaking.finish(session, job, "tests/1", sound, now=NIGHT)
    session.expire_all()
    return job


def airing_of(session: Session, booking: Booking) -> Airing:
    return session.exec(select(Airing).where(Airing.booking == booking.id)).one()


def emergency_n(session: Session, zone: str) -> int:
    session.expire_all()
    return session.get_one(Zone, zone).emergency_n


def test_an_emergency_airs_seconds_after_it_was_spoken_in_the_middle_of_the_night(
    session: Session, order: Callable[..., Booking], settings: StudioSettings
) -> None:
    booking = order()
    assert emergencies.air_spoken(session, now=NIGHT, settings=settings) == [], "nothing was spoken yet"
    job = speak(session)
    assert (job.text, job.emergency) == (WORDS, True)
    spoken_at = NIGHT + timedelta(seconds=2.5)
    assert emergencies.air_spoken(session, now=spoken_at, settings=settings) == [booking]
    airing = airing_of(session, booking)
    assert airing.starts_at == NIGHT + timedelta(seconds=6)
    assert (airing.priority, airing.repeat, airing.tone) == (Priority.EMERGENCY, 3, True)
    assert airing.stale_at - airing.ends_at >= timedelta(hours=1)
    assert (emergency_n(session, "ap-1"), emergency_n(session, "xa")) == (1, 0)
    assert session.get_one(Zone, "ap-1").plan_n == 1, "the ordinary plan stays as it is"
    assert emergencies.air_spoken(session, now=spoken_at, settings=settings) == [], "once is enough"


def test_planning_again_leaves_an_emergency_alone(
    session: Session, order: Callable[..., Booking], settings: StudioSettings
) -> None:
    booking = order()
    speak(session)
    emergencies.air_spoken(session, now=NIGHT, settings=settings)
    planning.replan(session, NIGHT + timedelta(minutes=1))
    assert airing_of(session, booking).withdrawn_at is None
    assert emergency_n(session, "ap-1") == 1


def test_it_goes_before_bulletins_that_wait_to_be_spoken(
    session: Session, order: Callable[..., Booking], leader: User
) -> None:
    station.bulletin(session, by=leader, now=NIGHT)
    session.add(
        Recording(bulletin_id=1, revision=1, engine="espeak", asked_by=leader.id or 0, asked_at=NIGHT)
    )
    session.flush()
    order()
    job = speaking.claim(session, "tests/1", now=NIGHT)
    assert job is not None
    assert job.text == WORDS


def test_only_leaders_and_administrators_order_one(other: User, order: Callable[..., Booking]) -> None:
    with pytest.raises(Forbidden, match="phát thông báo khẩn cấp"):
        order(by=other)


@pytest.mark.parametrize(
    ("words", "zones", "field", "told"),
    [
        ("  \n ", ("ap-1",), "words", "Hãy nhập nội dung"),
        ("123 !!!", ("ap-1",), "words", "Hãy nhập nội dung"),
        ("nước lên " * 150, ("ap-1",), "words", "Thông báo có 300 tiếng, quá dài"),
        (WORDS, (), "zones", "Chưa chọn vùng phát nào"),
        (WORDS, ("ap-9",), "zones", "Không có vùng phát «ap-9»"),
        (WORDS, ("ap-3",), "zones", "chưa có cụm loa nào"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    session: Session, order: Callable[..., Booking], words: str, zones: tuple[str, ...], field: str, told: str
) -> None:
    with pytest.raises(Invalid, match=told) as refused:
        order(words, zones)
    assert refused.value.field == field
    assert emergencies.latest(session) == []


def test_words_that_cannot_be_spoken_say_why(
    session: Session, order: Callable[..., Booking], settings: StudioSettings
) -> None:
    booking = order()
    job = speaking.claim(session, "tests/1", now=NIGHT)
    assert job is not None
    speaking.fail(session, job, "tests/1", "Tin khẩn cấp dài 52 giây.", now=NIGHT)
    session.expire_all()
    assert emergencies.air_spoken(session, now=NIGHT, settings=settings) == []
    assert booking.failed == "Tin khẩn cấp dài 52 giây."
    assert emergencies.spoken(session) == []


def test_one_that_cannot_be_planned_does_not_hold_back_the_others(
    session: Session, order: Callable[..., Booking], settings: StudioSettings
) -> None:
    broken, sound = order("Lũ về."), order()
    speak(session, seconds=-12.0)
    speak(session)
    assert emergencies.air_spoken(session, now=NIGHT, settings=settings) == [sound]
    assert airing_of(session, sound).starts_at > NIGHT
    assert "hãy phát lại" in broken.failed
    assert broken.rule is None
    assert emergencies.spoken(session) == [], "and it is not tried for ever"


def test_what_was_spoken_too_late_is_not_aired(
    session: Session, order: Callable[..., Booking], settings: StudioSettings
) -> None:
    booking = order()
    speak(session)
    late = NIGHT + timedelta(hours=1, minutes=1)
    assert emergencies.air_spoken(session, now=late, settings=settings) == []
    assert "hết hiệu lực" in booking.failed


def test_a_cancel_takes_it_out_of_the_plan_while_it_sounds(
    session: Session, order: Callable[..., Booking], leader: User, settings: StudioSettings
) -> None:
    booking = order()
    speak(session)
    emergencies.air_spoken(session, now=NIGHT, settings=settings)
    during = NIGHT + timedelta(seconds=20)
    emergencies.cancel(session, booking.id, by=leader, now=during)
    assert airing_of(session, booking).withdrawn_at == during
    assert emergency_n(session, "ap-1") == 2
    emergencies.cancel(session, booking.id, by=leader, now=during)
    assert emergency_n(session, "ap-1") == 2, "twice is once"


def test_a_cancel_before_it_was_spoken_airs_nothing(
    session: Session, order: Callable[..., Booking], leader: User, settings: StudioSettings
) -> None:
    booking = order()
    emergencies.cancel(session, booking.id, by=leader, now=NIGHT)
    assert speaking.claim(session, "tests/1", now=NIGHT) is None
    assert emergencies.air_spoken(session, now=NIGHT, settings=settings) == []


def test_what_is_over_cannot_be_cancelled_and_only_here(
    session: Session, order: Callable[..., Booking], leader: User, settings: StudioSettings
) -> None:
    booking = order()
    speak(session)
    emergencies.air_spoken(session, now=NIGHT, settings=settings)
    with pytest.raises(Conflict, match="trang «Khẩn cấp»"):
        bookings.withdraw(session, booking.id, by=leader, now=NIGHT)
    with pytest.raises(Conflict, match="hết hiệu lực"):
        emergencies.cancel(session, booking.id, by=leader, now=NIGHT + timedelta(hours=3))
    with pytest.raises(NotFound):
        emergencies.cancel(session, "bkhongco", by=leader, now=NIGHT)


def test_typed_words_are_really_spoken_and_ride_in_the_plan_of_the_zone(
    engine: Engine, leader: User, settings: StudioSettings
) -> None:
    sounds = Sounds(settings.sounds_directory)
    with transaction(engine) as session:
        station.commune(session, now=NIGHT)
        keys.initialise(session, settings.data / "keys", now=NIGHT)
        emergencies.order(session, WORDS, ["ap-1"], by=leader, now=NIGHT, settings=settings)
    assert Speaker(engine=engine, sounds=sounds, name="tests/1", now=lambda: NIGHT).work_once()
    with transaction(engine) as session:
        (booking,) = emergencies.air_spoken(session, now=NIGHT, settings=settings)
        seal, zone = keys.load(session, settings.data / "keys"), session.get_one(Zone, "ap-1")
        plan = outbox.emergency(session, zone, seal=seal, sounds=sounds, now=NIGHT)
        (airing,) = plan.airings
        assert airing.id.startswith(booking.id)
        (sound,) = airing.sounds
        assert sound.inline is not None
        assert hashlib.sha256(sound.inline).hexdigest() == sound.sha256
        assert len(sound.inline) == sound.size <= 40 * 1024
        over = outbox.emergency(session, zone, seal=seal, sounds=sounds, now=NIGHT + timedelta(hours=2))
        assert over.airings == ()
