"""Pages of devices: the list, a new one, one device, its enrolment, its end."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from studio import bookings, devices, enrolment, removals, zones
from studio.devices import DeviceState
from studio.drafts import named
from studio.errors import StudioError
from studio.models.places import Zone, ZoneKind
from studio.web import device_lines
from studio.web.device_lines import Glance
from studio.web.device_pages import show_device
from studio.web.doors import LOGGED_IN, DeviceKeeper, InTransaction, Now, TheServices
from studio.web.pages import go, is_htmx, page

router = APIRouter()
Text = Annotated[str, Form()]
Ticks = Annotated[list[str], Form()]

PAGE_SIZE = 50
"""Devices on one page."""
FILTERS = (
    ("", "Tất cả"),
    ("loi", "Cần xem"),
    ("phat", "Đang phát"),
    ("mat", "Mất kết nối"),
    ("moi", "Chưa ghi danh"),
)


@router.get("/cum-loa", dependencies=[LOGGED_IN])
def listing(
    request: Request,
    session: InTransaction,
    now: Now,
    loc: str = "",
    vung: str = "",
    tim: str = "",
    trang: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Show the devices and how each is; for htmx only the part that changes."""
    known = device_lines.glances(session, zone=vung or None, now=now)
    found = [each for each in known if _passes(each, loc) and named(tim, each.name, each.id)]
    shown = found[(trang - 1) * PAGE_SIZE : trang * PAGE_SIZE]
    return page(
        request,
        "_device_list.html" if is_htmx(request) else "devices.html",
        lines=device_lines.lines(session, shown, now=now),
        found=len(found),
        size=PAGE_SIZE,
        total=len(known),
        counts={key: sum(_passes(each, key) for each in known) for key, _ in FILTERS},
        filters=FILTERS,
        wish={"loc": loc, "vung": vung, "tim": tim, "trang": trang},
        zones=[("", "Mọi vùng"), *((zone.id, zone.name) for zone in _drawn(session))],
    )


@router.get("/cum-loa/moi")
def ask(request: Request, session: InTransaction, _user: DeviceKeeper) -> Response:
    """Show the form of a new device."""
    return page(request, "device_new.html", name="", wanted_id="", ticked=set(), choices=_drawn(session))


@router.post("/cum-loa/moi")
def add(
    request: Request,
    session: InTransaction,
    services: TheServices,
    now: Now,
    _user: DeviceKeeper,
    name: Text = "",
    id: Text = "",  # noqa: A002
    zone: Ticks = [],  # noqa: B006  (FastAPI copies it)
) -> Response:
    """Add a device; its page then offers the code of enrolment."""
    try:
        with session.begin_nested():
            row = devices.create(
                session,
                name=name,
                id=id.strip() or None,
                in_zones=zone,
                time_zone=services.settings.time_zone,
                now=now,
            )
    except StudioError as error:
        return page(
            request,
            "device_new.html",
            status=error.status,
            error=error,
            name=name,
            wanted_id=id,
            ticked=set(zone),
            choices=_drawn(session),
        )
    return go(request, f"/cum-loa/{row.id}", flash=f"Đã thêm «{row.name}». Tiếp theo: lấy mã ghi danh.")


@router.get("/cum-loa/{device}", dependencies=[LOGGED_IN])
def show(request: Request, session: InTransaction, device: str, lenh: str = "") -> Response:
    """Show one device."""
    return show_device(request, session, devices.get(session, device), command=lenh)


@router.post("/cum-loa/{device}/ghi-danh")
def enrol(request: Request, session: InTransaction, now: Now, _user: DeviceKeeper, device: str) -> Response:
    """Make a code of enrolment and show it, this once."""
    code = enrolment.new_code(session, device, now=now)
    return page(
        request,
        "device_code.html",
        device=devices.get(session, device),
        code=code,
        holds_until=now + enrolment.CODE_LASTS,
    )


@router.post("/cum-loa/{device}/xoa")
def remove(request: Request, session: InTransaction, now: Now, user: DeviceKeeper, device: str) -> Response:
    """Delete the device; its box is told to fall silent, and what was booked for it alone is withdrawn."""
    name = devices.get(session, device).name
    lost = removals.remove_device(session, device, by=user, now=now)
    said = f" Lịch phát {bookings.said(lost)} đã bị hủy." if lost else ""
    return go(request, "/cum-loa", flash=f"Đã xóa cụm loa «{name}».{said}")


def _drawn(session: Session) -> list[Zone]:
    return zones.listed(session, kinds=[kind for kind in ZoneKind if kind is not ZoneKind.DEVICE])


def _passes(line: Glance, key: str) -> bool:
    match key:
        case "phat":
            return line.playing
        case "mat":
            return line.state is DeviceState.OFFLINE
        case "moi":
            return line.state is DeviceState.NEW
        case "loi":
            return line.state is DeviceState.OFFLINE or bool(line.alarms)
        case _:
            return True
