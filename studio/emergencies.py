"""Emergencies: typed, spoken before everything else, aired at once on every device of the zones, cancelled when over.

They pass quiet hours and mutes (Circular 39/2020/TT-BTTTT: `khẩn cấp` plays immediately). Nobody approves them
beforehand; who ordered what, when and where stays in the rows for ever.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from edge_agent.wire.documents import Sound
from edge_agent.wire.words import Priority
from scheduler import rules
from studio import booking_drafts, bookings, planning, recordings, rights, zones
from studio.errors import Conflict, Invalid, NotFound
from studio.models.airings import Airing
from studio.models.bookings import Booking, BookingKind, BookingZone
from studio.models.recordings import Recording, RecordingState
from studio.models.users import User
from studio.plain_text import plain
from studio.rights import Action
from studio.settings import StudioSettings

log = logging.getLogger(__name__)

REPEAT = 3
"""How often the words are heard: who is woken by the first hears the second (Japan's practice)."""
MOST_SYLLABLES = 110
"""About 40 s of speech: what fits into one message to the devices."""
MOST_CHARACTERS = 2000
"""Read at all."""
TWICE = timedelta(seconds=30)
"""An alarm clicked twice sounds once; and whoever cancels it has cancelled all of it."""
ENDED = (RecordingState.DONE, RecordingState.FAILED, RecordingState.CANCELLED)
"""A recording of which nothing more is to come."""


def order(
    session: Session,
    words: str,
    in_zones: Sequence[str],
    *,
    by: User,
    now: datetime,
    settings: StudioSettings,
) -> Booking:
    """Have these words spoken, and aired in these zones as soon as their sound is there.

    The same order of the same person within TWICE is a second click: it gives back the first.
    Raises Forbidden for who may not, Invalid (`words`, `zones`) for what cannot be.
    """
    rights.demand(by, Action.EMERGENCY)
    words = _readable(words)
    for fault in booking_drafts.about_zones(session, in_zones):
        raise Invalid(fault.text, field=fault.field)
    if not planning.listeners(session, in_zones):
        raise Invalid("Các vùng đã chọn chưa có cụm loa nào. Hãy chọn vùng khác.", field="zones")
    assert by.id is not None
    planning.alone(session)  # of two clicks at once the second sees the first
    if (first := _just_ordered(session, words, frozenset(in_zones), by=by.id, now=now)) is not None:
        return first
    recording = recordings.order_emergency(
        session,
        words,
        engine=settings.engine,
        voice=settings.voice,
        preset=settings.preset,
        by=by.id,
        now=now,
    )
    booking = Booking(
        id=bookings.new_id(),
        kind=BookingKind.EMERGENCY,
        title=_title(words),
        priority=Priority.EMERGENCY,
        repeat=REPEAT,
        tone=True,
        stale_after_s=int(settings.emergency_lasts.total_seconds()),
        over_at=now + timedelta(days=1),
        recording_id=recording.id,
        created_by=by.id,
        created_at=now,
    )
    session.add(booking)
    session.flush()
    session.add_all(BookingZone(booking=booking.id, zone=zone) for zone in dict.fromkeys(in_zones))
    session.flush()
    return booking


def spoken(session: Session) -> list[Booking]:
    """Emergencies whose words have been spoken, or could not be, and that are not dealt with yet. Only reads."""
    chosen = (
        select(Booking)
        .join(Recording, col(Recording.id) == col(Booking.recording_id))
        .where(
            Booking.kind == BookingKind.EMERGENCY,
            col(Booking.rule).is_(None),
            Booking.failed == "",
            col(Booking.withdrawn_at).is_(None),
            col(Recording.state).in_(ENDED),
        )
    )
    return list(session.exec(chosen))


def air_spoken(session: Session, *, now: datetime, settings: StudioSettings) -> list[Booking]:
    """Plan every emergency whose sound is there; say of the others why not. Returns those that were planned.

    Raises OperationalError if the database refuses: then all of them are tried again.
    """
    aired: list[Booking] = []
    for booking in spoken(session):
        try:
            with session.begin_nested():
                _air(session, booking, now, settings)
        except OperationalError:
            raise
        except Exception:  # one that cannot be planned must not hold back the others
            log.exception("the emergency %s cannot be planned", booking.id)
            booking.failed = (
                "Phòng thu gặp lỗi khi đưa thông báo này vào kế hoạch phát nên chưa phát. Nếu vẫn cần, hãy phát lại; "
                "lỗi đã được ghi lại cho kỹ thuật viên."
            )
        if not booking.failed:
            aired.append(booking)
    session.flush()
    return aired


def _air(session: Session, booking: Booking, now: datetime, settings: StudioSettings) -> None:
    recording = session.get_one(Recording, booking.recording_id)
    booking.failed = _why_not(booking, recording, now)
    if booking.failed:
        return
    assert recording.sha256
    assert recording.size_bytes
    assert recording.seconds
    sound = Sound(sha256=recording.sha256, size=recording.size_bytes, seconds=recording.seconds)
    bookings.add_sound(session, booking, 0, None, sound)
    booking.rule = rules.once(_whole_second(now + settings.emergency_lead)).model_dump(mode="json")
    planning.replan_booking(session, booking, now)


def cancel(session: Session, booking: str, *, by: User, now: datetime) -> Booking:
    """End an emergency at once, also while it sounds: its airing leaves the plan, and the devices fall silent.

    Whoever may stop may cancel: silence is always safe. Twice is once. Raises NotFound, Forbidden, Conflict.
    """
    rights.demand(by, Action.STOP)
    planning.alone(session)
    row = get(session, booking)
    if row.withdrawn_at is not None:
        return row
    airings = list(session.exec(select(Airing).where(Airing.booking == booking)))
    if airings and all(airing.stale_at <= now for airing in airings):
        raise Conflict("Thông báo này đã hết hiệu lực, không còn gì để hủy.")
    row.withdrawn_at, row.withdrawn_by = now, by.id
    recording = session.get(Recording, row.recording_id)
    if recording is not None and recording.state not in ENDED:
        recordings.cancel(session, recording, now=now)
    for airing in airings:
        airing.withdrawn_at = now
    if airings:
        zones.raise_emergencies(session, [zone.id for zone in bookings.zones_of(session, [booking])[booking]])
    session.flush()
    return row


def get(session: Session, booking: str) -> Booking:
    """Return an emergency. Raises NotFound."""
    row = session.get(Booking, booking)
    if row is None or row.kind is not BookingKind.EMERGENCY:
        raise NotFound("Không có thông báo khẩn cấp này.")
    return row


def words_of(session: Session, booking: Booking) -> str:
    """What an emergency says."""
    recording = session.get(Recording, booking.recording_id)
    return recording.words or "" if recording is not None else ""


def latest(session: Session, *, most: int = 10) -> list[Booking]:
    """The last emergencies, newest first."""
    chosen = select(Booking).where(Booking.kind == BookingKind.EMERGENCY)
    return list(session.exec(chosen.order_by(col(Booking.created_at).desc(), Booking.id).limit(most)))


def _just_ordered(
    session: Session, words: str, in_zones: frozenset[str], *, by: int, now: datetime
) -> Booking | None:
    chosen = (
        select(Booking)
        .join(Recording, col(Recording.id) == col(Booking.recording_id))
        .where(
            Recording.words == words,
            Booking.created_by == by,
            col(Booking.created_at) > now - TWICE,
            col(Booking.withdrawn_at).is_(None),
            Booking.failed == "",
        )
    )
    for booking in session.exec(chosen):
        where = session.exec(select(BookingZone.zone).where(BookingZone.booking == booking.id))
        if in_zones == set(where):
            return booking
    return None


def _readable(words: str) -> str:
    words = plain(words).strip()
    if not any(letter.isalpha() for letter in words):
        raise Invalid("Hãy nhập nội dung thông báo khẩn cấp.", field="words")
    syllables = len(words.split())
    if len(words) > MOST_CHARACTERS or syllables > 2 * MOST_SYLLABLES:
        raise Invalid(
            f"Thông báo có {syllables} tiếng, quá dài để gửi ngay. Hãy rút gọn còn dưới {MOST_SYLLABLES} tiếng "
            "(khoảng 40 giây); nội dung sẽ được đọc ba lần.",
            field="words",
        )
    return words


def _why_not(booking: Booking, recording: Recording, now: datetime) -> str:
    if recording.state is not RecordingState.DONE:
        return recording.reason or "Việc đọc thông báo đã bị hủy."
    if now - booking.created_at > timedelta(seconds=booking.stale_after_s):
        return "Thông báo đã hết hiệu lực trước khi đọc xong nên không phát nữa. Nếu vẫn cần, hãy phát lại."
    return ""


def _title(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= 80 else line[:79].rstrip() + "…"


def _whole_second(at: datetime) -> datetime:
    return (at + timedelta(microseconds=999_999)).replace(microsecond=0)
