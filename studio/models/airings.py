"""Airings: what is to be heard when and where, and what became of it on each device."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from edge_agent.wire.words import ClockTrust, Playback, Priority
from studio.db import UtcDateTime, one_of


class Airing(SQLModel, table=True):
    """One booking on one date. Never deleted: what is no longer wanted has `withdrawn_at`."""

    id: str = Field(primary_key=True, max_length=80)
    """`<booking>@<start>`, as on the wire."""
    booking: str = Field(index=True, max_length=63)
    starts_at: datetime = Field(sa_type=UtcDateTime, index=True)
    stale_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)
    """When it would end if it starts in time: starts_at + seconds (+ tone)."""
    priority: Priority = Field(default=Priority.ORDINARY, sa_type=one_of(Priority))
    rank: int = 0
    title: str = Field(default="", max_length=200)
    seconds: float
    """How long it sounds, repeats counted, without the tone."""
    sounds: list[dict[str, Any]] = Field(sa_type=JSON)
    """In order: `{"sha256": …, "size": bytes, "seconds": …}`."""
    repeat: int = 1
    tone: bool = False
    in_step: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a person ordered it to stop."""
    expected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the rows of the devices expected were written; null until its start."""


class AiringZone(SQLModel, table=True):
    """The airing stands in the plan of this zone."""

    __tablename__ = "airing_zone"

    airing: str = Field(primary_key=True, foreign_key="airing.id", max_length=80)
    zone: str = Field(primary_key=True, foreign_key="zone.id", index=True, max_length=63)


class AiringDevice(SQLModel, table=True):
    """What became of an airing on one device. Written at the start for all that are expected, or by a report.

    There is no foreign key to the airing: after a restored backup devices tell of airings the studio has forgotten.
    """

    __tablename__ = "airing_device"

    airing: str = Field(primary_key=True, max_length=80)
    device: str = Field(primary_key=True, foreign_key="device.id", index=True, max_length=63)
    expected: bool = True
    """False: it told of the airing although it was not in its zones at the start."""
    playback: Playback | None = Field(default=None, sa_type=one_of(Playback))
    """The furthest it has told; null: nothing yet."""
    reason: str = Field(default="", max_length=64)
    """A word of `edge_agent.wire.words.Reason`, or a newer one."""
    detail: str = Field(default="", sa_type=Text)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the studio stored the report that counts."""
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The device's clock as it wrote that report."""
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    start_error_ms: float | None = None
    position_s: float | None = None
    volume: int | None = None
    clock: ClockTrust | None = Field(default=None, sa_type=one_of(ClockTrust))
    clock_error_s: float | None = None
    passed: list[str] = Field(default_factory=list, sa_type=JSON)
    """What an emergency went over."""
