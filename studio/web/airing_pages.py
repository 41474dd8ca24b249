"""«Lượt phát»: what aired and airs, day by day; one airing with each of its devices, live."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from scheduler.rules import YEARS
from studio import airings, bookings, planning, play_now, zones
from studio.airings import State
from studio.models.airings import Airing
from studio.models.bookings import Booking, BookingKind
from studio.models.places import Zone
from studio.rights import Action, may
from studio.web.booking_pages import STATE_TONES
from studio.web.doors import LOGGED_IN, CurrentUser, InTransaction, Now, Player, Stopper, TheServices
from studio.web.pages import go, page

router = APIRouter()

OVER = frozenset({State.FINISHED, State.PARTIAL, State.FAILED, State.SKIPPED, State.STOPPED})
"""A device that has told one of these has nothing left to stop."""

MOST_SHOWN = 500
"""Airings of one day, and devices of one airing, on one page."""


@router.get("/luot-phat", dependencies=[LOGGED_IN])
def listing(
    request: Request,
    session: InTransaction,
    services: TheServices,
    now: Now,
    day: Annotated[str, Query(alias="ngay")] = "",
) -> Response:
    """Show the airings of one day."""
    zone_info = services.settings.zone_info
    today = now.astimezone(zone_info).date()
    shown = _day(day) or today
    begins_at = datetime.combine(shown, time(), zone_info)
    found = airings.listed(session, begins_at, begins_at + timedelta(days=1))
    where = planning.zones_of(session, [airing.id for airing in found])
    names = {zone.id: zone.name for zone in zones.listed(session)}
    return page(
        request,
        "airings.html",
        shown=shown,
        begins_at=begins_at,
        today=today,
        before=shown - timedelta(days=1),
        after=shown + timedelta(days=1),
        airings=found[:MOST_SHOWN],
        left_out=len(found) - len(found[:MOST_SHOWN]),
        where={airing: [names[z] for z in sorted(of) if z in names] for airing, of in where.items()},
        counts=airings.counts(session, found[:MOST_SHOWN], now),
        states=airings.STATE_NAMES,
        tones=STATE_TONES,
        priorities=bookings.PRIORITY_NAMES,
    )


@router.get("/luot-phat/{airing}")
def show(request: Request, session: InTransaction, now: Now, user: CurrentUser, airing: str) -> Response:
    """Show one airing and how it stands on each device."""
    row = airings.get(session, airing)
    booking = session.get(Booking, row.booking)
    return page(
        request,
        "airing.html",
        booking=booking,
        zones=_zones(session, row),
        sounds=[] if booking is None else bookings.bulletins_of(session, booking.id),
        priorities=bookings.PRIORITY_NAMES,
        may_replay=may(user, Action.PLAY_NOW)
        and booking is not None
        and booking.kind is not BookingKind.EMERGENCY,
        **_state(session, row, now),
    )


@router.get("/luot-phat/{airing}/tinh-trang", dependencies=[LOGGED_IN])
def state(request: Request, session: InTransaction, now: Now, airing: str) -> Response:
    """The part of that page that changes."""
    return page(request, "_airing_state.html", **_state(session, airings.get(session, airing), now))


@router.post("/luot-phat/{airing}/dung")
def stop(request: Request, session: InTransaction, now: Now, user: Stopper, airing: str) -> Response:
    """Stop it everywhere."""
    airings.stop(session, airing, by=user.id, now=now)
    return go(request, f"/luot-phat/{airing}", flash="Đã gửi lệnh dừng đến các cụm loa.")


@router.post("/luot-phat/{airing}/phat-lai")
def replay(
    request: Request, session: InTransaction, services: TheServices, now: Now, user: Player, airing: str
) -> Response:
    """Air it once more on the devices that missed it."""
    lead = services.settings.play_now_lead
    booking = play_now.replay(session, airing, by=user, now=now, lead=lead)
    return go(request, f"/lich-phat/{booking.id}", flash="Đã đặt phát lại cho những cụm loa bỏ lỡ.")


def _state(session: Session, row: Airing, now: datetime) -> dict[str, Any]:
    devices = airings.on_devices(session, row, now)
    told = bool(devices) and all(each.state in OVER for each in devices)
    over = told or row.withdrawn_at is not None or now >= row.stale_at
    return {
        "airing": row,
        "devices": devices[:MOST_SHOWN],
        "left_out": len(devices) - len(devices[:MOST_SHOWN]),
        "count": airings.counts(session, [row], now)[row.id],
        "missed": len(play_now.missed(session, row.id, now=now)),
        "over": over,
        "quiet": now >= max(row.stale_at, row.ends_at) + airings.GRACE,
        "states": airings.STATE_NAMES,
        "tones": STATE_TONES,
    }


def _zones(session: Session, row: Airing) -> list[Zone]:
    where = planning.zones_of(session, [row.id])[row.id]
    return [zone for zone in zones.listed(session) if zone.id in where]


def _day(word: str) -> date | None:
    try:
        found = date.fromisoformat(word)
    except ValueError:
        return None
    return found if found.year in YEARS else None
