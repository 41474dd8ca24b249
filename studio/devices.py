"""Devices: the boxes on the poles, and how each is to behave. Every change of that raises its config's revision."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlmodel import Session, col, select

from edge_agent.wire.documents import Ceiling, Mute, QuietHours
from edge_agent.wire.words import Percent
from scheduler.rules import YEARS
from studio import zones
from studio.drafts import one_line
from studio.errors import Conflict, Invalid, NotFound
from studio.models.places import Device, DeviceZone, Zone, ZoneKind

RESERVED = frozenset({"studio"})
"""User names at the broker that no device may have."""


class DeviceState(StrEnum):
    """What a page says of a device at first sight."""

    NEW = "new"
    ONLINE = "online"
    OFFLINE = "offline"


STATE_NAMES = {
    DeviceState.NEW: "Chưa ghi danh",
    DeviceState.ONLINE: "Đang kết nối",
    DeviceState.OFFLINE: "Mất kết nối",
}
"""What staff call the states."""


class ConfigChange(BaseModel):
    """What is to change on a device; what is null stays as it is. Times of day are local to the device."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    volume: Percent | None = None
    """What a technician sets, percent."""
    emergency_volume: Percent | None = None
    """Volume of emergencies; ceilings do not bind it."""
    quiet_hours: list[QuietHours] | None = None
    """Times of day in which only an emergency may sound."""
    ceilings: list[Ceiling] | None = None
    """The loudest by time of day."""
    delay_ms: int | None = Field(default=None, ge=0, le=2000)
    """Added to every start, milliseconds."""
    heartbeat_s: int | None = Field(default=None, ge=10, le=3600)
    """How often presence is told when nothing changes, seconds."""
    time_zone: str | None = None
    """IANA name."""

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        if name is not None and (not re.fullmatch(r"[\w+-]+(/[\w+-]+)*", name) or not _exists(name)):
            raise ValueError("không phải tên múi giờ; ví dụ: Asia/Ho_Chi_Minh")
        return name


def _exists(time_zone: str) -> bool:
    try:
        ZoneInfo(time_zone)
    except (KeyError, OSError, ValueError):
        return False
    return True


def get(session: Session, device: str, *, to_change: bool = False) -> Device:
    """Return a device that is not deleted; `to_change` keeps others from changing it meanwhile. Raises NotFound."""
    row = session.get(Device, device, with_for_update=to_change or None)
    if row is None or row.deleted_at is not None:
        raise NotFound(f"Không có cụm loa {device}.")
    return row


def listed(session: Session, *, zone: str | None = None) -> list[Device]:
    """Return the devices that are not deleted, by id; of one zone if named (raises NotFound)."""
    if zone is not None:
        zones.get(session, zone)
        return zones.members(session, zone)
    return list(session.exec(select(Device).where(col(Device.deleted_at).is_(None)).order_by(Device.id)))


def create(
    session: Session,
    *,
    name: str,
    now: datetime,
    in_zones: Collection[str] = (),
    id: str | None = None,  # noqa: A002
    time_zone: str = "Asia/Ho_Chi_Minh",
) -> Device:
    """Add a device, and the zone of its own; it hears nothing until it is enrolled.

    Raises Invalid, Conflict, or NotFound for a zone.
    """
    name = zones.clean_name(name)
    name_on_wire = zones.free_id(session, name, id)
    if name_on_wire in RESERVED:
        raise Conflict(f"Mã {name_on_wire} dành riêng cho hệ thống; hãy chọn mã khác.", field="id")
    session.add(Zone(id=name_on_wire, name=name, kind=ZoneKind.DEVICE, created_at=now))
    device = Device(id=name_on_wire, name=name, created_at=now, time_zone=time_zone, config_n=0)
    session.add(device)
    session.flush()
    zones.place(session, device.id, in_zones)
    session.refresh(device)
    return device


def rename(session: Session, device: str, name: str) -> Device:
    """Give a device another name for people; its id, which is on its label, stays. Raises NotFound, Invalid."""
    row = get(session, device, to_change=True)
    row.name = zones.clean_name(name)
    zones.get(session, device).name = row.name
    session.flush()
    return row


def change(session: Session, device: str, wanted: ConfigChange) -> Device:
    """Change how a device behaves; nothing is sent if nothing changes. Raises NotFound."""
    row = get(session, device, to_change=True)
    told = wanted.model_dump(mode="json", exclude_none=True)
    new = {field: value for field, value in told.items() if getattr(row, field) != value}
    for field, value in new.items():
        setattr(row, field, value)
    row.config_n += bool(new)
    session.flush()
    return row


def set_zones(session: Session, device: str, direct: Collection[str]) -> Device:
    """Let a device belong to exactly these zones, those above them, and its own. Raises NotFound."""
    row = get(session, device, to_change=True)
    zones.place(session, row.id, direct)
    session.refresh(row)
    return row


def mute(
    session: Session, device: str, *, reason: str, now: datetime, until: datetime | None = None
) -> Device:
    """Silence one device, but for emergencies, until it is lifted or `until`. Raises NotFound, Invalid."""
    row = get(session, device, to_change=True)
    reason = one_line(reason, "reason")
    if not reason or len(reason) > 200:
        raise Invalid("Hãy ghi lý do tắt tiếng (1 đến 200 ký tự).", field="reason")
    if until is not None and until.year not in YEARS:
        raise Invalid(f"Năm phải từ {YEARS[0]} đến {YEARS[-1]}.", field="until")
    if until is not None and until <= now:
        raise Invalid("Thời điểm mở tiếng lại phải ở tương lai.", field="until")
    new = Mute(begins_at=now, ends_at=until, reason=reason)
    row.muted = [*_still_muted(row, now), new.model_dump(mode="json")]
    row.config_n += 1
    session.flush()
    return row


def unmute(session: Session, device: str, *, now: datetime) -> Device:
    """Lift every mute of one device. Harmless if there is none. Raises NotFound."""
    row = get(session, device, to_change=True)
    if _still_muted(row, now):
        row.config_n += 1
    row.muted = []
    session.flush()
    return row


def remove(session: Session, device: str, *, now: datetime) -> None:
    """Delete a device: nothing it says is stored any more, and it is told to hear nothing. Raises NotFound.

    Key and password stay until it has been told (`studio.farewells`).
    """
    row = get(session, device, to_change=True)
    own = zones.get(session, device, to_change=True)
    for membership in session.exec(select(DeviceZone).where(DeviceZone.device == device)):
        session.delete(membership)
    zones.bury(own, now=now)
    row.deleted_at = now
    row.enrolment_hash = row.enrolment_expires_at = None
    row.online = False
    row.config_n += 1
    session.flush()


def muted_now(device: Device, now: datetime) -> Mute | None:
    """The mute of this device that holds now, or None."""
    return next(
        (
            mute
            for mute in map(Mute.model_validate, device.muted)
            if mute.begins_at <= now and (mute.ends_at is None or now < mute.ends_at)
        ),
        None,
    )


def state(device: Device, now: datetime) -> DeviceState:
    """Say how a device stands; one that has been silent for two heartbeats and a half is lost, whatever it said."""
    if device.enrolled_at is None:
        return DeviceState.NEW
    patience = timedelta(seconds=2.5 * device.heartbeat_s)
    if device.online and device.last_seen_at is not None and now - device.last_seen_at < patience:
        return DeviceState.ONLINE
    return DeviceState.OFFLINE


def _still_muted(device: Device, now: datetime) -> list[dict[str, object]]:
    return [m for m in device.muted if m["ends_at"] is None or Mute.model_validate(m).ends_at > now]  # type: ignore[operator]
