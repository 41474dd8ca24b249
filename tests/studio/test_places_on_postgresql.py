"""The machine side on PostgreSQL: many writers at once raise revisions, and a report's whole way."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from edge_agent.wire import signing
from edge_agent.wire.simulated import SimulatedBroker, SimulatedLink
from edge_agent.wire.words import CommandName, Playback, Priority
from scheduler.publisher import publish_behind
from studio import airings, commands, devices, enrolment, reports, zones
from studio.airings import State
from studio.db import create_engine, migrate, reading, transaction
from studio.devices import ConfigChange
from studio.errors import Forbidden
from studio.models.airings import Airing, AiringZone
from studio.models.places import Zone
from studio.outbox import DatabaseOutbox
from studio.sounds import Sounds
from tests.support.journal import WrittenJournal
from tests.support.places import Commune, commune
from tests.support.postgres import Cluster

AIRING = "baaaaaaaaaa@20261124T050000Z"


@pytest.fixture
def engine(cluster: Cluster) -> Iterator[Engine]:
    engine = create_engine(cluster.new_database())
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def place(engine: Engine, tmp_path: Path, clock: Any) -> Commune:
    return commune(engine, tmp_path / "keys", now=clock(), devices_in={"loa-1": "ap-1", "loa-2": "ap-1"})


def test_an_airing_from_its_plan_to_its_reports(place: Commune, tmp_path: Path, clock: Any) -> None:
    with place.session() as session:
        session.add(
            Airing(
                id=AIRING,
                booking="baaaaaaaaaa",
                starts_at=clock(),
                stale_at=clock() + timedelta(minutes=30),
                ends_at=clock() + timedelta(seconds=10),
                priority=Priority.PRIORITY,
                seconds=10.0,
                sounds=[{"sha256": "0" * 64, "size": 9, "seconds": 10.0}],
                created_at=clock(),
            )
        )
        session.flush()
        session.add(AiringZone(airing=AIRING, zone="ap-1"))
    outbox = DatabaseOutbox(
        place.engine,
        keys_directory=place.directory,
        sounds=Sounds(tmp_path / "sounds"),
        sounds_url="http://loa.test/sounds",
        now=clock,
    )
    link = SimulatedLink(SimulatedBroker())
    link.open()
    assert publish_behind(outbox, link).told == 7
    assert outbox.behind() == []
    journal = WrittenJournal("loa-1")
    for playback in (Playback.STARTED, Playback.FINISHED):
        journal.note(AIRING, playback, clock())
    with place.session() as session:
        assert airings.expect(session, clock()) == [AIRING]
        stored = reports.store(session, [journal.batch()], now=clock())
        assert stored.journals[0].stored == 2
    later = clock() + timedelta(hours=1)
    with reading(place.engine) as session:
        told = airings.on_devices(session, airings.get(session, AIRING), later)
    assert [line.state for line in told] == [State.FINISHED, State.UNHEARD]


def test_many_at_once_lose_no_revision_and_no_number(place: Commune, clock: Any) -> None:
    with reading(place.engine) as session:
        before = devices.get(session, "loa-1").config_n

    def work(volume: int) -> int:
        with transaction(place.engine) as session:
            devices.change(session, "loa-1", ConfigChange(volume=volume))
            command = commands.issue(session, name=CommandName.STOP, zone="ap-1", now=clock())
        return command.n

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(work, range(20, 60)))
    assert sorted(numbers) == list(range(1, 41))
    with reading(place.engine) as session:
        assert devices.get(session, "loa-1").config_n == before + 40


def test_of_many_boxes_with_one_code_one_gets_in(place: Commune, clock: Any) -> None:
    with place.session() as session:
        code = enrolment.new_code(session, "loa-1", now=clock())

    def work(_n: int) -> bool:
        key = signing.public_x(signing.new_key())
        try:
            with transaction(place.engine) as session:
                enrolment.enrol(session, code=code, key=key, now=clock(), hash_password=str.upper)
        except Forbidden:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 1


def test_a_device_deleted_while_its_plan_is_raised_still_gets_its_empty_plan(
    place: Commune, clock: Any
) -> None:
    def remove() -> None:
        with transaction(place.engine) as session:
            devices.remove(session, "loa-1", now=clock())

    with ThreadPoolExecutor(1) as pool:
        with place.session() as session:
            zones.raise_plans(session, ["loa-1"])
            session.flush()
            removing = pool.submit(remove)
            until_somebody_waits(place.engine)
        removing.result()
    with reading(place.engine) as session:
        assert session.get_one(Zone, "loa-1").plan_n == 3, (
            "or what was told in between counts as the empty one"
        )


def until_somebody_waits(engine: Engine) -> None:
    """Until a transaction waits for the lock of another one."""
    deadline = time.monotonic() + 10
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with engine.connect() as connection:
        while connection.execute(waiting).scalar() == 0:
            assert time.monotonic() < deadline, "nobody waits"
            connection.rollback()
            time.sleep(0.01)
