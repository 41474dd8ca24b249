"""What pages say of a device at first sight: pure words and colours over its row and its newest presence."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, and_, extract, func
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from edge_agent.wire.accounts import Presence
from edge_agent.wire.words import ClockTrust
from studio import devices, zones
from studio.device_words import CLOCK_NAMES, REFUSAL_NAMES
from studio.devices import DeviceState
from studio.models.places import Device, DeviceZone, Zone, ZoneKind

STATE_TONES = {DeviceState.NEW: "quiet", DeviceState.ONLINE: "good", DeviceState.OFFLINE: "bad"}
CLOCK_TONES = {ClockTrust.TRUSTED: "good", ClockTrust.HOLDOVER: "wait", ClockTrust.UNKNOWN: "bad"}


@dataclass(frozen=True)
class Glance:
    """One device at first sight: what a list counts and searches."""

    id: str
    name: str
    state: DeviceState
    playing: bool
    """Whether it sounds now, as far as is known."""
    alarms: tuple[str, ...]
    """What a technician should look at; only of a device that has been heard of."""


@dataclass(frozen=True)
class Line(Glance):
    """One device, ready to be shown."""

    device: Device
    presence: Presence | None
    """The newest; None: it has told none that can be read."""
    zones: tuple[Zone, ...]
    muted: str | None
    """Why it is muted now; None if it is not."""

    @property
    def state_name(self) -> str:
        """Its state in words for staff."""
        return "Đang phát" if self.playing else devices.STATE_NAMES[self.state]

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return "info" if self.playing else STATE_TONES[self.state]

    @property
    def clock_name(self) -> str:
        """What is known of its clock, in words."""
        return CLOCK_NAMES[self.presence.clock] if self.presence else "–"

    @property
    def clock_tone(self) -> str:
        """The colour of its clock; grey where what it told may have changed since."""
        known = self.presence is not None and self.state is DeviceState.ONLINE
        return CLOCK_TONES[self.presence.clock] if known and self.presence else "quiet"


def line(device: Device, in_zones: Collection[Zone], *, now: datetime) -> Line:
    """Put together what is shown of one device."""
    mute = devices.muted_now(device, now)
    told = presence(device.presence)
    state = devices.state(device, now)
    heard = told if state is DeviceState.ONLINE else None
    return Line(
        device.id,
        device.name,
        state,
        playing=heard is not None and heard.playing is not None,
        alarms=()
        if heard is None
        else _alarms(
            heard.clock, len(heard.missing), len(heard.behind), heard.disk_free_mb, heard.temperature_c
        ),
        device=device,
        presence=told,
        zones=tuple(zone for zone in in_zones if zone.kind is not ZoneKind.DEVICE),
        muted=mute.reason if mute else None,
    )


def _alarms(
    clock: str | None,
    missing: int | None,
    behind: int | None,
    disk_free_mb: int | None,
    temperature_c: float | None,
) -> tuple[str, ...]:
    found = []
    if clock in (None, ClockTrust.UNKNOWN):
        found.append("chưa biết giờ nên không phát")
    if missing:
        found.append(f"thiếu {missing} âm thanh")
    if behind:
        found.append("chưa nhận được lịch mới nhất")
    if disk_free_mb is not None and disk_free_mb < 200:
        found.append(f"thẻ nhớ chỉ còn {disk_free_mb} MB")
    if temperature_c is not None and temperature_c >= 80:
        found.append(f"nóng {temperature_c:.0f} °C")
    return tuple(found)


def presence(told: Mapping[str, Any] | None) -> Presence | None:
    """The newest presence in a device's row; None if there is none that can be read."""
    try:
        return None if told is None else Presence.model_validate(told)
    except ValidationError:
        return None


def glances(session: Session, *, zone: str | None = None, now: datetime) -> list[Glance]:
    """Every device that is not deleted, by name; of one zone if named (raises NotFound)."""
    # Columns instead of objects: of a thousand devices only a page is shown.
    told = col(Device.presence)
    chosen = sqlalchemy_select(
        col(Device.id),
        col(Device.name),
        col(Device.enrolled_at).is_not(None),
        _online(now),
        told["kind"].as_string(),
        told["playing"].as_string(),
        told["clock"].as_string(),
        func.json_array_length(told["missing"]),
        func.json_array_length(told["behind"]),
        told["disk_free_mb"].as_integer(),
        told["temperature_c"].as_float(),
    ).where(col(Device.deleted_at).is_(None))
    if zone is not None:
        zones.get(session, zone)
        members = select(DeviceZone.device).where(DeviceZone.zone == zone)
        chosen = chosen.where(col(Device.id).in_(members))
    ordered = session.execute(chosen.order_by(col(Device.name), col(Device.id)))
    return [_glance(*row) for row in ordered]


def _online(now: datetime) -> ColumnElement[bool]:
    """What `devices.state` says, in SQL and to the second."""
    lost_at = extract("epoch", col(Device.last_seen_at)) + 2.5 * col(Device.heartbeat_s)
    return and_(col(Device.online), lost_at > now.timestamp())


def _glance(
    id: str,  # noqa: A002
    name: str,
    enrolled: bool,
    online: bool | None,
    kind: str | None,
    playing: str | None,
    *more: Any,
) -> Glance:
    if not enrolled:
        return Glance(id, name, DeviceState.NEW, playing=False, alarms=())
    if not online:
        return Glance(id, name, DeviceState.OFFLINE, playing=False, alarms=())
    return Glance(id, name, DeviceState.ONLINE, playing is not None, () if kind is None else _alarms(*more))


def lines(session: Session, shown: Collection[Glance], *, now: datetime) -> list[Line]:
    """Put together what is shown of some devices, in their order."""
    names = [each.id for each in shown]
    rows = {row.id: row for row in session.exec(select(Device).where(col(Device.id).in_(names)))}
    of: defaultdict[str, list[Zone]] = defaultdict(list)
    chosen = select(DeviceZone.device, Zone).join(Zone).where(col(DeviceZone.device).in_(names))
    for device, zone in session.exec(chosen.where(col(DeviceZone.direct)).order_by(Zone.name, Zone.id)):
        of[device].append(zone)
    return [line(rows[name], of[name], now=now) for name in names]


def refusals(told: Presence | None) -> list[tuple[str, int]]:
    """Refused messages by reason, in words, the most frequent first."""
    counts = told.refused if told is not None else {}
    return [(REFUSAL_NAMES.get(why, why), n) for why, n in sorted(counts.items(), key=lambda each: -each[1])]
