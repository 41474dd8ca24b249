"""«Phát ngay» and «Khẩn cấp»: what is aired at once."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from sqlmodel import Session, select
from starlette.responses import Response

from edge_agent.wire.words import Priority
from scheduler.rules import Fault
from studio import airings, bookings, emergencies, play_now, previews, recordings, users
from studio.airings import State
from studio.errors import Invalid, StudioError
from studio.models.airings import Airing
from studio.models.bookings import Booking
from studio.models.users import User
from studio.rights import Action
from studio.web import booking_forms
from studio.web.booking_pages import STATE_TONES, offers
from studio.web.doors import (
    LOGGED_IN,
    InTransaction,
    Now,
    Player,
    Stopper,
    TheServices,
    allowed,
)
from studio.web.pages import go, page

router = APIRouter()

MOST_SHOWN = 50
"""Devices on the page of an emergency, which asks again every second; the page of its airing has them all."""

Several = Annotated[list[str], Form()]
Alarmist = Annotated[User, Depends(allowed(Action.EMERGENCY))]
"""Somebody who may order an emergency."""


@router.get("/phat-ngay")
def ask(
    request: Request,
    session: InTransaction,
    _user: Player,
    chosen: Annotated[list[int], Query(alias="ban-tin")] = [],  # noqa: B006  FastAPI copies it
    zones: Annotated[list[str], Query(alias="vung")] = [],  # noqa: B006
    priority: Annotated[str, Query(alias="muc")] = Priority.ORDINARY,
) -> Response:
    """Show the form: what, where, and a question before it sounds."""
    return _form(request, session, [str(each) for each in chosen], zones, priority=priority)


@router.post("/phat-ngay")
def play(
    request: Request,
    session: InTransaction,
    services: TheServices,
    now: Now,
    user: Player,
    bulletins: Several = [],  # noqa: B006
    zones: Several = [],  # noqa: B006
    priority: Annotated[str, Form()] = Priority.ORDINARY,
    seen: Annotated[str, Form()] = "",
) -> Response:
    """Show what would happen, then, said once more, air it."""
    lead = services.settings.play_now_lead
    numbers = [int(each) for each in bulletins if each.isdecimal() and len(each) < 10]
    wanted = Priority.PRIORITY if priority == Priority.PRIORITY else Priority.ORDINARY
    draft = play_now.draft_now(numbers, zones, now=now, lead=lead, priority=wanted)
    preview = previews.preview(session, draft, now=now)
    if preview.faults or not seen:
        return _form(
            request, session, bulletins, zones, priority=wanted, wrong=preview.faults, preview=preview
        )
    booking = play_now.play_now(session, numbers, zones, by=user, now=now, lead=lead, priority=wanted)
    first = session.exec(select(Airing.id).where(Airing.booking == booking.id)).one()
    return go(request, f"/luot-phat/{first}", flash="Đã gửi lệnh phát. Theo dõi từng cụm loa ở trang này.")


@router.get("/khan-cap")
def ask_emergency(request: Request, session: InTransaction, _user: Alarmist) -> Response:
    """Show the form of an emergency, and the last ones."""
    return _emergency(request, session, "", [])


@router.post("/khan-cap")
def alarm(
    request: Request,
    session: InTransaction,
    services: TheServices,
    now: Now,
    user: Alarmist,
    words: Annotated[str, Form()] = "",
    zones: Several = [],  # noqa: B006
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Order an emergency."""
    try:
        if not sure:
            raise Invalid("Hãy đánh dấu vào ô xác nhận trước khi phát.", field="sure")
        booking = emergencies.order(session, words, zones, by=user, now=now, settings=services.settings)
    except StudioError as error:
        return _emergency(request, session, words, zones, error=error)
    return go(request, f"/khan-cap/{booking.id}")


@router.get("/khan-cap/{booking}", dependencies=[LOGGED_IN])
def show(request: Request, session: InTransaction, now: Now, booking: str) -> Response:
    """Show how far an emergency is: being spoken, on air, heard where."""
    row = emergencies.get(session, booking)
    return page(request, "emergency.html", **_facts(session, row, now))


@router.get("/khan-cap/{booking}/tinh-trang", dependencies=[LOGGED_IN])
def state(request: Request, session: InTransaction, now: Now, booking: str) -> Response:
    """The part of that page that changes."""
    return page(request, "_emergency_state.html", **_facts(session, emergencies.get(session, booking), now))


@router.post("/khan-cap/{booking}/huy")
def cancel(request: Request, session: InTransaction, now: Now, user: Stopper, booking: str) -> Response:
    """End an emergency at once."""
    row = emergencies.cancel(session, booking, by=user, now=now)
    return go(
        request, f"/khan-cap/{row.id}", flash="Đã hủy thông báo khẩn cấp. Các cụm loa đang được lệnh im."
    )


def _facts(session: Session, row: Booking, now: datetime) -> dict[str, Any]:
    airing = session.exec(select(Airing).where(Airing.booking == row.id)).first()
    stands = [] if airing is None else airings.standing(session, airing, now)
    stands.sort(
        key=lambda each: each.state is State.FINISHED
    )  # those one may still be worried about come first
    return {
        "booking": row,
        "words": emergencies.words_of(session, row),
        "recording": None if row.recording_id is None else recordings.get(session, row.recording_id),
        "zones": bookings.zones_of(session, [row.id])[row.id],
        "airing": airing,
        "devices": []
        if airing is None
        else airings.on_devices(session, airing, now, among=stands[:MOST_SHOWN]),
        "left_out": len(stands) - len(stands[:MOST_SHOWN]),
        "count": Counter(each.state for each in stands),
        "who": users.names(session, {row.created_by, row.withdrawn_by or row.created_by}),
        "states": airings.STATE_NAMES,
        "tones": STATE_TONES,
    }


def _form(
    request: Request,
    session: Session,
    chosen: list[str],
    zones: list[str],
    *,
    priority: str = Priority.ORDINARY,
    wrong: tuple[Fault, ...] = (),
    preview: previews.Preview | None = None,
) -> Response:
    return page(
        request,
        "play_now.html",
        status=422 if wrong else 200,
        zones=zones,
        priority=priority,
        wrong=booking_forms.by_field(wrong),
        preview=preview,
        told_above=True,
        back="/phat-ngay?" + urlencode({"ban-tin": chosen, "vung": zones, "muc": priority}, doseq=True),
        **offers(session, chosen),
    )


def _emergency(
    request: Request,
    session: Session,
    words: str,
    zones: list[str],
    *,
    error: StudioError | None = None,
) -> Response:
    wrong = {} if error is None else {error.field or "words": error.message}
    latest = emergencies.latest(session)
    return page(
        request,
        "emergency_form.html",
        status=200 if error is None else error.status,
        words=words,
        zones=zones,
        wrong=wrong,
        latest=latest,
        most=emergencies.MOST_SYLLABLES,
        who=users.names(session, {each.created_by for each in latest}),
        **offers(session, []),
    )
