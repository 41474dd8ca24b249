"""From rows to the scheduler and back, in the caller's transaction: bookings in; airings and raised revisions out."""

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, delete, or_, select

from edge_agent.wire import documents
from edge_agent.wire.words import Priority
from scheduler import planner, plans
from scheduler.changes import Changes, changes
from scheduler.listeners import Listener
from scheduler.planner import PlannedAiring
from scheduler.rules import Rule
from studio import zones
from studio.models.airings import Airing, AiringZone
from studio.models.bookings import Booking, BookingSound, BookingZone
from studio.models.bulletins import Bulletin
from studio.models.places import Device, DeviceZone, Zone

log = logging.getLogger(__name__)
_PLANNING = 0x10B  # key of PostgreSQL's advisory lock; 0x10A is the migrations'
SOME = 500
"""Names in one query: SQLite and PostgreSQL bear more, but not without end."""


@dataclass(frozen=True)
class Replanned:
    """What a round of planning has changed."""

    added: int = 0
    """Airings that are new or changed."""
    withdrawn: int = 0
    """Airings that are not wanted any more."""
    zones: frozenset[str] = frozenset()
    """Zones whose plan is published anew, also where it is only signed again."""


def replan(session: Session, now: datetime) -> Replanned:
    """Plan every booking for the coming days, and have plans signed anew that were signed a day ago.

    Doing it twice changes nothing the second time. (`outbox.sign_again` does the same for emergency plans.)
    """
    alone(session)
    done = _apply(session, _live(session, now), None, now)
    again = _due_again(session, now) - done.zones
    for some in _slices(again):
        zones.raise_plans(session, some)
    return Replanned(done.added, done.withdrawn, done.zones | again)


def replan_booking(session: Session, booking: Booking, now: datetime) -> Replanned:
    """Plan one booking that is new or withdrawn; others are not looked at."""
    alone(session)
    return _apply(session, [booking], booking.id, now)


def alone(session: Session) -> None:
    """Let nobody else plan until this transaction ends; for whoever writes airings.

    A booking saved between reading the bookings and reading the airings would look like airings without a booking,
    and be withdrawn. SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PLANNING})


def facts(session: Session, bookings: Collection[Booking]) -> list[planner.Booking]:
    """What the scheduler is to know of these bookings; those without rule or sound are left out.

    So are those with a sound that is not the approved one of its bulletin any more: nothing of them may air, whoever
    forgot to withdraw them. The sound of an emergency has no bulletin.
    """
    names = [booking.id for booking in bookings]
    void: set[str] = set()
    sounds: defaultdict[str, list[documents.Sound]] = defaultdict(list)
    where: defaultdict[str, set[str]] = defaultdict(set)
    for some in _slices(names):
        chosen = select(BookingSound, Bulletin.approved_sha256).join(Bulletin, isouter=True)
        chosen = chosen.where(col(BookingSound.booking).in_(some))
        for sound, approved in session.exec(
            chosen.order_by(BookingSound.booking, col(BookingSound.position))
        ):
            if sound.bulletin_id is not None and sound.sha256 != approved:
                void.add(sound.booking)
            sounds[sound.booking].append(
                documents.Sound(sha256=sound.sha256, size=sound.size, seconds=sound.seconds)
            )
        for place in session.exec(select(BookingZone).where(col(BookingZone.booking).in_(some))):
            where[place.booking].add(place.zone)
    return [
        planner.Booking(
            id=booking.id,
            rule=Rule.model_validate(booking.rule),
            zones=frozenset(where[booking.id]),
            sounds=tuple(sounds[booking.id]),
            title=booking.title,
            priority=booking.priority,
            rank=booking.rank,
            repeat=booking.repeat,
            tone=booking.tone,
            in_step=booking.in_step,
            stale_after=timedelta(seconds=booking.stale_after_s),
            withdrawn=booking.withdrawn_at is not None,
        )
        for booking in bookings
        if booking.rule is not None and sounds[booking.id] and booking.id not in void
    ]


def known(
    session: Session,
    begins_at: datetime,
    ends_at: datetime,
    *,
    booking: str | None = None,
    heard_in: Collection[str] | None = None,
) -> dict[str, PlannedAiring]:
    """Airings not withdrawn that start within [begins_at, ends_at), as the scheduler knows them, by id.

    `booking` and `heard_in` (zones) narrow them.
    """
    chosen = select(Airing).where(
        col(Airing.starts_at) >= begins_at,
        col(Airing.starts_at) < ends_at,
        col(Airing.withdrawn_at).is_(None),
    )
    if booking is not None:
        chosen = chosen.where(Airing.booking == booking)
    if heard_in is not None:
        standing = select(AiringZone.airing).where(col(AiringZone.zone).in_(heard_in))
        chosen = chosen.where(col(Airing.id).in_(standing))
    rows = list(session.exec(chosen))
    where = zones_of(session, [row.id for row in rows])
    return {row.id: PlannedAiring(on_wire(row), row.booking, where[row.id]) for row in rows}


def on_wire(row: Airing) -> documents.Airing:
    """The airing as devices read it; without inline sound."""
    return documents.Airing(
        id=row.id,
        starts_at=row.starts_at,
        stale_at=row.stale_at,
        sounds=tuple(documents.Sound.model_validate(sound) for sound in row.sounds),
        priority=row.priority,
        rank=row.rank,
        title=row.title,
        repeat=row.repeat,
        tone=row.tone,
        in_step=row.in_step,
    )


def zones_of(session: Session, airings: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The zones in whose plans these airings stand."""
    where: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for some in _slices(airings):
        for place in session.exec(select(AiringZone).where(col(AiringZone.airing).in_(some))):
            where[place.airing] |= {place.zone}
    return where


def listeners(session: Session, of_zones: Collection[str]) -> list[Listener]:
    """The devices that obey at least one of these zones, as the scheduler knows them, by id."""
    # Whole columns instead of objects: a province's preview reads ten thousand of them.
    members = select(DeviceZone.device).where(col(DeviceZone.zone).in_(of_zones))
    belongs: defaultdict[str, set[str]] = defaultdict(set)
    for device, zone in session.exec(
        select(DeviceZone.device, DeviceZone.zone).where(col(DeviceZone.device).in_(members))
    ):
        belongs[device].add(zone)
    rows = session.exec(
        select(Device.id, Device.quiet_hours, Device.time_zone)
        .where(col(Device.id).in_(members), col(Device.deleted_at).is_(None))
        .order_by(Device.id)
    )
    read: dict[str, tuple[documents.QuietHours, ...]] = {}
    found = []
    for device, hours, time_zone in rows:
        text = json.dumps(hours)
        if text not in read:
            read[text] = tuple(documents.QuietHours.model_validate(each) for each in hours)
        found.append(Listener(device, frozenset(belongs[device]), read[text], time_zone))
    return found


def _live(session: Session, now: datetime) -> list[Booking]:
    chosen = select(Booking).where(
        col(Booking.withdrawn_at).is_(None), or_(col(Booking.over_at).is_(None), col(Booking.over_at) > now)
    )
    return list(session.exec(chosen))


def _apply(session: Session, bookings: Collection[Booking], only: str | None, now: datetime) -> Replanned:
    session.flush()
    window = planner.window(now)
    before = known(session, *window, booking=only)
    try:
        wanted = planner.plan(facts(session, bookings), *window)
    except ValueError:
        if only is not None:
            raise
        wanted, spoilt = _one_by_one(session, bookings, window)
        before = {name: planned for name, planned in before.items() if planned.booking not in spoilt}
    found = changes(before, wanted, window=window, now=now)
    _write(session, found, now)
    touched = found.zones(before)
    if touched:
        urgent = _urgent(found)
        calm = Changes(
            tuple(p for p in found.add if not _is_urgent(p)),
            tuple(p for p in found.withdraw if not _is_urgent(p)),
        ).zones(before)
        for some in _slices(calm):
            zones.raise_plans(session, some)
        for some in _slices(urgent.zones(before)):
            zones.raise_emergencies(session, some)
    return Replanned(len(found.add), len(found.withdraw), touched)


def _one_by_one(
    session: Session, bookings: Collection[Booking], window: tuple[datetime, datetime]
) -> tuple[dict[str, PlannedAiring], set[str]]:
    """What is wanted of the bookings that can be read; and those that cannot, whose airings are to stay."""
    wanted: dict[str, PlannedAiring] = {}
    spoilt: set[str] = set()
    for booking in bookings:
        try:
            wanted |= planner.plan(facts(session, [booking]), *window)
        except ValueError:
            log.exception("not planned, its airings stay as they are: booking %s", booking.id)
            spoilt.add(booking.id)
    return wanted, spoilt


def _urgent(found: Changes) -> Changes:
    return Changes(
        tuple(p for p in found.add if _is_urgent(p)), tuple(p for p in found.withdraw if _is_urgent(p))
    )


def _is_urgent(planned: PlannedAiring) -> bool:
    return planned.airing.priority is Priority.EMERGENCY


def _write(session: Session, found: Changes, now: datetime) -> None:
    for planned in found.withdraw:
        row = session.get_one(Airing, planned.id)
        row.withdrawn_at = now
    for planned in found.add:
        session.exec(delete(AiringZone).where(col(AiringZone.airing) == planned.id))
        _keep(session, planned, now)
    session.flush()
    session.add_all(AiringZone(airing=p.id, zone=zone) for p in found.add for zone in sorted(p.zones))
    session.flush()


def _keep(session: Session, planned: PlannedAiring, now: datetime) -> None:
    """Write an airing, or write it anew; what else is known of it stays."""
    airing = planned.airing
    facts_of_it: dict[str, Any] = {
        "booking": planned.booking,
        "starts_at": airing.starts_at,
        "stale_at": airing.stale_at,
        "ends_at": planned.ends_at,
        "priority": airing.priority,
        "rank": airing.rank,
        "title": airing.title,
        "seconds": airing.seconds,
        "sounds": [sound.model_dump(mode="json", exclude={"inline"}) for sound in airing.sounds],
        "repeat": airing.repeat,
        "tone": airing.tone,
        "in_step": airing.in_step,
        "withdrawn_at": None,
    }
    row = session.get(Airing, planned.id)
    if row is None:
        session.add(Airing(id=planned.id, created_at=now, **facts_of_it))
    else:
        row.sqlmodel_update(facts_of_it)


def _due_again(session: Session, now: datetime) -> frozenset[str]:
    """Zones whose newest plan is at the broker, but was signed too long ago. Deleted ones too: theirs are empty."""
    chosen = select(Zone.id, Zone.plan_signed_at).where(
        col(Zone.published_plan_n) >= col(Zone.plan_n), col(Zone.published_plan_n) > 0
    )
    return frozenset(zone for zone, at in session.exec(chosen) if plans.due_again(at, now=now))


def _slices(names: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(names)
    return (ordered[n : n + SOME] for n in range(0, len(ordered), SOME))
