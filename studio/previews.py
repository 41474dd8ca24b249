"""What will be heard, shown before anything is saved: the coming day in each zone, who goes first, what is silenced."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from scheduler import conflicts, listeners, planner, rules
from scheduler.conflicts import Clash
from scheduler.listeners import Listener
from scheduler.planner import PlannedAiring
from scheduler.rules import Fault
from studio import booking_drafts, planning
from studio.booking_drafts import BookingDraft
from studio.models.airings import Airing
from studio.models.places import Zone

AHEAD = timedelta(hours=24)
"""The day a preview shows."""
NEW = "moi"
"""Name of the booking that is not saved yet."""
SHOWN = 5
"""First slots of a rule, and first examples of a conflict that comes back."""


@dataclass(frozen=True)
class Line:
    """One airing in the preview of a zone."""

    planned: PlannedAiring
    """What."""
    is_new: bool
    """It belongs to the booking not saved yet."""
    devices: int
    """How many of the zone's devices hear it."""
    warnings: tuple[str, ...]
    """What happens to it, or on its account, in Vietnamese."""


@dataclass(frozen=True)
class ZonePreview:
    """The coming day in one zone."""

    zone: str
    """Its id."""
    name: str
    """What people call it."""
    devices: int
    """How many devices obey its plan; 0 is worth a warning."""
    lines: tuple[Line, ...]
    """What they hear, by start."""


@dataclass(frozen=True)
class Preview:
    """What a draft would come to."""

    faults: tuple[Fault, ...]
    """What must be mended first."""
    zones: tuple[ZonePreview, ...]
    """The coming day in each chosen zone."""
    slots: tuple[datetime, ...]
    """The draft's first slots, aware UTC."""
    airings: int
    """How many airings it has in the window a plan speaks for."""
    devices: int
    """On how many devices."""
    warnings: tuple[str, ...]
    """Conflicts in that window, a sentence each, and zones without devices."""


def preview(session: Session, draft: BookingDraft, *, now: datetime) -> Preview:
    """Show what would be heard if `draft` were saved at `now`. Saves nothing."""
    if too_much := booking_drafts.oversized(draft):
        return Preview(tuple(too_much), zones=(), slots=(), airings=0, devices=0, warnings=())
    hearing = planning.listeners(session, draft.zones)
    wrong = booking_drafts.faults(session, draft, now=now, hearing=hearing)
    booking = booking_drafts.planned(session, draft, booking=NEW)
    window = (now, planner.window(now)[1])
    mine = planner.plan([booking] if booking.sounds else [], *window)
    heard = _heard(session, hearing, mine.values(), *window)
    together = listeners.groups(hearing, heard)
    clashes = [c for c in conflicts.clashes(together) if NEW in (c.first.booking, c.other.booking)]
    zones = _zones(session, draft.zones)
    day = [a for a in heard if a.starts_at < now + AHEAD]
    return Preview(
        faults=tuple(wrong),
        zones=tuple(_zone(zone, hearing, day, clashes) for zone in zones),
        slots=tuple(_slots(draft, now)),
        airings=len(mine),
        devices=len(hearing),
        warnings=(*_summed_up(clashes), *_without_devices(zones, hearing)),
    )


def coming(
    session: Session, *, now: datetime, ahead: timedelta = AHEAD
) -> list[tuple[PlannedAiring, list[Zone]]]:
    """What airs in the whole station from now on (also what sounds now), by start, with its zones; nothing stopped."""
    airings = planning.known(session, now - timedelta(hours=2), now + ahead).values()
    stopped = set(
        session.exec(select(Airing.id).where(Airing.ends_at > now, col(Airing.stopped_at).is_not(None)))
    )
    live = (a for a in airings if a.ends_at > now and a.id not in stopped)
    to_come = sorted(live, key=lambda a: (a.starts_at, a.id))
    names = {zone.id: zone for zone in _zones(session, {z for a in to_come for z in a.zones})}
    return [(a, [names[z] for z in sorted(a.zones) if z in names]) for a in to_come]


def _heard(
    session: Session,
    hearing: Collection[Listener],
    mine: Collection[PlannedAiring],
    begins_at: datetime,
    ends_at: datetime,
) -> list[PlannedAiring]:
    """Everything these devices hear in the window, of any zone of theirs, with what is not saved yet."""
    theirs = frozenset[str]().union(*(listener.zones for listener in hearing))
    few = theirs if len(theirs) <= planning.SOME else None
    saved = planning.known(session, begins_at, ends_at, heard_in=few).values()
    return sorted([*mine, *(a for a in saved if a.zones & theirs)], key=lambda a: (a.starts_at, a.id))


def _zone(
    zone: Zone, hearing: Collection[Listener], day: Collection[PlannedAiring], clashes: Collection[Clash]
) -> ZonePreview:
    members = [listener for listener in hearing if zone.id in listener.zones]
    devices: defaultdict[str, int] = defaultdict(int)
    for group in listeners.groups(members, day):
        for planned in group.airings:
            devices[planned.id] += len(group.devices)
    texts: defaultdict[str, list[str]] = defaultdict(list)
    inside = {listener.id for listener in members}
    for clash in clashes:
        if not inside.isdisjoint(clash.devices):
            texts[clash.first.id].append(clash.text)
            texts[clash.other.id].append(clash.text)
    lines = [
        Line(planned, planned.booking == NEW, devices[planned.id], tuple(texts[planned.id]))
        for planned in day
        if devices[planned.id]
    ]
    return ZonePreview(zone.id, zone.name, len(members), tuple(lines))


def _summed_up(clashes: Collection[Clash]) -> list[str]:
    """One sentence for each pair of bookings, however often they meet."""
    pairs: defaultdict[tuple[str, str, str], list[Clash]] = defaultdict(list)
    for clash in clashes:
        pairs[clash.first.booking, clash.other.booking, clash.fate].append(clash)
    told = []
    for met in pairs.values():
        again = f" Còn trùng {len(met) - 1} lần nữa trong 14 ngày tới." if len(met) > 1 else ""
        told.append(met[0].text + again)
    return told


def _without_devices(zones: Collection[Zone], hearing: Collection[Listener]) -> list[str]:
    inhabited = frozenset[str]().union(*(listener.zones for listener in hearing))
    return [
        f"Vùng «{zone.name}» chưa có cụm loa nào: bản tin sẽ không phát ở đó cho đến khi có cụm loa."
        for zone in zones
        if zone.id not in inhabited
    ]


def _slots(draft: BookingDraft, now: datetime) -> list[datetime]:
    found: list[datetime] = []
    after = now
    while len(found) < SHOWN:
        slot = rules.next_slot(draft.rule, after) if draft.rule.at else None
        if slot is None:
            break
        found.append(slot)
        after = slot + timedelta(seconds=1)
    return found


def _zones(session: Session, names: Collection[str]) -> list[Zone]:
    chosen = select(Zone).where(col(Zone.id).in_(names), col(Zone.deleted_at).is_(None))
    return list(session.exec(chosen.order_by(Zone.name, Zone.id)))
