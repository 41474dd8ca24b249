"""Bookings: what staff have decided is to be heard, when, and where."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field, SQLModel

from edge_agent.wire.words import Priority
from studio.db import UtcDateTime, one_of


class BookingKind(StrEnum):
    """On what occasion somebody booked."""

    SCHEDULE = "schedule"
    """Ahead, by a rule."""
    NOW = "now"
    """«Phát ngay»: once, a few seconds ahead."""
    EMERGENCY = "emergency"
    """Typed words, spoken and aired as soon as their sound is there."""
    REPLAY = "replay"
    """Once more, on the devices that missed an airing."""


class Booking(SQLModel, table=True):
    """One decision. Never changed but to be withdrawn, so that every airing says what was decided for it."""

    id: str = Field(primary_key=True, max_length=63)
    """Random, `b` and ten letters; a restored backup never uses one twice."""
    kind: BookingKind = Field(default=BookingKind.SCHEDULE, sa_type=one_of(BookingKind), index=True)
    title: str = Field(max_length=200)
    rule: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """`scheduler.rules.Rule` as JSON; null: an emergency whose words are still being spoken."""
    priority: Priority = Field(default=Priority.ORDINARY, sa_type=one_of(Priority))
    rank: int = 0
    repeat: int = 1
    tone: bool = False
    in_step: bool = False
    stale_after_s: int = 1800
    """How long after its planned end an airing may still sound, seconds."""
    over_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    """Nothing of it is to come after this; null: until it is withdrawn."""
    recording_id: int | None = Field(default=None, foreign_key="recording.id", index=True)
    """The order to speak an emergency's words; null for all others."""
    failed: str = Field(default="", sa_type=Text)
    """Why an emergency could not be aired, in Vietnamese."""
    replay_of: str | None = Field(default=None, max_length=80)
    """The airing that is played once more."""
    created_by: int = Field(foreign_key="user_account.id")
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: int | None = Field(default=None, foreign_key="user_account.id")


class BookingSound(SQLModel, table=True):
    """One sound of a booking, in its place of the order: the approved recording as it was when it was booked."""

    __tablename__ = "booking_sound"

    booking: str = Field(primary_key=True, foreign_key="booking.id", max_length=63)
    position: int = Field(primary_key=True)
    bulletin_id: int | None = Field(default=None, foreign_key="bulletin.id", index=True)
    """Null: the typed words of an emergency."""
    sha256: str = Field(max_length=64)
    size: int
    """Bytes."""
    seconds: float


class BookingZone(SQLModel, table=True):
    """The booking is for this zone."""

    __tablename__ = "booking_zone"

    booking: str = Field(primary_key=True, foreign_key="booking.id", max_length=63)
    zone: str = Field(primary_key=True, foreign_key="zone.id", index=True, max_length=63)
