"""Bookings: approved sounds, days and times, zones. Saved and planned in one transaction; undone by withdrawing."""

import base64
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, not_, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from edge_agent.wire import documents
from edge_agent.wire.words import Priority
from scheduler import rules
from scheduler.rules import Repeats, Rule
from studio import booking_drafts, planning
from studio.booking_drafts import BookingDraft
from studio.errors import Conflict, Invalid, NotFound
from studio.models.bookings import Booking, BookingKind, BookingSound, BookingZone
from studio.models.bulletins import Bulletin
from studio.models.places import Zone
from studio.models.users import User

PRIORITY_NAMES = {
    Priority.ORDINARY: "Thông thường",
    Priority.PRIORITY: "Ưu tiên",
    Priority.EMERGENCY: "Khẩn cấp",
}
"""The three of Circular 39/2020/TT-BTTTT, as staff call them."""
KIND_NAMES = {
    BookingKind.SCHEDULE: "Theo lịch",
    BookingKind.NOW: "Phát ngay",
    BookingKind.EMERGENCY: "Khẩn cấp",
    BookingKind.REPLAY: "Phát lại",
}
"""What staff call the occasions."""


def book(
    session: Session,
    draft: BookingDraft,
    *,
    by: User,
    now: datetime,
    kind: BookingKind = BookingKind.SCHEDULE,
    replay_of: str | None = None,
) -> Booking:
    """Save a booking and plan it. Raises Invalid with everything that must be mended first.

    Overlaps with others are no fault: who goes first is shown beforehand, by studio.previews.
    """
    if not booking_drafts.oversized(draft):
        booking_drafts.hold(session, draft)
    wrong = booking_drafts.faults(session, draft, now=now)
    if wrong:
        raise Invalid(" ".join(dict.fromkeys(fault.text for fault in wrong)), field=wrong[0].field)
    sounds = [booking_drafts.approved(session, bulletin) for bulletin in draft.bulletins]
    booking = Booking(
        id=new_id(),
        kind=kind,
        title=draft.title.strip() or booking_drafts.title_of([bulletin.title for bulletin, _ in sounds]),
        rule=draft.rule.model_dump(mode="json"),
        priority=draft.priority,
        rank=draft.rank,
        repeat=draft.repeat,
        in_step=draft.in_step,
        over_at=over_at(draft.rule),
        replay_of=replay_of,
        created_by=_id(by),
        created_at=now,
    )
    session.add(booking)
    session.flush()
    for position, (bulletin, sound) in enumerate(sounds):
        add_sound(session, booking, position, bulletin, sound)
    session.add_all(BookingZone(booking=booking.id, zone=zone) for zone in dict.fromkeys(draft.zones))
    planning.replan_booking(session, booking, now)
    return booking


def withdraw(session: Session, booking: str, *, by: User, now: datetime) -> Booking:
    """Take back everything of a booking that has not begun; twice is once.

    What has begun goes on: it is stopped by a command. Raises NotFound, or Conflict when all is over.
    """
    row = get(session, booking)
    if row.withdrawn_at is not None:
        return row
    if row.kind is BookingKind.EMERGENCY:
        raise Conflict("Thông báo khẩn cấp được hủy ở trang «Khẩn cấp».")
    if row.rule is not None and rules.next_slot(Rule.model_validate(row.rule), now) is None:
        raise Conflict(
            "Lịch này đã phát hết, không còn gì để hủy. Lượt đang phát thì bấm «Dừng» ở trang lượt phát."
        )
    row.withdrawn_at, row.withdrawn_by = now, by.id
    planning.replan_booking(session, row, now)
    return row


def get(session: Session, booking: str) -> Booking:
    """Return a booking. Raises NotFound."""
    row = session.get(Booking, booking)
    if row is None:
        raise NotFound("Không có lịch phát này.")
    return row


@dataclass(frozen=True)
class Listed:
    """Part of a list of bookings."""

    bookings: list[Booking]
    total: int
    """How many there are in all."""


def listed(
    session: Session, *, now: datetime, past: bool = False, most: int = 200, offset: int = 0
) -> Listed:
    """Return bookings, newest first: those with something to come, or with `past` those that are over or withdrawn."""
    maybe = _maybe_to_come(now)
    newest_first = select(Booking).order_by(col(Booking.created_at).desc(), Booking.id)
    candidates = list(session.exec(newest_first.where(*maybe)))
    to_come = [booking for booking in candidates if _to_come(booking, now)]
    if not past:
        return Listed(to_come[offset : offset + most], len(to_come))
    surely_over: ColumnElement[bool] = not_(and_(*maybe))
    total = session.exec(select(func.count()).select_from(Booking).where(surely_over)).one()
    over = list(session.exec(newest_first.where(surely_over).limit(offset + most)))
    over += [booking for booking in candidates if booking not in to_come]
    over.sort(key=lambda booking: booking.created_at, reverse=True)
    return Listed(over[offset : offset + most], total + len(candidates) - len(to_come))


def to_come_of(session: Session, bulletin: int, *, now: datetime) -> list[Booking]:
    """Bookings of this bulletin, alone or with others, with something to come; oldest first."""
    return _to_come_among(
        session, select(BookingSound.booking).where(BookingSound.bulletin_id == bulletin), now
    )


def to_come_in(session: Session, zone: str, *, now: datetime) -> list[Booking]:
    """Bookings for this zone, alone or with others, with something to come; oldest first. Emergencies are none."""
    found = _to_come_among(session, select(BookingZone.booking).where(BookingZone.zone == zone), now)
    return [booking for booking in found if booking.kind is not BookingKind.EMERGENCY]


def said(bookings: Collection[Booking]) -> str:
    """Name some bookings in a few words: «Luật Đất đai», «Mời họp» và 3 lịch phát khác."""
    names = [
        f"«{each.title if len(each.title) <= 60 else each.title[:59].rstrip() + '…'}»" for each in bookings
    ]
    rest = f" và {len(names) - 3} lịch phát khác" if len(names) > 3 else ""
    return ", ".join(names[:3]) + rest


def zones_of(session: Session, bookings: Collection[str]) -> Mapping[str, list[Zone]]:
    """The zones of these bookings, by name."""
    found: defaultdict[str, list[Zone]] = defaultdict(list)
    chosen = select(BookingZone.booking, Zone).join(Zone).where(col(BookingZone.booking).in_(bookings))
    for booking, zone in session.exec(chosen.order_by(Zone.name, Zone.id)):
        found[booking].append(zone)
    return found


def bulletins_of(session: Session, booking: str) -> list[tuple[BookingSound, Bulletin]]:
    """What a booking plays, in order."""
    chosen = select(BookingSound, Bulletin).join(Bulletin).where(BookingSound.booking == booking)
    return list(session.exec(chosen.order_by(col(BookingSound.position))))


def new_id() -> str:
    """Make a booking's name: `b` and ten letters of 50 random bits."""
    return "b" + base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]


def over_at(rule: Rule) -> datetime | None:
    """An instant after which nothing of `rule` is to come; null where it goes on for ever."""
    last = rule.first_day if rule.repeats is Repeats.ONCE else rule.last_day
    if last is None:
        return None
    # Two days cover every time zone, and an airing that began in the last minute.
    return datetime.combine(max((last, *rule.also)), time(), UTC) + timedelta(days=2)


def add_sound(
    session: Session, booking: Booking, position: int, bulletin: Bulletin | None, sound: documents.Sound
) -> None:
    """Give a booking its next sound; that of an emergency belongs to no bulletin."""
    session.add(
        BookingSound(
            booking=booking.id,
            position=position,
            bulletin_id=None if bulletin is None else bulletin.id,
            sha256=sound.sha256,
            size=sound.size,
            seconds=sound.seconds,
        )
    )
    session.flush()


def _to_come_among(session: Session, names: SelectOfScalar[str], now: datetime) -> list[Booking]:
    chosen = select(Booking).where(col(Booking.id).in_(names), *_maybe_to_come(now))
    ordered = session.exec(chosen.order_by(col(Booking.created_at), Booking.id))
    return [booking for booking in ordered if _to_come(booking, now)]


def _maybe_to_come(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Booking.withdrawn_at).is_(None),
        or_(col(Booking.over_at).is_(None), col(Booking.over_at) > now),
    )


def _to_come(booking: Booking, now: datetime) -> bool:
    if booking.rule is None:
        return not booking.failed
    return rules.next_slot(Rule.model_validate(booking.rule), now) is not None


def _id(user: User) -> int:
    assert user.id is not None
    return user.id
