"""/airings: what aired and airs, and what became of it on each device."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from sqlmodel import Session

from studio import airings, planning, play_now
from studio.api.booking_shapes import AiringShape, BookingShape, FullAiring, OnDeviceShape
from studio.bookings import zones_of
from studio.errors import Invalid
from studio.models.airings import Airing
from studio.moments import Moment
from studio.web.doors import LOGGED_IN, InTransaction, Now, Player, Stopper, TheServices

router = APIRouter(tags=["airings"])

LONGEST = timedelta(days=32)
"""Of airings in one answer."""


@router.get("/airings", dependencies=[LOGGED_IN])
def listing(
    session: InTransaction,
    now: Now,
    begins_at: Moment | None = None,
    ends_at: Moment | None = None,
    zone: str | None = None,
) -> list[AiringShape]:
    """List airings that start within [begins_at, ends_at), by start; the day around now unless told otherwise."""
    begins_at = begins_at or now - timedelta(hours=12)
    ends_at = ends_at or begins_at + timedelta(hours=24)
    if ends_at - begins_at > LONGEST:
        raise Invalid(f"Mỗi lần chỉ xem được nhiều nhất {LONGEST.days} ngày.", field="ends_at")
    found = airings.listed(session, begins_at, ends_at, zone=zone)
    where = planning.zones_of(session, [airing.id for airing in found])
    counts = airings.counts(session, found, now)
    return [AiringShape.of(airing, where[airing.id], counts[airing.id]) for airing in found]


@router.get("/airings/{airing}", dependencies=[LOGGED_IN])
def show(airing: str, session: InTransaction, now: Now) -> FullAiring:
    """Show an airing and how it stands on each device."""
    return _whole(session, airings.get(session, airing), now)


@router.post("/airings/{airing}/stop")
def stop(airing: str, session: InTransaction, user: Stopper, now: Now) -> FullAiring:
    """Stop it on every device, at once."""
    airings.stop(session, airing, by=user.id, now=now)
    return _whole(session, airings.get(session, airing), now)


@router.post("/airings/{airing}/replay", status_code=201)
def replay(
    airing: str, session: InTransaction, services: TheServices, user: Player, now: Now
) -> BookingShape:
    """Air it once more, under a new id, on the devices that missed it."""
    booking = play_now.replay(session, airing, by=user, now=now, lead=services.settings.play_now_lead)
    return BookingShape.of(booking, zones_of(session, [booking.id])[booking.id], now)


def _whole(session: Session, airing: Airing, now: datetime) -> FullAiring:
    zones = planning.zones_of(session, [airing.id])[airing.id]
    counts = airings.counts(session, [airing], now)[airing.id]
    known = AiringShape.of(airing, zones, counts).model_dump()
    devices = tuple(OnDeviceShape.of(told) for told in airings.on_devices(session, airing, now))
    return FullAiring(**known, devices=devices)
