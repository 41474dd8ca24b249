"""/zones and /devices: the same steps as the pages, for programs and the technician's desk."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from edge_agent.wire.words import Revision
from studio import devices, enrolment, keys, removals, zones
from studio.api.shapes import Shape
from studio.devices import ConfigChange, DeviceState
from studio.models.places import Device, DeviceZone, Zone, ZoneKind
from studio.moments import Moment
from studio.web.doors import LOGGED_IN, DeviceKeeper, InTransaction, Now, TheServices, ZoneKeeper

router = APIRouter(tags=["places"])


class ZoneShape(Shape):
    """A zone."""

    id: str
    """Wire name."""
    name: str
    """For people."""
    kind: ZoneKind
    """What it is."""
    parent: str | None
    """The zone above it."""


class ZoneWithDevices(ZoneShape):
    """A zone and who obeys its plan."""

    devices: list[str]
    """Ids, also those that belong to it through a zone below."""


class NewZone(BaseModel):
    """A zone to draw."""

    name: str = Field(max_length=200)
    kind: ZoneKind
    parent: str | None = None
    id: str | None = None


class NewName(BaseModel):
    """Another name for people."""

    name: str = Field(max_length=200)


class Members(BaseModel):
    """Exactly these devices."""

    devices: list[str] = Field(max_length=20_000)


class DeviceShape(Shape):
    """A device: how it is to behave, and how it was when it last spoke."""

    id: str
    """Wire name, on its label."""
    name: str
    """For people."""
    state: DeviceState
    """At first sight."""
    state_name: str
    """The same in Vietnamese."""
    last_seen_at: datetime | None
    """When it was last heard."""
    enrolled_at: datetime | None
    """When its box was enrolled."""
    zones: list[str]
    """Whose plans it obeys, its own among them."""
    muted: str | None
    """Why it is muted now; null if it is not."""
    volume: int
    """Percent, as set."""
    emergency_volume: int
    """Percent, as set."""
    quiet_hours: list[dict[str, Any]]
    """`begins` and `ends`, local times of day."""
    ceilings: list[dict[str, Any]]
    """`begins`, `ends`, `percent`."""
    delay_ms: int
    """Added to every start."""
    heartbeat_s: int
    """How often presence is told."""
    time_zone: str
    """IANA name."""
    config: Revision
    """`[epoch, n]` of its config in force; the box has it when its presence names that one or a later one."""
    presence: dict[str, Any] | None
    """The newest presence, as the wire has it; null before the first."""


class NewDevice(BaseModel):
    """A device to add."""

    name: str = Field(max_length=200)
    zones: list[str] = Field(default_factory=list, max_length=100)
    id: str | None = None


class Placement(BaseModel):
    """Exactly these zones; those above them and its own come along."""

    zones: list[str] = Field(max_length=100)


class MuteWish(BaseModel):
    """Silence, but for emergencies."""

    reason: str = Field(max_length=200)
    until: Moment | None = None


class Code(BaseModel):
    """A one-time code for `loa-agent enrol`."""

    device: str
    code: str
    expires_at: datetime


@router.get("/zones", dependencies=[LOGGED_IN])
def list_zones(
    session: InTransaction, kind: Annotated[list[ZoneKind] | None, Query()] = None
) -> list[ZoneShape]:
    """List zones by name; `kind` narrows them."""
    return [ZoneShape.model_validate(zone) for zone in zones.listed(session, kinds=kind)]


@router.post("/zones", status_code=201)
def draw_zone(given: NewZone, session: InTransaction, now: Now, _user: ZoneKeeper) -> ZoneShape:
    """Draw a zone. 409 if the id is taken."""
    created = zones.create(
        session, name=given.name, kind=given.kind, parent=given.parent, id=given.id, now=now
    )
    return ZoneShape.model_validate(created)


@router.get("/zones/{zone}", dependencies=[LOGGED_IN])
def show_zone(zone: str, session: InTransaction) -> ZoneWithDevices:
    """Show a zone and its devices."""
    row = zones.get(session, zone)
    members = [device.id for device in zones.members(session, zone)]
    return ZoneWithDevices(id=row.id, name=row.name, kind=row.kind, parent=row.parent, devices=members)


@router.patch("/zones/{zone}")
def rename_zone(zone: str, given: NewName, session: InTransaction, _user: ZoneKeeper) -> ZoneShape:
    """Give it another name."""
    return ZoneShape.model_validate(zones.rename(session, zone, given.name))


@router.put("/zones/{zone}/devices")
def fill_zone(zone: str, given: Members, session: InTransaction, _user: ZoneKeeper) -> ZoneWithDevices:
    """Put exactly these devices into it."""
    zones.set_members(session, zone, given.devices)
    return show_zone(zone, session)


@router.delete("/zones/{zone}", status_code=204)
def delete_zone(zone: str, session: InTransaction, now: Now, user: ZoneKeeper) -> None:
    """Delete it; its devices leave it, and bookings for it alone are withdrawn. 409 while there are zones below."""
    removals.remove_zone(session, zone, by=user, now=now)


@router.get("/devices", dependencies=[LOGGED_IN])
def list_devices(session: InTransaction, now: Now, zone: str | None = None) -> list[DeviceShape]:
    """List devices by id; of one zone if named."""
    return _shapes(session, devices.listed(session, zone=zone), now)


@router.post("/devices", status_code=201)
def add_device(
    given: NewDevice, session: InTransaction, services: TheServices, now: Now, _user: DeviceKeeper
) -> DeviceShape:
    """Add a device; it hears nothing until its box is enrolled."""
    device = devices.create(
        session,
        name=given.name,
        id=given.id,
        in_zones=given.zones,
        time_zone=services.settings.time_zone,
        now=now,
    )
    return _shape(session, device, now)


@router.get("/devices/{device}", dependencies=[LOGGED_IN])
def show_device(device: str, session: InTransaction, now: Now) -> DeviceShape:
    """Show a device."""
    return _shape(session, devices.get(session, device), now)


@router.patch("/devices/{device}")
def change_device(
    device: str, given: ConfigChange, session: InTransaction, now: Now, _user: DeviceKeeper
) -> DeviceShape:
    """Change how it behaves: volume, quiet hours, ceilings, delay, heartbeat, time zone."""
    return _shape(session, devices.change(session, device, given), now)


@router.put("/devices/{device}/name")
def rename_device(
    device: str, given: NewName, session: InTransaction, now: Now, _user: DeviceKeeper
) -> DeviceShape:
    """Give it another name."""
    return _shape(session, devices.rename(session, device, given.name), now)


@router.put("/devices/{device}/zones")
def place_device(
    device: str, given: Placement, session: InTransaction, now: Now, _user: DeviceKeeper
) -> DeviceShape:
    """Let it belong to exactly these zones."""
    return _shape(session, devices.set_zones(session, device, given.zones), now)


@router.put("/devices/{device}/mute")
def mute_device(
    device: str, given: MuteWish, session: InTransaction, now: Now, _user: DeviceKeeper
) -> DeviceShape:
    """Silence it, but for emergencies, until it is lifted or `until`."""
    muted = devices.mute(session, device, reason=given.reason, until=given.until, now=now)
    return _shape(session, muted, now)


@router.delete("/devices/{device}/mute")
def unmute_device(device: str, session: InTransaction, now: Now, _user: DeviceKeeper) -> DeviceShape:
    """Lift every mute of it."""
    return _shape(session, devices.unmute(session, device, now=now), now)


@router.post("/devices/{device}/enrolment-code", status_code=201)
def make_code(device: str, session: InTransaction, now: Now, _user: DeviceKeeper) -> Code:
    """Make the one-time code of its box; an earlier one holds no more."""
    code = enrolment.new_code(session, device, now=now)
    return Code(device=device, code=code, expires_at=now + enrolment.CODE_LASTS)


@router.delete("/devices/{device}", status_code=204)
def delete_device(device: str, session: InTransaction, now: Now, user: DeviceKeeper) -> None:
    """Delete it: nothing it says is stored any more, and its box is told to fall silent.

    Bookings for it alone are withdrawn.
    """
    removals.remove_device(session, device, by=user, now=now)


def _shape(session: Session, device: Device, now: datetime) -> DeviceShape:
    return _shapes(session, [device], now)[0]


def _shapes(session: Session, rows: list[Device], now: datetime) -> list[DeviceShape]:
    belongs: dict[str, list[str]] = {row.id: [] for row in rows}
    query = select(DeviceZone.device, Zone.id).join(Zone).order_by(Zone.id)
    if len(rows) <= 500:  # a whole province is read whole
        query = query.where(col(DeviceZone.device).in_(belongs))
    for device, zone in session.exec(query):
        if device in belongs:
            belongs[device].append(zone)
    epoch = keys.epoch(session)
    return [_device(row, belongs[row.id], Revision(epoch, row.config_n), now) for row in rows]


def _device(row: Device, belongs: list[str], config: Revision, now: datetime) -> DeviceShape:
    state, mute = devices.state(row, now), devices.muted_now(row, now)
    return DeviceShape(
        **row.model_dump(
            include=set(DeviceShape.model_fields) - {"state", "state_name", "zones", "muted", "config"}
        ),
        config=config,
        state=state,
        state_name=devices.STATE_NAMES[state],
        zones=belongs,
        muted=None if mute is None else mute.reason,
    )
