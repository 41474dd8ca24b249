"""What the studio says, one frozen class each.

Each travels as the payload of one JWS (RFC 7515), signed by a signer that the root's KeyList names.

`firmware_notes/protocol.md` tells the same story for people; a test holds the two together.
"""

from typing import Literal, Self

from pydantic import Field, OnErrorOmit, model_validator

from edge_agent.wire.words import (
    AiringId,
    DeviceId,
    LocalTime,
    Message,
    Percent,
    Priority,
    Revision,
    Sha256,
    Utc,
    ZoneId,
)

LONGEST_S = 86_400
"""No sound lasts longer than a day, seconds."""
FIRST_YEAR, LAST_YEAR = 2000, 8999
"""An airing lies between them: whoever adds to its instants never leaves the calendar."""


class Sound(Message):
    """One Ogg Opus file, named by what is in it."""

    sha256: Sha256
    """Digest of the file; its name at the studio and on the disk."""
    size: int = Field(gt=0)
    """Bytes of the file."""
    seconds: float = Field(gt=0, le=LONGEST_S)
    """How long it sounds, once; at most a day."""
    inline: bytes | None = None
    """The file itself, base64; only in an emergency, so that it need not be fetched."""


class Airing(Message):
    """One booking on one date: the thing that must end in a known state on every device."""

    id: AiringId
    """`<booking>@<start>`; the same slot has the same id however often it is planned."""
    starts_at: Utc
    """When the first sample is to leave."""
    stale_at: Utc
    """From here on it is not started and not gone on with."""
    sounds: tuple[Sound, ...] = Field(min_length=1)
    """Played in this order, one right after the other."""
    priority: Priority = Priority.ORDINARY
    """Circular 39/2020/TT-BTTTT: emergency pre-empts, priority goes before ordinary."""
    rank: int = 0
    """The order the commune chose among equals; lower goes first."""
    title: str = ""
    """For people who look at the box."""
    repeat: int = Field(default=1, ge=1, le=10)
    """How often the whole list is played."""
    tone: bool = False
    """Whether the attention tone kept on the device goes before it."""
    in_step: bool = False
    """Whether all devices of the zone sound together: then a late one joins at the live position."""

    @property
    def seconds(self) -> float:
        """How long its sounds last together, repeats counted, without the tone."""
        return self.repeat * sum(sound.seconds for sound in self.sounds)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_at.year < FIRST_YEAR or self.stale_at.year > LAST_YEAR:
            raise ValueError(f"an airing lies in the years {FIRST_YEAR} to {LAST_YEAR}")
        if self.stale_at <= self.starts_at:
            raise ValueError("stale_at must be after starts_at")
        if not self.id.endswith(f"@{self.starts_at:%Y%m%dT%H%M%SZ}"):
            raise ValueError("the id must end with the start")
        return self


class Mute(Message):
    """A time in which nothing but an emergency may sound. To mute or suspend is to publish one of these."""

    begins_at: Utc
    """First silent instant."""
    ends_at: Utc | None = None
    """First instant that may sound again; null: until it is lifted."""
    reason: str = ""
    """Why, in the words of the person who ordered it."""


class Arrangement(Message):
    """The commune's own order for an airing of one of its parents (Circular 39/2020/TT-BTTTT)."""

    airing: AiringId
    """The parent's airing."""
    rank: int
    """The rank it gets here."""
    not_before: Utc | None = None
    """It waits until then, if it is not stale by then."""


class Plan(Message):
    """What should be heard in a zone: desired state, retained at the broker and kept on the device's disk."""

    kind: Literal["plan", "emergency"] = Field()
    """`emergency` plans stand on their own topic, with their own revisions, and hold only emergencies."""
    zone: ZoneId
    """For whom."""
    revision: Revision
    """`[epoch, n]`; lower than the highest seen is refused."""
    issued_at: Utc
    """When the studio signed it."""
    begins_at: Utc
    """Start of the window the plan speaks for."""
    ends_at: Utc
    """End of that window, 14 days on; nothing is known after it."""
    airings: tuple[OnErrorOmit[Airing], ...] = ()
    """Everything to be heard in the window. A device leaves out what it cannot make sense of; the rest holds."""
    muted: tuple[Mute, ...] = ()
    """Suspensions of the whole zone."""
    arrangements: tuple[Arrangement, ...] = ()
    """Orders for airings of parent zones; obeyed only in the plan of the device's commune."""

    @model_validator(mode="after")
    def _only_emergencies(self) -> Self:
        if self.kind == "emergency" and any(a.priority != Priority.EMERGENCY for a in self.airings):
            raise ValueError("an emergency plan holds only emergencies")
        if self.kind == "plan" and any(a.priority == Priority.EMERGENCY for a in self.airings):
            raise ValueError("emergencies have a plan of their own")
        return self


class QuietHours(Message):
    """A time of day in which only an emergency may sound; over midnight when it ends before it begins."""

    begins: LocalTime
    """Local time of day, for example `21:30:00`."""
    ends: LocalTime
    """Local time of day, for example `05:00:00`."""


class Ceiling(Message):
    """The loudest the device may be in a time of day."""

    begins: LocalTime
    """Local time of day."""
    ends: LocalTime
    """Local time of day; over midnight when it is before `begins`."""
    percent: Percent
    """Volume is cut to this."""


class Config(Message):
    """How one device is to behave. What lasts is here, so nothing is lost when it was away."""

    kind: Literal["config"] = Field()
    """Always `config`."""
    device: DeviceId
    """For whom."""
    revision: Revision
    """`[epoch, n]`; lower than the highest seen is refused."""
    issued_at: Utc
    """When the studio signed it."""
    zones: tuple[ZoneId, ...]
    """Whose plans it obeys; it drops the airings of a zone it has left."""
    commune: ZoneId | None = None
    """The zone among them whose plan may arrange airings of parents."""
    time_zone: str = "Asia/Ho_Chi_Minh"
    """IANA name; quiet hours and ceilings are read in it."""
    quiet_hours: tuple[QuietHours, ...] = ()
    """Enforced on the device whatever a plan says."""
    volume: Percent = 80
    """What a technician set."""
    ceilings: tuple[Ceiling, ...] = ()
    """Limits by time of day; where several hold, the lowest."""
    emergency_volume: Percent = 100
    """Emergencies are not bound by the ceilings."""
    delay_ms: int = Field(default=0, ge=0, le=2000)
    """Added to every start: echo planning between horns that face each other."""
    muted: tuple[Mute, ...] = ()
    """Mutes of this one device."""
    heartbeat_s: int = Field(default=300, ge=10, le=3600)
    """How often presence is told when nothing changes."""
    sounds_url: str = ""
    """Where sounds are fetched: `<sounds_url>/<sha256>.ogg`."""
    keys: str = ""
    """The KeyList in force, itself a JWS signed by the root."""


class Signer(Message):
    """A key that may speak for the studio, and to whom."""

    kid: str = Field(min_length=8, max_length=64)
    """Name of the key in the header of what it signs: its RFC 7638 thumbprint, shortened."""
    x: str = Field(min_length=43, max_length=43)
    """The Ed25519 public key, base64url without padding (RFC 8037)."""
    zones: tuple[ZoneId | Literal["*"], ...] = ()
    """Zones it may speak to; `*` is all."""
    devices: tuple[DeviceId | Literal["*"], ...] = ()
    """Devices it may speak to; `*` is all."""
    until: Utc | None = None
    """Not believed after this, where the device knows the time."""


class KeyList(Message):
    """Who may speak for the studio. Signed by the root, whose private half lies in a safe; part of Config."""

    kind: Literal["keys"] = Field()
    """Always `keys`."""
    revision: Revision
    """`[epoch, n]`; lower than the highest seen is refused."""
    issued_at: Utc
    """When the root signed it."""
    signers: tuple[Signer, ...]
    """The keys that hold."""
    revoked: tuple[str, ...] = ()
    """Names of keys that hold no more."""


class Welcome(Message):
    """The studio's answer to a Hello: the time, and what is in force, so that a frozen broker shows."""

    kind: Literal["welcome"] = Field()
    """Always `welcome`."""
    device: DeviceId
    """For whom."""
    nonce: str = Field(min_length=16, max_length=64)
    """The nonce of the Hello it answers: an older welcome is refused."""
    now: Utc
    """The studio's time as it answered."""
    config: Revision | None = None
    """The config in force; null: this device has none yet."""
    plans: dict[ZoneId, Revision] = Field(default_factory=dict)
    """The plan in force in each zone of the device."""
    emergencies: dict[ZoneId, Revision] = Field(default_factory=dict)
    """The emergency plan in force in each zone that has had one."""


class Receipt(Message):
    """The studio has stored records of a journal. PUBACK does not say that; this does."""

    kind: Literal["receipt"] = Field()
    """Always `receipt`."""
    device: DeviceId
    """For whom."""
    journal: str
    """Which journal."""
    stored: int = Field(ge=0)
    """Every record up to this number is stored."""
    again_from: int | None = None
    """Send again from this number: the studio has lost some."""
    issued_at: Utc
    """When it was signed; an older receipt than the last is refused."""


class Command(Message):
    """Do one thing now. Commands expire, are numbered, and cannot be replayed."""

    kind: Literal["command"] = Field()
    """Always `command`."""
    id: str = Field(min_length=8, max_length=64)
    """Its name in replies."""
    zone: ZoneId | None = None
    """For all devices of a zone, or"""
    device: DeviceId | None = None
    """for one device."""
    number: Revision
    """Counts up for each zone or device; a number not above the last obeyed is a replay."""
    name: str
    """`stop`, `self-test`, `restart` or `diagnostics`."""
    airing: AiringId | None = None
    """What to stop; null: all that sounds."""
    issued_at: Utc
    """When it was signed."""
    expires_at: Utc
    """Not obeyed from here on. With an unknown clock only `stop` is obeyed: silence is always safe."""

    @model_validator(mode="after")
    def _for_one(self) -> Self:
        if (self.zone is None) == (self.device is None):
            raise ValueError("a command is for a zone or for a device")
        return self


FromStudio = Plan | Config | Welcome | Receipt | Command
