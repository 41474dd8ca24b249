"""What becomes of bookings when the bulletin they play is edited: silence, and a word before and after."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from studio import bookings, bulletins, planning, play_now
from studio.db import transaction
from studio.drafts import Draft
from studio.errors import Invalid
from studio.models.airings import Airing, AiringDevice
from studio.models.bookings import Booking, BookingKind
from studio.models.bulletins import Bulletin, Verdict
from studio.models.places import Zone
from studio.models.users import Role, User
from tests.support import station

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
OTHER_WORDS = Draft(title="Luật Đất đai", text="Hoãn lại.")


@pytest.fixture
def lan(person: Callable[..., User]) -> User:
    return person("lan", Role.OFFICER)


@pytest.fixture
def session(engine: Engine, lan: User) -> Iterator[Session]:
    with transaction(engine) as session:
        station.commune(session, now=NOW)
        yield session


@pytest.fixture
def law(session: Session, lan: User) -> int:
    return station.bulletin(session, by=lan, now=NOW)


def edit(session: Session, bulletin: int, lan: User, now: datetime = NOW) -> None:
    bulletins.edit(session, bulletin, OTHER_WORDS, based_on=1, by=lan, now=now)


def on_air(session: Session, booking: Booking) -> list[datetime]:
    chosen = select(Airing).where(Airing.booking == booking.id)
    return [row.starts_at for row in session.exec(chosen) if row.withdrawn_at is None]


def test_nothing_of_the_old_sound_begins_after_an_edit(session: Session, law: int, lan: User) -> None:
    fire = station.bulletin(session, by=lan, now=NOW, title="Phòng cháy")
    alone = bookings.book(session, station.draft([law]), by=lan, now=NOW)
    among_others = bookings.book(session, station.draft([fire, law], ["ap-1"]), by=lan, now=NOW)
    soon = play_now.play_now(session, [law], ["ap-2"], by=lan, now=NOW, lead=timedelta(seconds=8))
    another = bookings.book(session, station.draft([fire]), by=lan, now=NOW)
    before = {zone.id: zone.plan_n for zone in session.exec(select(Zone))}
    edit(session, law, lan)
    for booking in (alone, among_others, soon):
        assert (booking.withdrawn_at, booking.withdrawn_by) == (NOW, lan.id)
        assert on_air(session, booking) == []
    assert another.withdrawn_at is None
    assert len(on_air(session, another)) == 3
    session.expire_all()
    after = {zone.id: zone.plan_n for zone in session.exec(select(Zone))}
    assert {zone for zone in after if after[zone] > before[zone]} == {"xa", "ap-1", "ap-2"}


def test_what_has_begun_goes_on_and_what_comes_after_does_not(session: Session, law: int, lan: User) -> None:
    booking = bookings.book(session, station.draft([law]), by=lan, now=NOW)
    first = min(on_air(session, booking))
    edit(session, law, lan, first + timedelta(seconds=20))
    assert on_air(session, booking) == [first]


def test_the_history_names_what_was_withdrawn_and_says_nothing_where_nothing_was(
    session: Session, law: int, lan: User
) -> None:
    for n, title in enumerate(("Chương trình sáng", "Chương trình chiều")):
        at = NOW + timedelta(minutes=n)
        bookings.book(session, station.draft([law], title=title), by=lan, now=at)
    edit(session, law, lan, NOW + timedelta(hours=1))
    told = bulletins.history(session, bulletins.get(session, law))[0].decision
    assert told.verdict is Verdict.VOIDED
    assert told.reason == "Lịch phát «Chương trình sáng», «Chương trình chiều» bị hủy."
    free = station.bulletin(session, by=lan, now=NOW, title="Chưa đặt")
    edit(session, free, lan)
    assert bulletins.history(session, bulletins.get(session, free))[0].decision.reason == ""


def test_approving_the_same_sound_again_does_not_bring_bookings_back(
    session: Session, law: int, lan: User
) -> None:
    booking = bookings.book(session, station.draft([law]), by=lan, now=NOW)
    row = session.get_one(Bulletin, law)
    sha256 = row.approved_sha256
    edit(session, law, lan)
    row.approved_sha256 = sha256
    planning.replan(session, NOW + timedelta(hours=1))
    assert on_air(session, booking) == []


def test_planning_itself_airs_no_sound_that_is_not_approved_now(
    session: Session, law: int, lan: User
) -> None:
    booking = bookings.book(session, station.draft([law], rule=station.rule(last_day=None)), by=lan, now=NOW)
    assert len(on_air(session, booking)) == 14
    session.get_one(Bulletin, law).approved_sha256 = "f" * 64  # by whatever way: the booking is not withdrawn
    done = planning.replan(session, NOW + timedelta(days=3))
    assert (done.added, done.withdrawn) == (0, 12)
    assert on_air(session, booking) == [NOW.replace(hour=10) + timedelta(days=n) for n in (1, 2)]
    assert booking.withdrawn_at is None


def test_a_replay_of_what_was_edited_since_is_refused(session: Session, law: int, lan: User) -> None:
    booking = bookings.book(session, station.draft([law]), by=lan, now=NOW)
    airing = session.exec(select(Airing).where(Airing.booking == booking.id).order_by(Airing.id)).first()
    assert airing is not None
    session.add(AiringDevice(airing=airing.id, device="loa-1"))
    later = airing.ends_at + timedelta(hours=1)
    edit(session, law, lan, later)
    with pytest.raises(Invalid, match="chưa được lãnh đạo duyệt"):
        play_now.replay(session, airing.id, by=lan, now=later, lead=timedelta(seconds=8))
    assert session.exec(select(Booking).where(Booking.kind == BookingKind.REPLAY)).all() == []


def test_many_names_are_said_short() -> None:
    titles = ("A" * 200, "B", "C", "D", "E")
    rows = [Booking(id=title, title=title, created_by=1, created_at=NOW) for title in titles]
    assert bookings.said(rows) == f"«{'A' * 59}…», «B», «C» và 2 lịch phát khác"


def test_the_form_says_beforehand_and_the_page_afterwards_which_bookings_go(
    engine: Engine, logged_in: Callable[..., Any], person: Callable[..., User], clock: Any
) -> None:
    author = person("tac-gia", Role.OFFICER)
    with transaction(engine) as session:
        station.commune(session, now=clock())
        law = station.bulletin(session, by=author, now=clock())
        title = "Nói về <luật>"
        booking = bookings.book(session, station.draft([law], title=title), by=author, now=clock())
    lan = logged_in("lan", Role.OFFICER)
    form = lan.get(f"/ban-tin/{law}/sua")
    link = f'<a href="/lich-phat/{booking.id}">«Nói về &lt;luật&gt;»</a>'
    assert f"Lịch phát {link} sẽ bị hủy" in form
    words = words_of(engine, law)
    same = lan.post(f"/ban-tin/{law}/sua", base="1", title=words.title, text=words.text)
    assert "bị hủy" not in same
    page = lan.post(f"/ban-tin/{law}/sua", base="1", title="Luật Đất đai", text="Hoãn lại.")
    assert "Đã lưu bản tin. Lịch phát «Nói về &lt;luật&gt;» đã bị hủy." in page
    assert "<br>Lịch phát «Nói về &lt;luật&gt;» bị hủy." in lan.get(f"/ban-tin/{law}")
    shown = lan.get(f"/lich-phat/{booking.id}")
    assert "Đã hủy" in shown
    assert "Bản tin đã được sửa sau khi đặt lịch" in shown


def words_of(engine: Engine, bulletin: int) -> Draft:
    with transaction(engine) as session:
        words = bulletins.current(session, bulletins.get(session, bulletin))
        return Draft(title=words.title, text=words.text)
