"""The studio's answer to a Hello: the time, what is in force, and which records it lacks."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select, tuple_

from edge_agent.wire.accounts import Hello
from edge_agent.wire.documents import Receipt, Welcome
from edge_agent.wire.words import Revision
from studio.keys import Seal
from studio.models.journals import Journal
from studio.models.places import Device, DeviceZone, Zone

SOME = 500


def answers(
    session: Session, hellos: Sequence[Hello], *, seal: Seal, now: datetime
) -> list[Welcome | Receipt]:
    """A Welcome for each Hello; and a Receipt where the journal has records that are not stored here.

    What is in force is what the database says, not what the broker holds: so a frozen broker shows.
    """
    told: list[Welcome | Receipt] = []
    for first in range(0, len(hellos), SOME):
        some = hellos[first : first + SOME]
        told += _welcomes(session, some, seal, now)
        told += _receipts(session, some, now)
    return told


def _welcomes(session: Session, hellos: Sequence[Hello], seal: Seal, now: datetime) -> list[Welcome]:
    names = {hello.device for hello in hellos}
    configs = dict(session.exec(select(Device.id, Device.config_n).where(col(Device.id).in_(names))).all())
    plans: defaultdict[str, dict[str, Revision]] = defaultdict(dict)
    emergencies: defaultdict[str, dict[str, Revision]] = defaultdict(dict)
    query = select(DeviceZone.device, Zone).join(Zone).where(col(DeviceZone.device).in_(names))
    for device, zone in session.exec(query):
        plans[device][zone.id] = seal.revision(zone.plan_n)
        if zone.emergency_n:
            emergencies[device][zone.id] = seal.revision(zone.emergency_n)
    return [
        Welcome(
            kind="welcome",
            device=hello.device,
            nonce=hello.nonce,
            now=now,
            config=seal.revision(configs[hello.device]),
            plans=plans[hello.device],
            emergencies=emergencies[hello.device],
        )
        for hello in hellos
        if hello.device in configs
    ]


def _receipts(session: Session, hellos: Sequence[Hello], now: datetime) -> list[Receipt]:
    """A restored studio has lost records for which the device holds a receipt; the hello's `last` shows it."""
    key = tuple_(col(Journal.device), col(Journal.journal))
    wanted = {(hello.device, hello.journal) for hello in hellos}
    stored = {
        (row.device, row.journal): row.stored for row in session.exec(select(Journal).where(key.in_(wanted)))
    }
    lacking = {
        key: last
        for key, last in ((((h.device, h.journal)), h.last) for h in hellos)
        if last > stored.get(key, 0)
    }
    return [
        Receipt(
            kind="receipt",
            device=device,
            journal=journal,
            stored=stored.get((device, journal), 0),
            again_from=stored.get((device, journal), 0) + 1,
            issued_at=now,
        )
        for device, journal in lacking
    ]
