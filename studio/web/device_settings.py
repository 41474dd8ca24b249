"""What is changed on the page of a device: name and zones, behaviour, mute."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from studio import devices
from studio.errors import StudioError
from studio.web import device_forms
from studio.web.device_pages import Attempt, direct_zones, show_device
from studio.web.doors import DeviceKeeper, InTransaction, Now, TheServices
from studio.web.pages import go

router = APIRouter()
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form()]


@router.post("/cum-loa/{device}/ten")
def place(
    request: Request,
    session: InTransaction,
    _user: DeviceKeeper,
    device: str,
    name: Text = "",
    zone: Texts = [],  # noqa: B006  (FastAPI copies it)
) -> Response:
    """Give the device another name, and put it into exactly these zones."""
    row = devices.get(session, device)
    try:
        with session.begin_nested():
            devices.rename(session, device, name)
            if set(zone) != direct_zones(session, device) - {device}:
                devices.set_zones(session, device, zone)
    except StudioError as error:
        session.refresh(row)
        typed = {"name": name, "ticked": set(zone)}
        return show_device(request, session, row, attempt=Attempt("place", error, typed))
    return go(request, f"/cum-loa/{device}", flash="Đã lưu tên và vùng phát.")


@router.post("/cum-loa/{device}/cai-dat")
def settings(
    request: Request,
    session: InTransaction,
    _user: DeviceKeeper,
    device: str,
    volume: Text = "",
    emergency_volume: Text = "",
    delay_ms: Text = "",
    heartbeat_s: Text = "",
    time_zone: Text = "",
    quiet_begins: Texts = [],  # noqa: B006
    quiet_ends: Texts = [],  # noqa: B006
    ceiling_begins: Texts = [],  # noqa: B006
    ceiling_ends: Texts = [],  # noqa: B006
    ceiling_percent: Texts = [],  # noqa: B006
) -> Response:
    """Change how the device behaves; it hears of it as a new config."""
    row = devices.get(session, device)
    form = device_forms.typed(
        {
            "volume": volume,
            "emergency_volume": emergency_volume,
            "delay_ms": delay_ms,
            "heartbeat_s": heartbeat_s,
            "time_zone": time_zone,
        },
        {
            "quiet_begins": quiet_begins,
            "quiet_ends": quiet_ends,
            "ceiling_begins": ceiling_begins,
            "ceiling_ends": ceiling_ends,
            "ceiling_percent": ceiling_percent,
        },
    )
    before = row.config_n
    try:
        row = devices.change(session, device, device_forms.wanted(form))
    except StudioError as error:
        return show_device(request, session, row, attempt=Attempt("settings", error, form))
    said = "Đã lưu cài đặt; cụm loa nhận ngay khi có kết nối."
    return go(
        request, f"/cum-loa/{device}", flash=said if row.config_n != before else "Không có gì thay đổi."
    )


@router.post("/cum-loa/{device}/tat-tieng")
def mute(
    request: Request,
    session: InTransaction,
    services: TheServices,
    now: Now,
    _user: DeviceKeeper,
    device: str,
    reason: Text = "",
    until: Text = "",
) -> Response:
    """Silence the device, but for emergencies."""
    try:
        end = device_forms.instant(until, now.astimezone(services.settings.zone_info), "until")
        devices.mute(session, device, reason=reason, until=end, now=now)
    except StudioError as error:
        typed = {"reason": reason, "until": until}
        row = devices.get(session, device)
        return show_device(request, session, row, attempt=Attempt("mute", error, typed))
    return go(request, f"/cum-loa/{device}", flash="Đã tắt tiếng; chỉ còn phát tin khẩn cấp.")


@router.post("/cum-loa/{device}/mo-tieng")
def unmute(request: Request, session: InTransaction, now: Now, _user: DeviceKeeper, device: str) -> Response:
    """Lift every mute of the device."""
    devices.unmute(session, device, now=now)
    return go(request, f"/cum-loa/{device}", flash="Đã mở tiếng lại.")
