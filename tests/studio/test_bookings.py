"""What may be booked, what is refused and in which words, what a preview shows, playing now and again."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from edge_agent.wire.words import Playback, Priority
from studio import bookings, play_now, previews
from studio.booking_drafts import faults
from studio.db import transaction
from studio.errors import Conflict, Invalid, NotFound
from studio.models.airings import Airing, AiringDevice
from studio.models.bookings import Booking, BookingKind
from studio.models.bulletins import Bulletin
from studio.models.users import Role, User
from tests.support import station

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
LEAD = timedelta(seconds=8)


@pytest.fixture
def lan(person: Callable[..., User]) -> User:
    return person("lan", Role.OFFICER)


@pytest.fixture
def session(engine: Engine, lan: User) -> Iterator[Session]:
    with transaction(engine) as session:
        station.commune(session, now=NOW, quiet_hours=station.NIGHT)
        yield session


@pytest.fixture
def law(session: Session, lan: User) -> int:
    return station.bulletin(session, by=lan, now=NOW)


def test_a_booking_keeps_the_sound_that_was_approved(session: Session, law: int, lan: User) -> None:
    second = station.bulletin(session, by=lan, now=NOW, title="Phòng cháy", seconds=30)
    booking = bookings.book(session, station.draft([second, law]), by=lan, now=NOW)
    assert booking.title == "Phòng cháy và 1 bản tin khác"
    sounds = [(sound.bulletin_id, sound.seconds) for sound, _ in bookings.bulletins_of(session, booking.id)]
    assert sounds == [(second, 30.0), (law, 60.0)]
    airing = session.exec(select(Airing)).first()
    assert airing is not None
    assert airing.seconds == 90.0
    assert [s["sha256"] for s in airing.sounds] == [
        session.get_one(Bulletin, each).approved_sha256 for each in (second, law)
    ]


def test_names_of_bookings_are_random_and_fit_the_wire(session: Session) -> None:
    names = {bookings.new_id() for _ in range(500)}
    assert len(names) == 500
    assert all(len(name) == 11 and name[0] == "b" and name.isalnum() and name.islower() for name in names)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"zones_": []}, "zones", "Chưa chọn vùng phát nào"),
        ({"zones_": ["ap-9", "xa"]}, "zones", "Không có vùng phát «ap-9»"),
        ({"rule": station.rule(at=[])}, "at", "Chưa chọn giờ phát"),
        ({"rule": station.rule(last_day="2026-11-24")}, "last_day", "ở trước ngày bắt đầu"),
        ({"rule": station.rule(first_day="2026-11-01", last_day="2026-11-23")}, "first_day", "đã qua"),
        ({"rule": station.rule(repeats="weekdays", weekdays=[6])}, "weekdays", "không có ngày phát nào"),
        ({"priority": Priority.EMERGENCY}, "priority", "trang «Khẩn cấp»"),
        (
            {"rule": station.rule(at=["03:15"])},
            "at",
            "Giờ phát 03:15 ngày 25/11/2026 nằm trong giờ yên tĩnh 21:30–05:00 của cụm loa «Loa 1», «Loa 2», «Loa 3»",
        ),
        ({"rule": station.rule(at=["17:00", "21:29:30"])}, "at", "kéo dài sang giờ yên tĩnh 21:30–05:00"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_in_clear_words(
    session: Session, law: int, lan: User, change: dict[str, object], field: str, words: str
) -> None:
    draft = station.draft([law], **change)  # type: ignore[arg-type]  # one change at a time
    found = faults(session, draft, now=NOW)
    assert found[0].field == field
    assert words in found[0].text
    with pytest.raises(Invalid, match=re.escape(words)):
        bookings.book(session, draft, by=lan, now=NOW)
    assert session.exec(select(Booking)).all() == []


def test_nothing_that_was_not_approved_can_be_booked(session: Session, lan: User) -> None:
    waiting = station.bulletin(session, by=lan, now=NOW, title="Nháp", approved=False)
    with pytest.raises(Invalid, match="«Nháp» chưa được lãnh đạo duyệt"):
        bookings.book(session, station.draft([waiting]), by=lan, now=NOW)
    with pytest.raises(Invalid, match="Không có bản tin số 999"):
        bookings.book(session, station.draft([999]), by=lan, now=NOW)
    with pytest.raises(Invalid, match="Chưa chọn bản tin"):
        bookings.book(session, station.draft([]), by=lan, now=NOW)


def test_several_faults_are_told_together(session: Session) -> None:
    draft = station.draft([], [], rule=station.rule(at=[]))
    assert [fault.field for fault in faults(session, draft, now=NOW)] == ["bulletins", "zones", "at"]


def test_quiet_hours_count_only_where_it_is_heard(session: Session, law: int, lan: User) -> None:
    station.device(session, "Loa đêm", ["ap-3"], now=NOW)
    night = station.draft([law], ["ap-3"], rule=station.rule(at=["22:00"]))
    assert faults(session, night, now=NOW) == []


def test_withdrawing_twice_is_once_and_what_is_over_stays(session: Session, law: int, lan: User) -> None:
    booking = bookings.book(session, station.draft([law]), by=lan, now=NOW)
    first = bookings.withdraw(session, booking.id, by=lan, now=NOW).withdrawn_at
    assert bookings.withdraw(session, booking.id, by=lan, now=NOW + LEAD).withdrawn_at == first
    over = bookings.book(session, station.draft([law]), by=lan, now=NOW)
    with pytest.raises(Conflict, match="đã phát hết"):
        bookings.withdraw(session, over.id, by=lan, now=NOW + timedelta(days=10))
    with pytest.raises(NotFound):
        bookings.withdraw(session, "bkhongco", by=lan, now=NOW)


def test_lists_tell_what_is_to_come_from_what_is_over(session: Session, law: int, lan: User) -> None:
    kept, gone = (bookings.book(session, station.draft([law]), by=lan, now=NOW) for _ in range(2))
    bookings.withdraw(session, gone.id, by=lan, now=NOW)
    assert [b.id for b in bookings.listed(session, now=NOW).bookings] == [kept.id]
    assert [b.id for b in bookings.listed(session, now=NOW, past=True).bookings] == [gone.id]
    soon_after_the_last = NOW + timedelta(days=3, hours=6)
    assert bookings.listed(session, now=soon_after_the_last).bookings == []
    later = NOW + timedelta(days=30)
    assert {b.id for b in bookings.listed(session, now=later, past=True).bookings} == {kept.id, gone.id}


def test_a_preview_shows_the_day_in_each_zone_with_what_is_new_and_what_collides(
    session: Session, law: int, lan: User
) -> None:
    other = station.bulletin(session, by=lan, now=NOW, title="Tin xã", seconds=120)
    morning = station.rule(first_day="2026-11-24", at=["16:59"])
    bookings.book(session, station.draft([other], ["xa"], rule=morning), by=lan, now=NOW)
    today = station.rule(first_day="2026-11-24", at=["17:00"])
    told = previews.preview(session, station.draft([law], ["ap-1", "ap-3"], rule=today), now=NOW)
    assert told.faults == ()
    assert (told.airings, told.devices) == (4, 2)
    assert [f"{slot:%d %H}" for slot in told.slots] == ["24 10", "25 10", "26 10", "27 10"]
    hamlet, empty = told.zones
    assert [(line.planned.airing.title, line.is_new, line.devices) for line in hamlet.lines] == [
        ("Tin xã", False, 2),
        ("Luật Đất đai", True, 2),
    ]
    assert all("«Tin xã» phát trước vì đang phát dở" in line.warnings[0] for line in hamlet.lines)
    assert (empty.devices, empty.lines) == (0, ())
    assert "Còn trùng 3 lần nữa" in told.warnings[0]
    assert told.warnings[1].startswith("Vùng «Ấp 3» chưa có cụm loa nào")
    assert len(session.exec(select(Booking)).all()) == 1, "a preview saves nothing"


def test_a_preview_of_a_faulty_draft_tells_the_faults(session: Session, law: int) -> None:
    told = previews.preview(session, station.draft([law], rule=station.rule(at=["03:15"])), now=NOW)
    assert [fault.field for fault in told.faults] == ["at"]
    assert len(told.zones) == 1


def test_play_now_is_a_booking_of_its_own_seconds_ahead(session: Session, law: int, lan: User) -> None:
    first = play_now.play_now(session, [law], ["ap-1"], by=lan, now=NOW, lead=LEAD)
    second = play_now.play_now(session, [law], ["ap-1"], by=lan, now=NOW, lead=LEAD)
    assert first.kind is BookingKind.NOW
    assert {a.id for a in session.exec(select(Airing))} == {
        f"{booking.id}@20261124T050008Z" for booking in (first, second)
    }


def test_play_now_respects_the_night(session: Session, law: int, lan: User) -> None:
    night = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    with pytest.raises(Invalid, match="Giờ phát 23:00 ngày 24/11/2026 nằm trong giờ yên tĩnh 21:30–05:00"):
        play_now.play_now(session, [law], ["ap-1"], by=lan, now=night, lead=LEAD)


@pytest.fixture
def aired(session: Session, law: int, lan: User) -> Airing:
    """Aired in `xa`: loa-1 played it whole, loa-2 was cut, loa-3 has said nothing."""
    booking = play_now.play_now(session, [law], ["xa"], by=lan, now=NOW, lead=LEAD)
    airing = session.exec(select(Airing).where(Airing.booking == booking.id)).one()
    for device, playback in (("loa-1", Playback.FINISHED), ("loa-2", Playback.PARTIAL), ("loa-3", None)):
        session.add(AiringDevice(airing=airing.id, device=device, playback=playback))
    session.flush()
    return airing


def test_a_replay_is_for_those_that_missed_it_and_under_a_new_id(
    session: Session, aired: Airing, lan: User
) -> None:
    later = NOW + timedelta(minutes=10)
    booking = play_now.replay(session, aired.id, by=lan, now=later, lead=LEAD)
    assert booking.kind is BookingKind.REPLAY
    assert booking.replay_of == aired.id
    assert [zone.id for zone in bookings.zones_of(session, [booking.id])[booking.id]] == ["loa-2", "loa-3"]
    again = session.exec(select(Airing).where(Airing.booking == booking.id)).one()
    assert again.sounds == aired.sounds


def test_nobody_has_missed_what_is_not_over_yet(session: Session, aired: Airing, lan: User) -> None:
    with pytest.raises(Conflict, match="Không có cụm loa nào bỏ lỡ"):
        play_now.replay(session, aired.id, by=lan, now=NOW + timedelta(seconds=20), lead=LEAD)


@pytest.mark.parametrize("undone", ["stopped_at", "withdrawn_at"])
def test_nobody_has_missed_what_a_person_undid_before_its_start(
    session: Session, aired: Airing, undone: str, lan: User
) -> None:
    later = NOW + timedelta(minutes=10)
    assert len(play_now.missed(session, aired.id, now=later)) == 2
    setattr(aired, undone, aired.starts_at - timedelta(seconds=1))
    assert play_now.missed(session, aired.id, now=later) == []


def test_what_is_replayed_is_what_is_approved(session: Session, aired: Airing, law: int, lan: User) -> None:
    other = station.bulletin(session, by=lan, now=NOW, title="Bản mới")
    session.get_one(Bulletin, law).approved_sha256 = session.get_one(Bulletin, other).approved_sha256
    with pytest.raises((Conflict, Invalid)):
        play_now.replay(session, aired.id, by=lan, now=NOW + timedelta(minutes=10), lead=LEAD)
