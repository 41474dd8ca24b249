"""/bookings, /play-now and /emergencies: the same steps as the pages, for programs."""

from datetime import datetime

from fastapi import APIRouter
from sqlmodel import Session, col, select

from studio import bookings, emergencies, play_now, previews
from studio.api.booking_shapes import BookingShape, EmergencyOrder, FullBooking, PlayNow, PreviewShape
from studio.booking_drafts import BookingDraft
from studio.models.airings import Airing
from studio.models.bookings import Booking, BookingSound
from studio.web.doors import LOGGED_IN, Booker, CurrentUser, InTransaction, Now, Player, TheServices

router = APIRouter(tags=["bookings"])


@router.get("/bookings", dependencies=[LOGGED_IN])
def listing(session: InTransaction, now: Now, past: bool = False) -> list[BookingShape]:
    """List bookings, newest first: those with something to come, or with `past` the others."""
    found = bookings.listed(session, now=now, past=past).bookings
    zones = bookings.zones_of(session, [booking.id for booking in found])
    return [BookingShape.of(booking, zones[booking.id], now) for booking in found]


@router.post("/bookings", status_code=201)
def book(draft: BookingDraft, session: InTransaction, user: Booker, now: Now) -> FullBooking:
    """Book approved bulletins. 422 with everything that must be mended; collisions are no fault."""
    return _whole(session, bookings.book(session, draft, by=user, now=now), now)


@router.post("/bookings/preview")
def preview(draft: BookingDraft, session: InTransaction, _user: Booker, now: Now) -> PreviewShape:
    """Show what would be heard if this were saved. Saves nothing."""
    return PreviewShape.of(previews.preview(session, draft, now=now))


@router.get("/bookings/{booking}", dependencies=[LOGGED_IN])
def show(booking: str, session: InTransaction, now: Now) -> FullBooking:
    """Show a booking with what it plays and its airings."""
    return _whole(session, bookings.get(session, booking), now)


@router.post("/bookings/{booking}/withdraw")
def withdraw(booking: str, session: InTransaction, user: Booker, now: Now) -> FullBooking:
    """Take back all that has not begun."""
    return _whole(session, bookings.withdraw(session, booking, by=user, now=now), now)


@router.post("/play-now", status_code=201)
def play(
    order: PlayNow, session: InTransaction, services: TheServices, user: Player, now: Now
) -> FullBooking:
    """Air approved bulletins in a few seconds. Quiet hours hold."""
    lead = services.settings.play_now_lead
    booking = play_now.play_now(
        session, order.bulletins, order.zones, by=user, now=now, lead=lead, priority=order.priority
    )
    return _whole(session, booking, now)


@router.get("/emergencies", dependencies=[LOGGED_IN])
def latest(session: InTransaction, now: Now) -> list[BookingShape]:
    """List the last emergencies, newest first."""
    found = emergencies.latest(session)
    zones = bookings.zones_of(session, [booking.id for booking in found])
    return [BookingShape.of(booking, zones[booking.id], now) for booking in found]


@router.post("/emergencies", status_code=201)
def alarm(
    order: EmergencyOrder, session: InTransaction, services: TheServices, user: CurrentUser, now: Now
) -> FullBooking:
    """Have words spoken and aired at once; its airing appears when they are spoken."""
    booking = emergencies.order(
        session, order.words, order.zones, by=user, now=now, settings=services.settings
    )
    return _whole(session, booking, now)


@router.post("/emergencies/{booking}/cancel")
def cancel(booking: str, session: InTransaction, user: CurrentUser, now: Now) -> FullBooking:
    """End an emergency at once, also while it sounds."""
    return _whole(session, emergencies.cancel(session, booking, by=user, now=now), now)


def _whole(session: Session, booking: Booking, now: datetime) -> FullBooking:
    airings = select(Airing.id).where(Airing.booking == booking.id).order_by(col(Airing.starts_at))
    sounds = select(BookingSound).where(BookingSound.booking == booking.id)
    return FullBooking.whole(
        booking,
        bookings.zones_of(session, [booking.id])[booking.id],
        list(session.exec(sounds.order_by(col(BookingSound.position)))),
        list(session.exec(airings)),
        now,
    )
