"""«Lượt phát»: what aired and airs, day by day; one airing with each of its devices, live."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session, select
from starlette.responses import Response

from scheduler.rules import YEARS
from studio import airings, bookings, play_now, zones
from studio.airings import Standing, State
from studio.drafts import named
from studio.models.airings import Airing
from studio.models.bookings import Booking, BookingKind
from studio.models.places import DeviceZone
from studio.rights import Action, may
from studio.web.booking_pages import STATE_TONES
from studio.web.doors import LOGGED_IN, CurrentUser, InTransaction, Now, Player, Stopper, TheServices
from studio.web.pages import go, page
from studio.web.zones import DRAWN

router = APIRouter()

OVER = frozenset({State.FINISHED, State.PARTIAL, State.FAILED, State.SKIPPED, State.STOPPED})
"""A device that has told one of these has nothing left to stop."""

PAGE_SIZE = 50
"""Airings of one day, and devices of one airing, on one page."""

Number = Annotated[int, Query(ge=1, le=10_000)]
"""Of a page."""


@dataclass(frozen=True)
class Wish:
    """Which devices of an airing somebody wants to see; empty: all."""

    tt: str
    """A state."""
    vung: str
    """Members of this zone."""
    tim: str
    """Words of name or id."""
    trang: int


def _wished(tt: str = "", vung: str = "", tim: str = "", trang: Number = 1) -> Wish:
    return Wish(tt, vung, tim, trang)


Wished = Annotated[Wish, Depends(_wished)]


@router.get("/luot-phat", dependencies=[LOGGED_IN])
def listing(
    request: Request,
    session: InTransaction,
    services: TheServices,
    now: Now,
    day: Annotated[str, Query(alias="ngay")] = "",
    trang: Number = 1,
) -> Response:
    """Show the airings of one day."""
    zone_info = services.settings.zone_info
    today = now.astimezone(zone_info).date()
    shown = _day(day) or today
    begins_at = datetime.combine(shown, time(), zone_info)
    known = airings.listed(session, begins_at, begins_at + timedelta(days=1))
    found = known[(trang - 1) * PAGE_SIZE : trang * PAGE_SIZE]
    return page(
        request,
        "airings.html",
        shown=shown,
        begins_at=begins_at,
        today=today,
        before=shown - timedelta(days=1),
        after=shown + timedelta(days=1),
        airings=found,
        wish={"ngay": shown.isoformat(), "trang": trang},
        total=len(known),
        size=PAGE_SIZE,
        where=airings.zone_names(session, [airing.id for airing in found]),
        counts=airings.counts(session, found, now),
        states=airings.STATE_NAMES,
        tones=STATE_TONES,
        priorities=bookings.PRIORITY_NAMES,
    )


@router.get("/luot-phat/{airing}")
def show(
    request: Request, session: InTransaction, now: Now, user: CurrentUser, wish: Wished, airing: str
) -> Response:
    """Show one airing and how it stands on each device."""
    row = airings.get(session, airing)
    booking = session.get(Booking, row.booking)
    return page(
        request,
        "airing.html",
        booking=booking,
        zones=airings.zone_names(session, [row.id])[row.id],
        drawn=[("", "Mọi vùng"), *((zone.id, zone.name) for zone in zones.listed(session, kinds=DRAWN))],
        sounds=[] if booking is None else bookings.bulletins_of(session, booking.id),
        priorities=bookings.PRIORITY_NAMES,
        may_replay=may(user, Action.PLAY_NOW)
        and booking is not None
        and booking.kind is not BookingKind.EMERGENCY,
        **_state(session, row, wish, now),
    )


@router.get("/luot-phat/{airing}/tinh-trang", dependencies=[LOGGED_IN])
def state(request: Request, session: InTransaction, now: Now, wish: Wished, airing: str) -> Response:
    """The part of that page that changes."""
    return page(request, "_airing_state.html", **_state(session, airings.get(session, airing), wish, now))


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


def _state(session: Session, row: Airing, wish: Wish, now: datetime) -> dict[str, Any]:
    stands = airings.standing(session, row, now)
    count = Counter(each.state for each in stands)
    wanted = _chosen(session, stands, wish)
    shown = wanted[(wish.trang - 1) * PAGE_SIZE : wish.trang * PAGE_SIZE]
    return {
        "airing": row,
        "devices": airings.on_devices(session, row, now, among=shown),
        "count": count,
        "total": len(stands),
        "found": len(wanted),
        "size": PAGE_SIZE,
        "wish": asdict(wish),
        "missed": len(play_now.missed(session, row.id, now=now)),
        "over": (bool(stands) and set(count) <= OVER) or row.withdrawn_at is not None or now >= row.stale_at,
        "quiet": now >= max(row.stale_at, row.ends_at) + airings.GRACE,
        "states": airings.STATE_NAMES,
        "tones": STATE_TONES,
    }


def _chosen(session: Session, stands: Iterable[Standing], wish: Wish) -> list[Standing]:
    members: Collection[str] | None = None
    if wish.vung:
        members = set(session.exec(select(DeviceZone.device).where(DeviceZone.zone == wish.vung)))
    return [
        each
        for each in stands
        if wish.tt in ("", each.state)
        and (members is None or each.device in members)
        and named(wish.tim, each.name, each.device)
    ]


def _day(word: str) -> date | None:
    try:
        found = date.fromisoformat(word)
    except ValueError:
        return None
    return found if found.year in YEARS else None
