"""What pages say of a device at first sight: pure words and colours over its row and its newest presence."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlmodel import Session, col, select

from edge_agent.wire.accounts import Presence
from edge_agent.wire.words import ClockTrust
from studio import devices
from studio.device_words import CLOCK_NAMES, REFUSAL_NAMES
from studio.devices import DeviceState
from studio.models.places import Device, DeviceZone, Zone, ZoneKind

STATE_TONES = {DeviceState.NEW: "quiet", DeviceState.ONLINE: "good", DeviceState.OFFLINE: "bad"}
CLOCK_TONES = {ClockTrust.TRUSTED: "good", ClockTrust.HOLDOVER: "wait", ClockTrust.UNKNOWN: "bad"}


@dataclass(frozen=True)
class Line:
    """One device, ready to be shown. What it has not told is None."""

    device: Device
    state: DeviceState
    presence: Presence | None
    zones: tuple[Zone, ...]
    muted: str | None
    """Why it is muted now; None if it is not."""

    @property
    def playing(self) -> bool:
        """Whether it sounds now, as far as is known."""
        return (
            self.state is DeviceState.ONLINE
            and self.presence is not None
            and self.presence.playing is not None
        )

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

    @property
    def alarms(self) -> tuple[str, ...]:
        """What a technician should look at; only of a device that has been heard of."""
        told = self.presence
        if told is None or self.state is not DeviceState.ONLINE:
            return ()
        found = []
        if told.clock is ClockTrust.UNKNOWN:
            found.append("chưa biết giờ nên không phát")
        if told.missing:
            found.append(f"thiếu {len(told.missing)} âm thanh")
        if told.behind:
            found.append("chưa nhận được lịch mới nhất")
        if told.disk_free_mb is not None and told.disk_free_mb < 200:
            found.append(f"thẻ nhớ chỉ còn {told.disk_free_mb} MB")
        if told.temperature_c is not None and told.temperature_c >= 80:
            found.append(f"nóng {told.temperature_c:.0f} °C")
        return tuple(found)


def line(device: Device, in_zones: Collection[Zone], *, now: datetime) -> Line:
    """Put together what is shown of one device."""
    mute = devices.muted_now(device, now)
    drawn = tuple(zone for zone in in_zones if zone.kind is not ZoneKind.DEVICE)
    return Line(device, devices.state(device, now), presence(device), drawn, mute.reason if mute else None)


def presence(device: Device) -> Presence | None:
    """The newest presence in the row; None if there is none that can be read."""
    try:
        return None if device.presence is None else Presence.model_validate(device.presence)
    except ValidationError:
        return None


def lines(session: Session, rows: Collection[Device], *, now: datetime) -> list[Line]:
    """Put together what is shown of many devices, with one query for all their zones."""
    of: dict[str, list[Zone]] = {}
    chosen = select(DeviceZone.device, Zone).join(Zone).where(col(DeviceZone.direct))
    if len(rows) <= 500:  # beyond, naming each would be longer than reading all
        chosen = chosen.where(col(DeviceZone.device).in_([row.id for row in rows]))
    for device, zone in session.exec(chosen.order_by(Zone.name, Zone.id)):
        of.setdefault(device, []).append(zone)
    return [line(row, of.get(row.id, ()), now=now) for row in rows]


def refusals(told: Presence | None) -> list[tuple[str, int]]:
    """Refused messages by reason, in words, the most frequent first."""
    counts = told.refused if told is not None else {}
    return [(REFUSAL_NAMES.get(why, why), n) for why, n in sorted(counts.items(), key=lambda each: -each[1])]
