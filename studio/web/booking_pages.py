"""«Lịch phát»: the list, a new booking with its preview, one booking and its withdrawal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session, col, func, select
from starlette.responses import Response

from scheduler import rules
from scheduler.rules import Fault, Rule
from studio import airings, bookings, bulletins, previews, users, zones
from studio.airings import State
from studio.booking_drafts import BookingDraft
from studio.models.airings import Airing
from studio.models.bookings import Booking, BookingKind
from studio.models.bulletins import Bulletin, BulletinState
from studio.models.places import Device, ZoneKind
from studio.web import booking_forms
from studio.web.booking_forms import Form
from studio.web.doors import LOGGED_IN, Booker, InTransaction, Now, TheServices
from studio.web.pages import go, page
from studio.web.zones import device_counts, tree

router = APIRouter()

STATE_TONES = {
    State.PLANNED: "quiet",
    State.WAITING: "wait",
    State.STARTED: "info",
    State.FINISHED: "good",
    State.PARTIAL: "wait",
    State.FAILED: "bad",
    State.SKIPPED: "bad",
    State.UNHEARD: "bad",
    State.STOPPED: "quiet",
}
"""Which badge a state of an airing on a device wears."""
MOST_OFFERED = 60
"""Approved bulletins, and single devices, that a form offers."""
PAGE_SIZE = 50
"""Bookings on one page of their list, and airings on one page of a booking."""

Number = Annotated[int, Query(ge=1, le=10_000)]
"""Of a page."""


@router.get("/lich-phat", dependencies=[LOGGED_IN])
def listing(
    request: Request, session: InTransaction, now: Now, cu: bool = False, trang: Number = 1
) -> Response:
    """Show the bookings, those with something to come or (`cu`) those that are over, and what airs next."""
    part = bookings.listed(session, now=now, past=cu, most=PAGE_SIZE, offset=(trang - 1) * PAGE_SIZE)
    found = part.bookings
    return page(
        request,
        "bookings.html",
        bookings=[_line(booking, now) for booking in found],
        zones=bookings.zones_of(session, [booking.id for booking in found]),
        coming=previews.coming(session, now=now),
        past=cu,
        wish={"cu": int(cu), "trang": trang},
        total=part.total,
        size=PAGE_SIZE,
        kinds=bookings.KIND_NAMES,
        priorities=bookings.PRIORITY_NAMES,
    )


@router.get("/lich-phat/hom-nay", dependencies=[LOGGED_IN])
def today(request: Request, session: InTransaction, now: Now) -> Response:
    """Show what airs in the next 24 hours, as a part of another page."""
    return page(
        request,
        "_coming.html",
        coming=previews.coming(session, now=now),
        priorities=bookings.PRIORITY_NAMES,
    )


@router.get("/lich-phat/moi")
def ask(
    request: Request,
    session: InTransaction,
    services: TheServices,
    now: Now,
    _user: Booker,
    chosen: Annotated[list[int], Query(alias="ban-tin")] = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """Show the form of a new booking."""
    form = booking_forms.proposed(chosen, now=now, zone_info=services.settings.zone_info)
    return _form(request, session, form)


@router.get("/lich-phat/xem-truoc")
def look(
    request: Request, session: InTransaction, services: TheServices, now: Now, _user: Booker
) -> Response:
    """Show what the form, as it is, would come to. Saves nothing."""
    form = booking_forms.told(request.query_params)
    draft, wrong = booking_forms.draft(form, time_zone=services.settings.time_zone)
    return _preview(request, session, draft, wrong, now)


async def _given(request: Request) -> Form:
    return booking_forms.told(await request.form())


@router.post("/lich-phat/moi")
def save(
    request: Request,
    session: InTransaction,
    services: TheServices,
    now: Now,
    user: Booker,
    form: Annotated[Form, Depends(_given)],
) -> Response:
    """Save the booking. What collides is shown first; saving once more then means it."""
    draft, wrong = booking_forms.draft(form, time_zone=services.settings.time_zone)
    if draft is None:
        return _form(request, session, form, wrong=wrong)
    preview = previews.preview(session, draft, now=now)
    if preview.faults:
        return _form(request, session, form, wrong=preview.faults, preview=preview)
    shown = booking_forms.seen(preview.warnings)
    if preview.warnings and form.seen != shown:
        return _form(request, session, replace(form, seen=shown), preview=preview)
    booking = bookings.book(session, draft, by=user, now=now)
    return go(request, f"/lich-phat/{booking.id}", flash=f"Đã lưu lịch phát «{booking.title}».")


@router.get("/lich-phat/{booking}", dependencies=[LOGGED_IN])
def show(
    request: Request, session: InTransaction, now: Now, booking: str, trang: Number | None = None
) -> Response:
    """Show one booking and its airings; unless told otherwise that page of them on which the next one stands."""
    row = bookings.get(session, booking)
    if row.kind is BookingKind.EMERGENCY:
        return go(request, f"/khan-cap/{row.id}")
    of_it = select(Airing).where(Airing.booking == row.id).order_by(col(Airing.starts_at))
    total, over = _how_many(session, row.id, now)
    if trang is None:
        trang = min(over, max(0, total - 1)) // PAGE_SIZE + 1
    found = list(session.exec(of_it.offset((trang - 1) * PAGE_SIZE).limit(PAGE_SIZE)))
    return page(
        request,
        "booking.html",
        line=_line(row, now),
        booking=row,
        zones=bookings.zones_of(session, [row.id])[row.id],
        sounds=bookings.bulletins_of(session, row.id),
        airings=found,
        wish={"trang": trang},
        total=total,
        size=PAGE_SIZE,
        counts=airings.counts(session, found, now),
        who=users.names(session, {row.created_by, row.withdrawn_by or row.created_by}),
        kinds=bookings.KIND_NAMES,
        priorities=bookings.PRIORITY_NAMES,
        states=airings.STATE_NAMES,
        tones=STATE_TONES,
    )


@router.post("/lich-phat/{booking}/huy")
def withdraw(request: Request, session: InTransaction, now: Now, user: Booker, booking: str) -> Response:
    """Take back all that has not begun."""
    row = bookings.withdraw(session, booking, by=user, now=now)
    return go(
        request, f"/lich-phat/{row.id}", flash="Đã hủy lịch phát. Những lượt chưa đến giờ sẽ không phát."
    )


@dataclass(frozen=True)
class Line:
    """A booking in a list."""

    booking: Booking
    rule: str
    """Its rule in words."""
    next_at: datetime | None
    """Its next airing."""

    @property
    def state(self) -> str:
        """In a word."""
        if self.booking.withdrawn_at is not None:
            return "Đã hủy"
        if self.booking.failed:
            return "Không phát được"
        if self.booking.rule is None:
            return "Đang đọc"
        return "Đang chạy" if self.next_at is not None else "Đã phát xong"

    @property
    def tone(self) -> str:
        """Of its badge."""
        if self.booking.failed:
            return "bad"
        if self.booking.withdrawn_at is not None:
            return "quiet"
        return "good" if self.next_at is not None else "info"


def _how_many(session: Session, booking: str, now: datetime) -> tuple[int, int]:
    """Count the airings of a booking, and those of them that are over."""
    counting = select(func.count()).select_from(Airing).where(Airing.booking == booking)
    return session.exec(counting).one(), session.exec(counting.where(Airing.ends_at <= now)).one()


def _line(booking: Booking, now: datetime) -> Line:
    if booking.rule is None:
        return Line(booking, "", None)
    rule = Rule.model_validate(booking.rule)
    next_at = None if booking.withdrawn_at else rules.next_slot(rule, now)
    return Line(booking, rules.say(rule), next_at)


def _form(
    request: Request,
    session: Session,
    form: Form,
    *,
    wrong: Sequence[Fault] = (),
    preview: previews.Preview | None = None,
) -> Response:
    return page(
        request,
        "booking_form.html",
        status=422 if wrong else 200,
        form=form,
        wrong=booking_forms.by_field(wrong),
        preview=preview,
        told_above=True,
        weekdays=rules.WEEKDAYS,
        time_pattern=booking_forms.TIME_PATTERN,
        **offers(session, form.bulletins),
    )


def _preview(
    request: Request, session: Session, draft: BookingDraft | None, wrong: Sequence[Fault], now: datetime
) -> Response:
    preview = previews.preview(session, draft, now=now) if draft is not None else None
    missing = wrong if preview is None else preview.faults
    return page(
        request, "_preview.html", preview=preview, wrong=booking_forms.by_field(missing), told_above=False
    )


def offers(session: Session, chosen: Sequence[str]) -> dict[str, Any]:
    """What forms let people choose from: approved bulletins, those chosen first; zones as a tree; single devices."""
    approved = bulletins.listing(session, state=BulletinState.APPROVED, limit=MOST_OFFERED)
    mine = [
        row
        for each in chosen
        if each.isdecimal() and len(each) < 10 and (row := session.get(Bulletin, int(each)))
    ]
    known = zones.listed(session, kinds=[kind for kind in ZoneKind if kind is not ZoneKind.DEVICE])
    single = select(Device).where(col(Device.deleted_at).is_(None)).order_by(Device.name).limit(MOST_OFFERED)
    return {
        "chosen_bulletins": mine,
        "other_bulletins": [each for each in approved if each.id not in {row.id for row in mine}],
        "branches": tree(known, device_counts(session)),
        "single": list(session.exec(single)),
    }
