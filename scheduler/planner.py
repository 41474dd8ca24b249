"""From bookings to airings. Planned twice, or in windows that overlap, the same slot is the same airing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from edge_agent.wire.documents import Airing, Sound
from edge_agent.wire.words import Priority, airing_id
from scheduler.rules import Rule, slots

DAYS_AHEAD = 14
"""A plan speaks for at least this many days: so long a device airs on with no studio and no network."""
TONE_S = 15.0
"""Upper bound of the attention tone kept on the device, seconds; only used to see what may overlap."""


@dataclass(frozen=True)
class Booking:
    """What staff have decided: these sounds, by this rule, for these zones."""

    id: str
    """Random; the first half of the ids of its airings."""
    rule: Rule
    """When."""
    zones: frozenset[str]
    """For whom."""
    sounds: tuple[Sound, ...]
    """What, in this order."""
    title: str = ""
    """For people."""
    priority: Priority = Priority.ORDINARY
    """Circular 39/2020/TT-BTTTT."""
    rank: int = 0
    """The order among equals; lower goes first."""
    repeat: int = 1
    """How often the whole list is played."""
    tone: bool = False
    """Whether the attention tone goes before it."""
    in_step: bool = False
    """Whether all devices sound together."""
    stale_after: timedelta = timedelta(minutes=30)
    """How long after its planned end it may still sound; afterwards it is skipped or cut."""
    withdrawn: bool = False
    """Taken back: it plans nothing more."""


@dataclass(frozen=True)
class PlannedAiring:
    """One booking on one date, and whom it is for."""

    airing: Airing
    """As devices will read it; without inline sound."""
    booking: str
    """Whose."""
    zones: frozenset[str]
    """For whom."""

    @property
    def id(self) -> str:
        """`<booking>@<start>`."""
        return self.airing.id

    @property
    def starts_at(self) -> datetime:
        """When the first sample is to leave, aware UTC."""
        return self.airing.starts_at

    @property
    def ends_at(self) -> datetime:
        """When its last sample leaves at the latest, if nothing comes between."""
        return ends_at(self.airing)


def ends_at(airing: Airing) -> datetime:
    """When the last sample of `airing` leaves at the latest, if nothing comes between."""
    return airing.starts_at + timedelta(seconds=airing.seconds + (TONE_S if airing.tone else 0.0))


def window(now: datetime, *, days: int = DAYS_AHEAD) -> tuple[datetime, datetime]:
    """The window to plan at `now`: from this UTC midnight to one at least `days` whole days on.

    Its edges lie on midnights, so that plans change once a day and not with every look at the clock.
    """
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return midnight, midnight + timedelta(days=days + 1)


def airing(booking: Booking, starts_at: datetime) -> PlannedAiring:
    """The airing of `booking` in its slot at `starts_at`."""
    told = Airing(
        id=airing_id(booking.id, starts_at),
        starts_at=starts_at,
        stale_at=starts_at + _length(booking) + booking.stale_after,
        sounds=booking.sounds,
        priority=booking.priority,
        rank=booking.rank,
        title=booking.title,
        repeat=booking.repeat,
        tone=booking.tone,
        in_step=booking.in_step,
    )
    return PlannedAiring(told, booking.id, booking.zones)


def plan(bookings: Iterable[Booking], begins_at: datetime, ends_at: datetime) -> dict[str, PlannedAiring]:
    """Every airing, by id, that starts within [begins_at, ends_at)."""
    return {
        planned.id: planned
        for booking in bookings
        if not booking.withdrawn
        for planned in (airing(booking, at) for at in slots(booking.rule, begins_at, ends_at))
    }


def _length(booking: Booking) -> timedelta:
    # Whole seconds: an instant in JSON then stays the same however it is written.
    seconds = booking.repeat * sum(sound.seconds for sound in booking.sounds)
    return timedelta(seconds=int(seconds + (TONE_S if booking.tone else 0.0)) + 1)
