"""What the broker is to hold, out of the rows: plans, emergency plans, configs. A `scheduler.publisher.Outbox`.

A document is built and signed when it is published, so an old signature never lies about.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, Update, bindparam, or_, update
from sqlmodel import Session, SQLModel, col, select

from edge_agent.wire import documents, topics
from edge_agent.wire.documents import Ceiling, Config, Mute, Plan, QuietHours
from edge_agent.wire.words import Priority
from scheduler import plans
from scheduler.publisher import Behind
from studio import keys, planning
from studio.db import reading, transaction
from studio.keys import Seal
from studio.models.airings import Airing, AiringZone
from studio.models.places import Device, DeviceZone, Zone, ZoneKind
from studio.sounds import Sounds


def _mark(table: type[SQLModel], n: str, at: str) -> Update:
    rows = SQLModel.metadata.tables[str(table.__tablename__)]
    return (
        update(rows)
        .where(rows.c.id == bindparam("the_id"))
        .values({n: bindparam("the_n"), at: bindparam("the_time")})
    )


_MARKS = {
    "plan": _mark(Zone, "published_plan_n", "plan_signed_at"),
    "emergency": _mark(Zone, "published_emergency_n", "emergency_signed_at"),
    "config": _mark(Device, "published_config_n", "config_signed_at"),
}
"""How an acknowledged document is marked, by the last part of its topic."""


class DatabaseOutbox:
    """Documents of which the broker does not hold the newest revision, most urgent first."""

    def __init__(
        self,
        engine: Engine,
        *,
        keys_directory: Path,
        sounds: Sounds,
        sounds_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._engine, self._keys, self._sounds = engine, keys_directory, sounds
        self._sounds_url, self._now = sounds_url, now
        self._seal: Seal | None = None
        self._broker = self._asked = 0

    def broker_came_back(self) -> None:
        """Say that the broker may hold nothing now (it was away, perhaps wiped): all is published again."""
        with transaction(self._engine) as session:
            _forget(session)
            self._broker += 1

    def urgent(self) -> Sequence[Behind]:
        """Return the emergencies among what is to be told. Raises Conflict before `init`."""
        with reading(self._engine) as session:
            self._asked = self._broker
            self._seal = keys.load(session, self._keys)
            return [Behind(topics.emergency(zone), n) for zone, n in _emergencies(session)]

    def behind(self) -> Sequence[Behind]:
        """Return what is to be told: emergencies, then plans, then configs. Raises Conflict before `init`."""
        with reading(self._engine) as session:
            self._asked = self._broker
            self._seal = keys.load(session, self._keys)
            return [
                *(Behind(topics.emergency(zone), n) for zone, n in _emergencies(session)),
                *(Behind(topics.plan(zone), n) for zone, n in _plans(session)),
                *(Behind(topics.device(device, "config"), n) for device, n in _configs(session)),
            ]

    def payload(self, behind: Behind) -> bytes:
        """Build and sign the newest revision of one document."""
        _, _, sort, name, what = behind.topic.split("/")
        with reading(self._engine) as session:
            seal = self._seal or keys.load(session, self._keys)
            if sort == "device":
                row = session.get_one(Device, name)
                return seal.sign(
                    config(session, row, seal=seal, sounds_url=self._sounds_url, now=self._now())
                )
            zone = session.get_one(Zone, name)
            if what == "emergency":
                return seal.sign(emergency(session, zone, seal=seal, sounds=self._sounds, now=self._now()))
            return seal.sign(plan(session, zone, seal=seal, now=self._now()))

    def told(self, acknowledged: Sequence[Behind]) -> None:
        """Mark these revisions as held by the broker, in one transaction."""
        now = self._now()
        with transaction(self._engine) as session:
            if self._asked != self._broker:
                return  # it was the broker before this one that acknowledged
            held: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
            for each in acknowledged:
                _, _, _, name, what = each.topic.split("/")
                held[what].append({"the_id": name, "the_n": each.n, "the_time": now})
            for what, rows in held.items():
                session.connection().execute(_MARKS[what], rows)


def sign_again(session: Session, now: datetime) -> frozenset[str]:
    """Raise emergency plans that were signed a day ago, or hold something that is over; return their zones.

    (`planning.replan` does the same for plans, `sign_configs_again` for configs.)
    """
    held = select(Zone.id, Zone.emergency_signed_at).where(
        col(Zone.published_emergency_n) >= col(Zone.emergency_n), col(Zone.emergency_n) > 0
    )
    due = {zone for zone, at in session.exec(held) if plans.due_again(at, now=now)}
    over = (
        select(AiringZone.zone)
        .join(Airing)
        .join(Zone)
        .where(
            Airing.priority == Priority.EMERGENCY,
            Airing.stale_at <= now,
            Airing.stale_at > col(Zone.emergency_signed_at),
        )
    )
    due |= set(session.exec(over.distinct()))
    session.exec(update(Zone).where(col(Zone.id).in_(due)).values(emergency_n=col(Zone.emergency_n) + 1))
    return frozenset(due)


def sign_configs_again(session: Session, now: datetime) -> int:
    """Raise the configs that were signed a day ago, of every box that can read one; return how many."""
    due = update(Device).where(
        col(Device.key_x).is_not(None),
        col(Device.published_config_n) >= col(Device.config_n),
        col(Device.config_signed_at) <= now - plans.SIGN_AGAIN_AFTER,
    )
    return session.exec(due.values(config_n=col(Device.config_n) + 1)).rowcount


def plan(session: Session, zone: Zone, *, seal: Seal, now: datetime) -> Plan:
    """The plan of a zone as its rows are now; empty if the zone is deleted."""
    return plans.plan(
        zone.id,
        _airings(session, zone, now),
        revision=seal.revision(zone.plan_n),
        now=now,
        muted=[Mute.model_validate(mute) for mute in zone.muted],
    )


def emergency(session: Session, zone: Zone, *, seal: Seal, sounds: Sounds, now: datetime) -> Plan:
    """The emergency plan of a zone, its sounds inline where they are small enough."""
    airings = _airings(session, zone, now)
    small = {
        sound.sha256: path
        for airing in airings
        if airing.priority is Priority.EMERGENCY
        for sound in airing.sounds
        if sound.size <= plans.MOST_INLINE_BYTES and (path := sounds.path(sound.sha256)).is_file()
    }
    speech = {sha256: path.read_bytes() for sha256, path in small.items()}
    return plans.emergency(zone.id, airings, speech=speech, revision=seal.revision(zone.emergency_n), now=now)


def config(session: Session, device: Device, *, seal: Seal, sounds_url: str, now: datetime) -> Config:
    """The config of a device as its row is now; without zones if it is deleted."""
    query = select(Zone.id, Zone.kind).join(DeviceZone).where(DeviceZone.device == device.id)
    belongs = session.exec(query.order_by(Zone.id)).all()
    return Config(
        kind="config",
        device=device.id,
        revision=seal.revision(device.config_n),
        issued_at=now,
        zones=tuple(zone for zone, _ in belongs),
        commune=next((zone for zone, kind in belongs if kind is ZoneKind.COMMUNE), None),
        time_zone=device.time_zone,
        quiet_hours=tuple(QuietHours.model_validate(hours) for hours in device.quiet_hours),
        volume=device.volume,
        ceilings=tuple(Ceiling.model_validate(ceiling) for ceiling in device.ceilings),
        emergency_volume=device.emergency_volume,
        delay_ms=device.delay_ms,
        muted=tuple(Mute.model_validate(mute) for mute in device.muted),
        heartbeat_s=device.heartbeat_s,
        sounds_url=sounds_url,
        keys=seal.key_list,
    )


def _forget(session: Session) -> None:
    session.exec(
        update(Zone)
        .where(or_(col(Zone.published_plan_n) > 0, col(Zone.published_emergency_n) > 0))
        .values(published_plan_n=0, published_emergency_n=0)
    )
    session.exec(update(Device).where(col(Device.published_config_n) > 0).values(published_config_n=0))


def _airings(session: Session, zone: Zone, now: datetime) -> list[documents.Airing]:
    if zone.deleted_at is not None:
        return []
    query = (
        select(Airing)
        .join(AiringZone)
        .where(
            AiringZone.zone == zone.id,
            Airing.stale_at > now,
            col(Airing.withdrawn_at).is_(None),
            col(Airing.stopped_at).is_(None),
        )
    )
    return [planning.on_wire(row) for row in session.exec(query)]


def _emergencies(session: Session) -> Sequence[tuple[str, int]]:
    query = select(Zone.id, Zone.emergency_n).where(Zone.emergency_n > col(Zone.published_emergency_n))
    return session.exec(query.order_by(Zone.id)).all()


def _plans(session: Session) -> Sequence[tuple[str, int]]:
    query = select(Zone.id, Zone.plan_n).where(Zone.plan_n > col(Zone.published_plan_n))
    return session.exec(query.order_by(Zone.id)).all()


def _configs(session: Session) -> Sequence[tuple[str, int]]:
    query = select(Device.id, Device.config_n).where(Device.config_n > col(Device.published_config_n))
    return session.exec(query.order_by(Device.id)).all()
