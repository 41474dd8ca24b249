"""What is ordered from the page of a device, and what it said to that; its state as a part that renews itself."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from edge_agent.wire.words import CommandName, ReplyState
from studio import commands, devices, zones
from studio.device_words import REPLY_NAMES
from studio.errors import NotFound
from studio.web import device_lines
from studio.web.doors import LOGGED_IN, DeviceKeeper, InTransaction, Now, Stopper
from studio.web.pages import go, page

router = APIRouter()
REPLY_TONES = {None: "wait", ReplyState.RECEIVED: "info", ReplyState.DONE: "good", ReplyState.FAILED: "bad"}
"""Colour of how far a command has come."""


@router.post("/cum-loa/{device}/dung")
def stop(request: Request, session: InTransaction, now: Now, user: Stopper, device: str) -> Response:
    """Stop whatever sounds on the device."""
    order = commands.issue(session, name=CommandName.STOP, device=device, by=user.id, now=now)
    return go(request, f"/cum-loa/{device}?lenh={order.id}")


@router.post("/cum-loa/{device}/tu-kiem-tra")
def self_test(
    request: Request, session: InTransaction, now: Now, user: DeviceKeeper, device: str
) -> Response:
    """Let the device test itself."""
    order = commands.issue(session, name=CommandName.SELF_TEST, device=device, by=user.id, now=now)
    return go(request, f"/cum-loa/{device}?lenh={order.id}")


@router.get("/cum-loa/{device}/lenh/{command}", dependencies=[LOGGED_IN])
def replies(request: Request, session: InTransaction, now: Now, device: str, command: str) -> Response:
    """Show what the device said to a command; the part asks again until it is over."""
    status = commands.status(session, command, now=now)
    mine = [answer for answer in status.answers if answer.device == device]
    if not mine:
        raise NotFound("Lệnh này không gửi cho cụm loa này.")
    return page(
        request,
        "_device_replies.html",
        device=devices.get(session, device),
        progress=status,
        answer=mine[0],
        name=commands.COMMAND_NAMES[status.command.name],
        answer_name=REPLY_NAMES[mine[0].state],
        answer_tone=REPLY_TONES[mine[0].state],
    )


@router.get("/cum-loa/{device}/tinh-trang", dependencies=[LOGGED_IN])
def state(request: Request, session: InTransaction, now: Now, device: str) -> Response:
    """Show how the device is now; the part of its page that renews itself."""
    row = devices.get(session, device)
    line = device_lines.line(row, zones.of_device(session, device), now=now)
    return page(
        request,
        "_device_now.html",
        device=row,
        line=line,
        told=line.presence,
        refusals=device_lines.refusals(line.presence),
    )
