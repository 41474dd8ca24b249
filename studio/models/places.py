"""Where is something to be heard: zones, the loudspeakers, and which loudspeaker belongs to which zone."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from studio.db import UtcDateTime, one_of


class ZoneKind(StrEnum):
    """What a zone is. There is no district since 01/07/2025."""

    PROVINCE = "province"
    COMMUNE = "commune"
    HAMLET = "hamlet"
    SET = "set"
    """Chosen devices, wherever they stand."""
    DEVICE = "device"
    """The one device of the same id."""


class Zone(SQLModel, table=True):
    """For whom a plan is. Wanted revisions (`*_n`) run ahead of the published ones until the broker has them.

    A deleted zone keeps its row: its empty plan must be published again after the broker was wiped.
    """

    id: str = Field(primary_key=True, max_length=63)
    """Wire name, for example `ap-3`."""
    name: str = Field(max_length=120)
    kind: ZoneKind = Field(sa_type=one_of(ZoneKind), index=True)
    parent: str | None = Field(default=None, foreign_key="zone.id", index=True, max_length=63)
    muted: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """Suspensions of the whole zone: `edge_agent.wire.documents.Mute` as JSON."""
    plan_n: int = 1
    published_plan_n: int = 0
    plan_signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    emergency_n: int = 0
    """0 until the zone has its first emergency."""
    published_emergency_n: int = 0
    emergency_signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    command_n: int = 0
    """Number of the last command to this zone."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Device(SQLModel, table=True):
    """One box on a pole: who it is, how it is to behave, and how it was when it last spoke."""

    id: str = Field(primary_key=True, max_length=63)
    """Wire name, on the label of the box."""
    name: str = Field(max_length=120)
    created_at: datetime = Field(sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    key_x: str | None = Field(default=None, max_length=43)
    """Its Ed25519 public key; null until it is enrolled, and after its farewell."""
    broker_password: str | None = Field(default=None, max_length=255)
    """Hash of its password at the broker, in Mosquitto's `$7$` form; null like the key."""
    enrolled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    enrolment_hash: str | None = Field(default=None, max_length=64, index=True)
    """SHA-256 of the one-time code that waits to be used."""
    enrolment_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    config_n: int = 1
    published_config_n: int = 0
    config_signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    command_n: int = 0
    """Number of the last command to this device."""

    time_zone: str = Field(default="Asia/Ho_Chi_Minh", max_length=64)
    quiet_hours: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`QuietHours` of the wire, as JSON."""
    volume: int = 80
    ceilings: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`Ceiling` of the wire, as JSON."""
    emergency_volume: int = 100
    delay_ms: int = 0
    muted: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`Mute` of the wire, as JSON."""
    heartbeat_s: int = 300

    online: bool = False
    last_seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the studio last heard anything from it."""
    presence: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """The newest `Presence` of the wire, as JSON; written in bulk every few seconds."""


class DeviceZone(SQLModel, table=True):
    """A device obeys this zone's plan: it was put there (`direct`), or the zone lies above one where it was."""

    __tablename__ = "device_zone"

    device: str = Field(primary_key=True, foreign_key="device.id", max_length=63)
    zone: str = Field(primary_key=True, foreign_key="zone.id", index=True, max_length=63)
    direct: bool = True
