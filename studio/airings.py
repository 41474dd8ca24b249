"""Airings as staff see them: who was to sound, what each device told, and in words why not."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, distinct, exists, func, insert, literal, or_, true, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from edge_agent.wire.words import ClockTrust, CommandName, Playback, Priority
from studio import commands, zones
from studio.device_words import why
from studio.errors import Conflict, NotFound
from studio.models.airings import Airing, AiringDevice, AiringZone
from studio.models.commands import Command
from studio.models.places import Device, DeviceZone, Zone

GRACE = timedelta(seconds=60)
"""So long after its end an airing may stay without a word before a page says that it was not heard of."""

LOOK_BACK = timedelta(days=30)
"""A studio that was away for longer does not write down any more who should have sounded."""


class State(StrEnum):
    """How an airing stands on a device, for pages: what was told, or what the silence means."""

    PLANNED = "planned"
    WAITING = "waiting"
    STARTED = "started"
    FINISHED = "finished"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNHEARD = "unheard"
    STOPPED = "stopped"
    """A person stopped it before it began, and the device has not said otherwise."""


STATE_NAMES = {
    State.PLANNED: "Chờ đến giờ",
    State.WAITING: "Đang chờ cụm loa báo",
    State.STARTED: "Đang phát",
    State.FINISHED: "Đã phát",
    State.PARTIAL: "Phát dở dang",
    State.FAILED: "Phát hỏng",
    State.SKIPPED: "Không phát",
    State.UNHEARD: "Chưa có tin",
    State.STOPPED: "Đã dừng",
}
"""What staff call the states."""


@dataclass(frozen=True)
class Standing:
    """How an airing stands on a device, and nothing more: a commune has a thousand of them on one page."""

    device: str
    name: str
    state: State


@dataclass(frozen=True)
class OnDevice:
    """What became of an airing on one device."""

    device: str
    name: str
    state: State
    why: str
    """A Vietnamese sentence; empty where nothing needs saying."""
    detail: str
    """For a technician."""
    expected: bool
    told_at: datetime | None = None
    started_at: datetime | None = None
    start_error_ms: float | None = None
    position_s: float | None = None
    volume: int | None = None
    clock: ClockTrust | None = None
    passed: tuple[str, ...] = ()
    """What an emergency went over: `quiet_hours`, `muted`."""


def state(playback: Playback | None, airing: Airing, now: datetime) -> State:
    """How an airing stands on a device that has told `playback` so far. Any word outranks unheard."""
    if playback is not None:
        return State(playback.value)
    if never_began(airing):
        return State.STOPPED
    if now < airing.starts_at:
        return State.PLANNED
    return State.WAITING if now < airing.ends_at + GRACE else State.UNHEARD


def never_began(airing: Airing) -> bool:
    """Say whether a person stopped it before its start, so that nobody is to sound."""
    return airing.stopped_at is not None and airing.stopped_at < airing.starts_at


def get(session: Session, airing: str) -> Airing:
    """Return an airing, also a withdrawn one. Raises NotFound."""
    row = session.get(Airing, airing)
    if row is None:
        raise NotFound("Không có lượt phát này.")
    return row


def listed(
    session: Session, begins_at: datetime, ends_at: datetime, *, zone: str | None = None
) -> list[Airing]:
    """Return the airings that start within [begins_at, ends_at), by start; without those withdrawn before it."""
    query = select(Airing).where(
        Airing.starts_at >= begins_at, Airing.starts_at < ends_at, col(Airing.withdrawn_at).is_(None)
    )
    if zone is not None:
        query = query.where(col(Airing.id).in_(select(AiringZone.airing).where(AiringZone.zone == zone)))
    return list(session.exec(query.order_by(col(Airing.starts_at), Airing.id)))


def counts(session: Session, airings: Collection[Airing], now: datetime) -> Mapping[str, Counter[State]]:
    """How many devices stand how, for each of these airings by id; those not begun count their members."""
    found: defaultdict[str, Counter[State]] = defaultdict(Counter)
    by_id = {airing.id: airing for airing in airings}
    told = (
        select(AiringDevice.airing, AiringDevice.playback, func.count())
        .where(col(AiringDevice.airing).in_(by_id))
        .group_by(col(AiringDevice.airing), col(AiringDevice.playback))
    )
    for airing, playback, n in session.exec(told):
        found[airing][state(None if playback is None else Playback(playback), by_id[airing], now)] += n
    silent = [airing for airing in airings if airing.expected_at is None]
    for silent_airing, n in session.exec(_silent_members([each.id for each in silent])) if silent else ():
        found[silent_airing][state(None, by_id[silent_airing], now)] += n
    return found


def zone_names(session: Session, airings: Collection[str]) -> Mapping[str, list[str]]:
    """What people call the zones of these airings, by id of the zone; without deleted ones."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    chosen = select(AiringZone.airing, Zone.name).join(Zone).where(col(AiringZone.airing).in_(airings))
    for airing, name in session.exec(chosen.where(col(Zone.deleted_at).is_(None)).order_by(Zone.id)):
        found[airing].append(name)
    return found


def standing(session: Session, airing: Airing, now: datetime) -> list[Standing]:
    """How an airing stands on every device that was or is to sound, by name."""
    told = (
        select(AiringDevice.device, Device.name, AiringDevice.playback)
        .join(Device, col(Device.id) == AiringDevice.device)
        .where(AiringDevice.airing == airing.id)
    )
    rows: dict[str, Standing] = {}
    for device, name, playback in session.exec(told):
        how = None if playback is None else Playback(playback)
        rows[device] = Standing(device, name, state(how, airing, now))
    if airing.expected_at is None:
        silent = state(None, airing, now)
        for device, name in session.exec(_member_query(airing.id)):
            rows.setdefault(device, Standing(device, name, silent))
    return sorted(rows.values(), key=lambda row: (row.name, row.device))


def on_devices(
    session: Session, airing: Airing, now: datetime, *, among: Collection[Standing] | None = None
) -> list[OnDevice]:
    """What became of an airing on every device that was or is to sound, or on those `among` them, by name."""
    stands = standing(session, airing, now) if among is None else among
    query = select(AiringDevice).where(AiringDevice.airing == airing.id)
    if among is not None:
        query = query.where(col(AiringDevice.device).in_([each.device for each in among]))
    told = {row.device: row for row in session.exec(query)}
    return [_on_device(told.get(each.device), each) for each in stands]


def begun(session: Session, now: datetime) -> list[str]:
    """Airings that have begun and whose devices are not written down yet, by start. Only reads.

    Not those that were withdrawn, or stopped before their start.
    """
    query = select(Airing.id).where(
        Airing.starts_at <= now,
        Airing.stale_at > now - LOOK_BACK,
        col(Airing.expected_at).is_(None),
        col(Airing.withdrawn_at).is_(None),
        or_(col(Airing.stopped_at).is_(None), col(Airing.stopped_at) >= col(Airing.starts_at)),
    )
    return list(session.exec(query.order_by(col(Airing.starts_at))))


def expect(session: Session, now: datetime) -> list[str]:
    """Write down, for every airing that has begun, who is to sound: the members of its zones as they are now.

    Returns the airings that were written down. Doing it again changes nothing.
    """
    names = begun(session, now)
    for airing in names:
        members = _member_query(airing).subquery()
        mine = select(AiringDevice.device).where(AiringDevice.airing == airing)
        session.exec(
            update(AiringDevice)
            .where(col(AiringDevice.airing) == airing, col(AiringDevice.device).in_(select(members.c.id)))
            .values(expected=True)
        )
        new = sqlalchemy_select(
            literal(airing), members.c.id, true(), literal(""), literal(""), literal([], JSON)
        ).where(members.c.id.not_in(mine))
        columns = ["airing", "device", "expected", "reason", "detail", "passed"]
        session.execute(insert(AiringDevice).from_select(columns, new))
    session.exec(update(Airing).where(col(Airing.id).in_(names)).values(expected_at=now))
    return names


def fell_silent(session: Session, since: datetime, now: datetime) -> list[str]:
    """Airings whose grace ended within (since, now]: their pages change though nobody has said anything."""
    return list(
        session.exec(select(Airing.id).where(Airing.ends_at > since - GRACE, Airing.ends_at <= now - GRACE))
    )


def stop(session: Session, airing: str, *, by: int | None, now: datetime) -> list[Command]:
    """Stop an airing everywhere at once, and take it out of the plans. Raises NotFound, Conflict if it is over."""
    row = get(session, airing)
    if row.withdrawn_at is not None or now >= row.stale_at:
        raise Conflict("Lượt phát này đã kết thúc hoặc đã hủy, không còn gì để dừng.")
    where = list(session.exec(select(AiringZone.zone).where(AiringZone.airing == airing)))
    live = [zone.id for zone in zones.listed(session) if zone.id in where]
    row.stopped_at = row.stopped_at or now
    raise_ = zones.raise_emergencies if row.priority is Priority.EMERGENCY else zones.raise_plans
    raise_(session, live)
    return [
        commands.issue(session, name=CommandName.STOP, zone=zone, airing=airing, by=by, now=now)
        for zone in live
    ]


def _on_device(row: AiringDevice | None, stands: Standing) -> OnDevice:
    if row is None:
        return OnDevice(stands.device, stands.name, stands.state, "", "", expected=True)
    return OnDevice(
        device=row.device,
        name=stands.name,
        state=stands.state,
        why=why(row.reason),
        detail=row.detail,
        expected=row.expected,
        told_at=row.told_at,
        started_at=row.started_at,
        start_error_ms=row.start_error_ms,
        position_s=row.position_s,
        volume=row.volume,
        clock=row.clock,
        passed=tuple(row.passed),
    )


def _silent_members(airings: Collection[str]) -> Select[str, int]:
    """How many devices that obey a zone of each of these airings have told nothing of it, by airing."""
    told = exists().where(
        col(AiringDevice.airing) == AiringZone.airing, col(AiringDevice.device) == DeviceZone.device
    )
    return (
        select(AiringZone.airing, func.count(distinct(col(DeviceZone.device))))
        .join(DeviceZone, col(DeviceZone.zone) == AiringZone.zone)
        .join(Device, col(Device.id) == DeviceZone.device)
        .where(
            col(AiringZone.airing).in_(airings),
            col(Device.deleted_at).is_(None),
            col(Device.enrolled_at).is_not(None),
            ~told,
        )
        .group_by(AiringZone.airing)
    )


def _member_query(airing: str) -> Select[str, str]:
    """Id and name of every enrolled device that obeys a zone of this airing."""
    where = select(AiringZone.zone).where(AiringZone.airing == airing)
    heard = select(DeviceZone.device).where(col(DeviceZone.zone).in_(where))
    return select(Device.id, Device.name).where(
        col(Device.id).in_(heard), col(Device.deleted_at).is_(None), col(Device.enrolled_at).is_not(None)
    )
