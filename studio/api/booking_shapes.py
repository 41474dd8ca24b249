"""What the API says about bookings and airings. Times are aware UTC, lengths seconds."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from edge_agent.wire.words import ClockTrust, Priority
from scheduler import rules
from scheduler.rules import Fault, Rule
from studio.airings import OnDevice, State
from studio.models.airings import Airing
from studio.models.bookings import Booking, BookingKind, BookingSound
from studio.models.places import Zone
from studio.previews import Line, Preview, ZonePreview


class Shape(BaseModel):
    """Made from rows, never the other way round."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class PlayNow(BaseModel):
    """What is to be aired at once."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    bulletins: tuple[int, ...]
    """Approved bulletins, in order."""
    zones: tuple[str, ...]
    """For whom."""
    priority: Priority = Priority.ORDINARY
    """`ordinary` or `priority`."""


class EmergencyOrder(BaseModel):
    """What is to be said at once, everywhere in these zones."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    words: str = Field(max_length=5_000)
    """What is said, three times, after the alarm tone."""
    zones: tuple[str, ...]
    """For whom."""


class SoundShape(Shape):
    """One sound of a booking."""

    bulletin_id: int | None
    """Of which bulletin; null for an emergency's words."""
    sha256: str
    """Its name: `/sounds/<sha256>.ogg`."""
    seconds: float
    """How long it sounds."""


class AiringShape(Shape):
    """One booking on one date."""

    id: str
    """`<booking>@<start>`."""
    booking: str
    """Whose."""
    title: str
    """For people."""
    starts_at: datetime
    """When the first sample is to leave."""
    ends_at: datetime
    """When it would end if it starts in time."""
    stale_at: datetime
    """From here on it does not sound."""
    priority: Priority
    """Of the three of Circular 39/2020/TT-BTTTT."""
    zones: tuple[str, ...]
    """For whom."""
    withdrawn_at: datetime | None
    """When it was taken back."""
    stopped_at: datetime | None
    """When a person ordered it to stop."""
    counts: dict[State, int]
    """On how many devices it stands how."""

    @classmethod
    def of(cls, airing: Airing, zones: frozenset[str], counts: dict[State, int]) -> Self:
        """From the rows."""
        known = airing.model_dump(include=set(cls.model_fields))
        return cls(**known, zones=tuple(sorted(zones)), counts={s: n for s, n in counts.items() if n})


class OnDeviceShape(Shape):
    """What became of an airing on one device."""

    device: str
    """Which."""
    name: str
    """What people call it."""
    state: State
    """How it stands."""
    why: str
    """A Vietnamese sentence; empty where nothing needs saying."""
    detail: str
    """For a technician."""
    told_at: datetime | None
    """When it last told of it."""
    started_at: datetime | None
    """When its first sample left."""
    start_error_ms: float | None
    """First sample against plan; late is positive."""
    position_s: float | None
    """How much of it had sounded."""
    volume: int | None
    """At which volume."""
    clock: ClockTrust | None
    """How far the device trusted its clock."""
    passed: tuple[str, ...]
    """What an emergency went over."""

    @classmethod
    def of(cls, told: OnDevice) -> Self:
        """From what is known."""
        return cls(**{name: getattr(told, name) for name in cls.model_fields})


class FullAiring(AiringShape):
    """An airing with each of its devices."""

    devices: tuple[OnDeviceShape, ...]
    """By name."""


class BookingShape(Shape):
    """A booking in a list."""

    id: str
    """Its name."""
    kind: BookingKind
    """On what occasion it was made."""
    title: str
    """For people."""
    rule: Rule | None
    """When; null: an emergency still being spoken."""
    rule_text: str
    """The rule in Vietnamese."""
    next_at: datetime | None
    """Its next airing."""
    priority: Priority
    """Of the three of Circular 39/2020/TT-BTTTT."""
    zones: tuple[str, ...]
    """For whom."""
    created_by: int
    """Who booked."""
    created_at: datetime
    """When."""
    withdrawn_at: datetime | None
    """When it was taken back."""
    replay_of: str | None
    """The airing that is played once more."""
    failed: str
    """Why an emergency could not be aired, in Vietnamese."""

    @classmethod
    def facts(cls, booking: Booking, zones: list[Zone], now: datetime) -> dict[str, object]:
        """From the rows."""
        rule = None if booking.rule is None else Rule.model_validate(booking.rule)
        known = booking.model_dump(include=set(BookingShape.model_fields) - {"rule"})
        over = rule is None or booking.withdrawn_at is not None
        return known | {
            "rule": rule,
            "rule_text": "" if rule is None else rules.say(rule),
            "next_at": None if rule is None or over else rules.next_slot(rule, now),
            "zones": tuple(zone.id for zone in zones),
        }

    @classmethod
    def of(cls, booking: Booking, zones: list[Zone], now: datetime) -> Self:
        """From the rows."""
        return cls.model_validate(cls.facts(booking, zones, now))


class FullBooking(BookingShape):
    """A booking with what it plays and its airings of the coming days."""

    sounds: tuple[SoundShape, ...]
    """In order."""
    airings: tuple[str, ...]
    """Their ids, by start."""

    @classmethod
    def whole(
        cls,
        booking: Booking,
        zones: list[Zone],
        sounds: list[BookingSound],
        airings: list[str],
        now: datetime,
    ) -> Self:
        """From the rows."""
        told = [SoundShape.model_validate(s.model_dump(include=set(SoundShape.model_fields))) for s in sounds]
        facts = cls.facts(booking, zones, now)
        return cls.model_validate(facts | {"sounds": tuple(told), "airings": tuple(airings)})


class FaultShape(Shape):
    """Something to mend."""

    field: str
    """Where."""
    text: str
    """What, in Vietnamese."""

    @classmethod
    def of(cls, fault: Fault) -> Self:
        """From the fault."""
        return cls(field=fault.field, text=fault.text)


class LineShape(Shape):
    """One airing in the preview of a zone."""

    airing: str
    """Its id."""
    title: str
    """For people."""
    starts_at: datetime
    """When."""
    seconds: float
    """How long."""
    is_new: bool
    """Whether it belongs to the booking that is not saved yet."""
    devices: int
    """How many devices of the zone hear it."""
    warnings: tuple[str, ...]
    """What happens to it, or on its account, in Vietnamese."""

    @classmethod
    def of(cls, line: Line) -> Self:
        """From the line."""
        told = line.planned.airing
        return cls(
            airing=told.id,
            title=told.title,
            starts_at=told.starts_at,
            seconds=told.seconds,
            is_new=line.is_new,
            devices=line.devices,
            warnings=line.warnings,
        )


class ZonePreviewShape(Shape):
    """The coming 24 hours in one zone."""

    zone: str
    """Its id."""
    name: str
    """What people call it."""
    devices: int
    """How many devices it has."""
    lines: tuple[LineShape, ...]
    """What they hear, by start."""

    @classmethod
    def of(cls, zone: ZonePreview) -> Self:
        """From the preview."""
        lines = tuple(LineShape.of(line) for line in zone.lines)
        return cls(zone=zone.zone, name=zone.name, devices=zone.devices, lines=lines)


class PreviewShape(Shape):
    """What a draft would come to."""

    faults: tuple[FaultShape, ...]
    """What must be mended before it can be saved."""
    warnings: tuple[str, ...]
    """What collides, in Vietnamese; it can be saved all the same."""
    slots: tuple[datetime, ...]
    """Its first slots."""
    airings: int
    """How many airings it has in the coming days."""
    devices: int
    """On how many devices."""
    zones: tuple[ZonePreviewShape, ...]
    """The coming 24 hours in each zone."""

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """From the preview."""
        return cls(
            faults=tuple(FaultShape.of(fault) for fault in preview.faults),
            warnings=preview.warnings,
            slots=preview.slots,
            airings=preview.airings,
            devices=preview.devices,
            zones=tuple(ZonePreviewShape.of(zone) for zone in preview.zones),
        )
