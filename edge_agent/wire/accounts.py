"""What a device says, one frozen class each.

Each travels as the payload of one JWS (RFC 7515), signed by the key that the device made when it was enrolled.

`firmware_notes/protocol.md` tells the same story for people; a test holds the two together.
"""

import hashlib
from typing import Literal

from pydantic import Field

from edge_agent.wire.words import (
    AiringId,
    ClockTrust,
    DeviceId,
    Message,
    Percent,
    Playback,
    ReplyState,
    Revision,
    Sha256,
    Utc,
    ZoneId,
)


class Hello(Message):
    """The first word of a device after it has connected."""

    kind: Literal["hello"] = Field()
    """Always `hello`."""
    device: DeviceId
    """Who."""
    nonce: str = Field(min_length=16, max_length=64)
    """Random, new with every hello; the Welcome must name it."""
    journal: str = Field(min_length=8, max_length=64)
    """Its journal; a new SD card starts a new one."""
    last: int = Field(ge=0)
    """Number of its newest record."""
    version: str
    """Version of the agent."""
    config: Revision | None = None
    """The config it holds."""
    plans: dict[ZoneId, Revision] = Field(default_factory=dict)
    """The plans it holds."""
    emergencies: dict[ZoneId, Revision] = Field(default_factory=dict)
    """The emergency plans it holds."""


class Presence(Message):
    """How a device is. Retained, so that a page can show it at once; its last will says `online: false`."""

    kind: Literal["presence"] = Field()
    """Always `presence`."""
    device: DeviceId
    """Who."""
    online: bool
    """False only in the last will, or when it says goodbye."""
    at: Utc | None = None
    """Its clock as it spoke; null in the last will."""
    version: str = ""
    """Version of the agent."""
    player: str = ""
    """`alsa`, `wav` or `silent`."""
    playing: AiringId | None = None
    """What sounds now."""
    clock: ClockTrust = ClockTrust.UNKNOWN
    """How far it trusts its clock."""
    clock_source: str = ""
    """On what ground, for example `kernel`, `welcome`, `rtc`, `host (giả định)`."""
    clock_error_s: float | None = None
    """Bound of the clock's error, seconds."""
    config: Revision | None = None
    """The config it holds."""
    plans: dict[ZoneId, Revision] = Field(default_factory=dict)
    """The plans it holds."""
    emergencies: dict[ZoneId, Revision] = Field(default_factory=dict)
    """The emergency plans it holds."""
    behind: tuple[str, ...] = ()
    """Documents a Welcome named newer than those it holds: the broker is frozen or wiped."""
    missing: tuple[Sha256, ...] = ()
    """Sounds of the plan it does not hold yet; at most 20."""
    queue: int = 0
    """Records no receipt has covered yet."""
    volume: Percent | None = None
    """In force now."""
    muted: bool = False
    """Whether a mute is in force now."""
    disk_free_mb: int | None = None
    """Free space where sounds are kept."""
    temperature_c: float | None = None
    """Of the processor."""
    refused: dict[str, int] = Field(default_factory=dict)
    """How many messages it has refused since its start, by reason."""


class Report(Message):
    """One record of the journal: what the device did with one airing. Written before it is sent."""

    n: int = Field(ge=1)
    """Its number in the journal; no gaps."""
    previous: Sha256
    """Digest of the text of the record before it (64 zeros for the first): a hash chain."""
    airing: AiringId
    """Of what."""
    playback: Playback
    """How far it has come."""
    at: Utc
    """The device's clock as it was written."""
    reason: str = ""
    """Why it was skipped, cut or failed: a word of `Reason`."""
    detail: str = ""
    """More, for a technician."""
    started_at: Utc | None = None
    """When its first sample left."""
    position_s: float | None = None
    """How much of it had sounded, seconds."""
    start_error_ms: float | None = None
    """First sample against plan, milliseconds; late is positive."""
    volume: Percent | None = None
    """At which volume."""
    clock: ClockTrust = ClockTrust.UNKNOWN
    """How far the clock was trusted."""
    clock_error_s: float | None = None
    """Bound of the clock's error, seconds."""
    passed: tuple[str, ...] = ()
    """What an emergency went over: `quiet_hours`, `muted`."""


NO_RECORD = "0" * 64
"""What the first record of a journal names as the one before it."""


def digest(record: str) -> str:
    """Name the text of a record, for the chain: what was written is what is hashed."""
    return hashlib.sha256(record.encode()).hexdigest()


class ReportBatch(Message):
    """Records as they stand in the journal, in the order of their numbers."""

    kind: Literal["report"] = Field()
    """Always `report`."""
    device: DeviceId
    """Whose."""
    journal: str = Field(min_length=8, max_length=64)
    """Which journal."""
    records: tuple[str, ...] = Field(min_length=1, max_length=500)
    """The JSON texts of Reports, byte for byte: the chain can be checked by whoever knows fewer fields."""


class Reply(Message):
    """How far a command has come on one device."""

    kind: Literal["reply"] = Field()
    """Always `reply`."""
    device: DeviceId
    """Who."""
    command: str = Field(min_length=8, max_length=64)
    """The id of the command."""
    state: ReplyState
    """`received`, then `done` or `failed`."""
    at: Utc
    """The device's clock."""
    reason: str = ""
    """Why it failed."""
    detail: str = ""
    """What came of it, for a technician."""


FromDevice = Hello | Presence | ReportBatch | Reply
