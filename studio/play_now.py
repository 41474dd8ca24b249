"""«Phát ngay» and «Phát lại»: bookings of their own, a few seconds ahead. Quiet hours hold for them too."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from edge_agent.wire.words import Playback, Priority
from scheduler import rules
from studio import airings, bookings, planning
from studio.booking_drafts import MOST_ZONES, BookingDraft
from studio.errors import Conflict, NotFound
from studio.models.airings import Airing, AiringDevice
from studio.models.bookings import Booking, BookingKind, BookingSound
from studio.models.places import Device
from studio.models.users import User

MISSED = frozenset({Playback.SKIPPED, Playback.FAILED, Playback.PARTIAL})
"""What a device that did not play an airing whole has told of it, if anything."""


def play_now(
    session: Session,
    bulletins: Sequence[int],
    zones: Sequence[str],
    *,
    by: User,
    now: datetime,
    lead: timedelta,
    priority: Priority = Priority.ORDINARY,
) -> Booking:
    """Air approved bulletins in these zones `lead` from now. Raises Invalid, as `bookings.book` does.

    The lead is the time in which plan and sound reach the devices; one that comes later starts later. The same order
    of the same person before the first has begun is a second click: it gives back the first.
    """
    draft = draft_now(bulletins, zones, now=now, lead=lead, priority=priority)
    planning.alone(session)  # of two clicks at once the second sees the first
    if (first := _just_ordered(session, draft, by=by, since=now - lead)) is not None:
        return first
    return bookings.book(session, draft, by=by, now=now, kind=BookingKind.NOW)


def _just_ordered(session: Session, draft: BookingDraft, *, by: User, since: datetime) -> Booking | None:
    chosen = select(Booking).where(
        Booking.kind == BookingKind.NOW,
        Booking.created_by == by.id,
        Booking.priority == draft.priority,
        col(Booking.created_at) > since,
        col(Booking.withdrawn_at).is_(None),
    )
    for booking in session.exec(chosen):
        played = tuple(bulletin.id for _, bulletin in bookings.bulletins_of(session, booking.id))
        where = {zone.id for zone in bookings.zones_of(session, [booking.id])[booking.id]}
        if (played, where) == (draft.bulletins, set(draft.zones)):
            return booking
    return None


def draft_now(
    bulletins: Sequence[int],
    zones: Sequence[str],
    *,
    now: datetime,
    lead: timedelta,
    priority: Priority = Priority.ORDINARY,
) -> BookingDraft:
    """What `play_now` would book, for a preview."""
    rule = rules.once(_whole_second(now + lead))
    return BookingDraft(bulletins=tuple(bulletins), zones=tuple(zones), rule=rule, priority=priority)


def missed(session: Session, airing: str, *, now: datetime) -> list[str]:
    """Ids of devices that were expected to play this airing and, now that it is over, have not played it whole.

    Raises NotFound. Nobody has missed it before it is over, nor where it was withdrawn or stopped before its start.
    """
    row = _airing(session, airing)
    if now < row.ends_at or row.withdrawn_at is not None or airings.never_began(row):
        return []
    chosen = (
        select(Device.id)
        .join(AiringDevice)
        .where(AiringDevice.airing == airing, AiringDevice.expected, col(Device.deleted_at).is_(None))
        .where(or_(col(AiringDevice.playback).is_(None), col(AiringDevice.playback).in_(MISSED)))
        .order_by(Device.id)
    )
    return list(session.exec(chosen))


def replay(session: Session, airing: str, *, by: User, now: datetime, lead: timedelta) -> Booking:
    """Air the same bulletins once more, under a new id, on the devices that missed `airing`.

    Raises NotFound, Conflict where nobody missed it or the sound is no longer the approved one, Invalid (quiet hours).
    """
    row = _airing(session, airing)
    devices = missed(session, airing, now=now)
    if not devices:
        raise Conflict("Không có cụm loa nào bỏ lỡ lượt phát này nên không cần phát lại.")
    if len(devices) > MOST_ZONES:
        raise Conflict(
            f"Có {len(devices)} cụm loa bỏ lỡ, nhiều hơn {MOST_ZONES} nên không phát lại riêng từng cụm được. "
            "Hãy dùng «Phát ngay» cho cả vùng."
        )
    original = bookings.get(session, row.booking)
    if original.kind is BookingKind.EMERGENCY:
        raise Conflict(
            "Thông báo khẩn cấp không phát lại theo cách này. Hãy phát một thông báo khẩn cấp mới."
        )
    sounds = list(session.exec(select(BookingSound).where(BookingSound.booking == original.id)))
    sounds.sort(key=lambda sound: sound.position)
    draft = BookingDraft(
        bulletins=tuple(sound.bulletin_id for sound in sounds if sound.bulletin_id is not None),
        zones=tuple(devices),
        rule=rules.once(_whole_second(now + lead)),
        priority=original.priority,
        repeat=original.repeat,
        title=original.title,
    )
    booking = bookings.book(session, draft, by=by, now=now, kind=BookingKind.REPLAY, replay_of=airing)
    again = [sound for sound, _ in bookings.bulletins_of(session, booking.id)]
    if [sound.sha256 for sound in again] != [sound.sha256 for sound in sounds]:
        raise Conflict(
            "Bản tin đã được duyệt bản ghi khác sau lượt phát này. Hãy dùng «Phát ngay» để phát bản mới."
        )
    return booking


def _airing(session: Session, airing: str) -> Airing:
    row = session.get(Airing, airing)
    if row is None:
        raise NotFound("Không có lượt phát này.")
    return row


def _whole_second(at: datetime) -> datetime:
    return (at + timedelta(microseconds=999_999)).replace(microsecond=0)
