"""The page of one device, put together once, whatever form on it has just been refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from fastapi import Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from studio import airings, devices, removals, zones
from studio.device_words import why
from studio.errors import StudioError
from studio.models.airings import Airing, AiringDevice
from studio.models.journals import Journal
from studio.models.places import Device, DeviceZone, ZoneKind
from studio.services import Services
from studio.web import device_forms, device_lines
from studio.web.booking_pages import STATE_TONES
from studio.web.pages import page

HISTORY = 30
"""Airings shown on the page of a device."""


@dataclass(frozen=True)
class Heard:
    """One airing on this device, ready to be shown."""

    row: AiringDevice
    airing: Airing | None
    """None: the studio has forgotten it, but the device told of it."""
    state_name: str
    tone: str
    why: str


@dataclass(frozen=True)
class Attempt:
    """A form that was refused: what was typed in it, to be shown again with the error."""

    form: str
    error: StudioError
    typed: Any


def show_device(
    request: Request, session: Session, device: Device, *, command: str = "", attempt: Attempt | None = None
) -> Response:
    """Render the page of a device; `attempt` puts a refused form back as it was typed."""
    services = cast(Services, request.app.state.services)
    now = services.now()
    direct = direct_zones(session, device.id)
    told = device_lines.line(device, zones.of_device(session, device.id), now=now)
    return page(
        request,
        "device.html",
        status=attempt.error.status if attempt else 200,
        error=attempt.error if attempt else None,
        refused_form=attempt.form if attempt else "",
        device=device,
        line=told,
        told=told.presence,
        direct=[zone for zone in told.zones if zone.id in direct],
        mutes=devices.muted_now(device, now),
        form=_typed(attempt, "settings", device_forms.filled(device)),
        place=_typed(attempt, "place", {"name": device.name, "ticked": direct}),
        mute=_typed(attempt, "mute", {"reason": "", "until": ""}),
        choices=zones.listed(session, kinds=[each for each in ZoneKind if each is not ZoneKind.DEVICE]),
        booked=removals.booked(session, device.id, now=now),
        history=_history(session, device.id, now),
        broken=_broken(session, device.id),
        refusals=device_lines.refusals(told.presence),
        command=command,
    )


def _typed(attempt: Attempt | None, form: str, otherwise: Any) -> Any:
    return attempt.typed if attempt is not None and attempt.form == form else otherwise


def direct_zones(session: Session, device: str) -> set[str]:
    """The zones into which the device was put; not those above them."""
    query = select(DeviceZone.zone).where(DeviceZone.device == device, col(DeviceZone.direct))
    return set(session.exec(query))


def _history(session: Session, device: str, now: datetime) -> list[Heard]:
    query = (
        select(AiringDevice, Airing)
        .join(Airing, col(Airing.id) == col(AiringDevice.airing), isouter=True)
        .where(AiringDevice.device == device)
        .order_by(col(Airing.starts_at).desc(), col(AiringDevice.airing).desc())
        .limit(HISTORY)
    )
    return [_heard(row, airing, now) for row, airing in session.exec(query)]


def _heard(row: AiringDevice, airing: Airing | None, now: datetime) -> Heard:
    if airing is not None:
        state = airings.state(row.playback, airing, now)
    else:  # told of before a backup was restored
        state = airings.State(row.playback.value) if row.playback else airings.State.UNHEARD
    return Heard(row, airing, airings.STATE_NAMES[state], STATE_TONES[state], why(row.reason))


def _broken(session: Session, device: str) -> list[Journal]:
    query = select(Journal).where(Journal.device == device, col(Journal.broken_at).is_not(None))
    return list(session.exec(query.order_by(Journal.journal)))
