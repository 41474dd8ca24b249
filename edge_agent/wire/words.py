"""The small words every message is made of: ids, times, revisions, states."""

from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:  # the first hours of year 1, the last of year 9999
        raise ValueError("the instant lies outside the calendar") from error


def _without_offset(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("a local time of day has no offset")
    return at


Utc = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An aware instant; whatever offset it came with, it is kept in UTC."""
LocalTime = Annotated[time, AfterValidator(_without_offset)]
"""A time of day in the time zone of the config: it cannot be compared with one that has an offset."""

_NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"
ZoneId = Annotated[str, StringConstraints(pattern=_NAME)]
"""A zone's name in topics, for example `xa-tan-lap` or `ap-3`."""
DeviceId = Annotated[str, StringConstraints(pattern=_NAME)]
"""The name on the label of a box, for example `xa-tan-lap-03`."""
BookingId = Annotated[str, StringConstraints(pattern=_NAME)]
"""A booking's name; random, so that a restored backup never uses one twice."""
AiringId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}@\d{8}T\d{6}Z$")]
"""`<booking>@<start in UTC, to the second>`: the same slot has the same id however often it is planned."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A digest in lower-case hex."""
Percent = Annotated[int, Field(ge=0, le=100)]


def airing_id(booking: str, starts_at: datetime) -> str:
    """Name the airing of `booking` at `starts_at` (aware, to the second)."""
    return f"{booking}@{starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


class Message(BaseModel):
    """Immutable, and deaf to fields it does not know: old devices hear new studios."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,  # JSON has no such numbers; in one presence they would block all at PostgreSQL
        use_attribute_docstrings=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    def wire_json(self) -> str:
        """Short JSON: what equals its default is left out."""
        return self.model_dump_json(exclude_defaults=True)


class Revision(NamedTuple):
    """How new a document is. Compared epoch first: restoring a backup raises the epoch."""

    epoch: int
    n: int


class Priority(StrEnum):
    """The three priorities of Circular 39/2020/TT-BTTTT."""

    ORDINARY = "ordinary"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


class Playback(StrEnum):
    """What a device says of an airing. `unheard` is the studio's word for silence, never sent."""

    STARTED = "started"
    SKIPPED = "skipped"
    FAILED = "failed"
    PARTIAL = "partial"
    FINISHED = "finished"


class Reason(StrEnum):
    """Why an airing was skipped, cut or failed. A newer device may send a word that is not here."""

    STALE = "stale"
    """Its time had passed before it could start or go on."""
    QUIET_HOURS = "quiet_hours"
    MUTED = "muted"
    CLOCK_UNKNOWN = "clock_unknown"
    SOUND_MISSING = "sound_missing"
    SOUND_CORRUPT = "sound_corrupt"
    PRE_EMPTED = "pre_empted"
    """Something more urgent sounded in its time."""
    STOPPED = "stopped"
    """A person stopped it, at the desk or at the box."""
    WITHDRAWN = "withdrawn"
    """Taken out of the plan after it had begun, or while it waited in its time."""
    POWER_CUT = "power_cut"
    """The device restarted while it sounded."""
    PLAYER = "player"
    """The sound card or its driver failed."""
    REBUILT = "rebuilt"
    """The device lost its database, so it cannot know whether this had begun."""


class ClockTrust(StrEnum):
    """How far the device trusts its own clock."""

    TRUSTED = "trusted"
    HOLDOVER = "holdover"
    UNKNOWN = "unknown"


class CommandName(StrEnum):
    """What is momentary. What lasts is a document."""

    STOP = "stop"
    SELF_TEST = "self-test"
    RESTART = "restart"
    DIAGNOSTICS = "diagnostics"


class ReplyState(StrEnum):
    """How far a command has come."""

    RECEIVED = "received"
    DONE = "done"
    FAILED = "failed"
