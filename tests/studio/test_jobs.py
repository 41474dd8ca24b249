"""What the studio does by itself: nothing urgent waits, nothing is said to a broker that is away, silence shows."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from edge_agent.wire import topics
from edge_agent.wire.simulated import SimulatedBroker, SimulatedLink
from edge_agent.wire.words import CommandName, Priority
from studio import commands, zones
from studio.airings import GRACE
from studio.db import reading, transaction
from studio.jobs import Jobs
from studio.models.airings import Airing, AiringDevice, AiringZone
from studio.models.places import ZoneKind
from studio.services import Services
from tests.support.places import Commune, commune

AIRING = "baaaaaaaaaa@20261124T050000Z"


@pytest.fixture
def place(services: Services) -> Commune:
    return commune(
        services.engine, services.settings.keys_directory, now=services.now(), devices_in={"loa-1": "ap-1"}
    )


@pytest.fixture
def broker() -> SimulatedBroker:
    return SimulatedBroker()


@pytest.fixture
def jobs(services: Services, place: Commune, broker: SimulatedBroker) -> Jobs:
    link = SimulatedLink(broker)
    link.open()
    services.live.link_up = True
    return Jobs(services, link, some=2)


def air(services: Services, priority: Priority = Priority.ORDINARY) -> None:
    now = services.now()
    with transaction(services.engine) as session:
        session.add(
            Airing(
                id=AIRING,
                booking="baaaaaaaaaa",
                starts_at=now,
                stale_at=now + timedelta(minutes=30),
                ends_at=now + timedelta(seconds=10),
                priority=priority,
                seconds=10.0,
                sounds=[{"sha256": "0" * 64, "size": 9, "seconds": 10.0}],
                created_at=now,
            )
        )
        session.flush()
        session.add(AiringZone(airing=AIRING, zone="ap-1"))
        if priority is Priority.EMERGENCY:
            zones.raise_emergencies(session, ["ap-1"])


def test_an_emergency_and_a_stop_do_not_wait_behind_a_whole_province(
    services: Services, jobs: Jobs, broker: SimulatedBroker
) -> None:
    with transaction(services.engine) as session:
        for n in range(20):
            zones.create(session, name=f"Ấp {n + 3}", kind=ZoneKind.HAMLET, now=services.now())
    said: list[str] = []

    def listen(topic: str, payload: bytes) -> bytes:
        said.append(topic)
        if len(said) == 3:  # while the province is being told
            air(services, Priority.EMERGENCY)
            with transaction(services.engine) as session:
                commands.issue(session, name=CommandName.STOP, zone="ap-2", now=services.now())
        return payload

    broker.tamper = listen
    jobs.publish()
    assert len(said) > 20
    assert said.index(topics.emergency("ap-1")) < 7
    assert said.index(topics.zone_command("ap-2")) < 7


@pytest.fixture
def said(services: Services, broker: SimulatedBroker) -> list[str]:
    """An emergency and a stop wait; the topics on which the studio speaks from here on."""
    air(services, Priority.EMERGENCY)
    with transaction(services.engine) as session:
        commands.issue(session, name=CommandName.STOP, zone="ap-2", now=services.now())
    topics_said: list[str] = []

    def listen(topic: str, payload: bytes) -> bytes:
        topics_said.append(topic)
        return payload

    broker.tamper = listen
    return topics_said


def refuse(services: Services, part: str) -> None:
    """Let the database fail at every statement with these words."""

    def fail(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if part in " ".join(statement.split()):
            raise OperationalError(statement, None, Exception("disk I/O error"))

    event.listen(services.engine, "before_cursor_execute", fail)


def test_commands_that_fail_keep_neither_an_emergency_back_nor_the_plans(
    services: Services, jobs: Jobs, said: list[str]
) -> None:
    refuse(services, "FROM command")
    jobs.publish()
    assert said[0] == topics.emergency("ap-1")
    assert topics.plan("ap-1") in said


def test_emergencies_that_fail_do_not_keep_a_stop_back(
    services: Services, jobs: Jobs, said: list[str]
) -> None:
    refuse(services, "FROM zone")
    with pytest.raises(OperationalError):
        jobs.publish()
    assert said == [topics.zone_command("ap-2")]


def test_while_the_broker_is_away_nothing_is_tried_and_afterwards_everything_is_said(
    services: Services, jobs: Jobs, broker: SimulatedBroker
) -> None:
    services.live.link_up = False
    jobs.publish()
    assert broker.retained == {}
    services.live.link_up = True
    jobs.publish()
    held = set(broker.retained)
    assert topics.plan("ap-1") in held
    broker.wipe()
    jobs.publish()
    assert broker.retained == {}, "nobody said that it is another broker"
    jobs.broker_came_back()
    jobs.publish()
    assert set(broker.retained) == held


def test_at_the_start_the_devices_are_written_down_and_pages_are_told(
    services: Services, jobs: Jobs, clock: Any
) -> None:
    air(services)
    jobs.expect()
    with reading(services.engine) as session:
        assert session.get(AiringDevice, (AIRING, "loa-1")) is not None
    cursor, changed = services.live.since("", ["airing:*"])
    assert changed == [f"airing:{AIRING}"]
    clock.forward(seconds=5)
    jobs.expect()
    assert services.live.since(cursor, ["airing:*"])[1] == []
    clock.at += timedelta(seconds=5) + GRACE
    jobs.expect()
    assert services.live.since(cursor, ["airing:*"])[1] == [f"airing:{AIRING}"], "silence shows by itself"
    cursor = services.live.cursor
    jobs.expect()
    assert services.live.since(cursor, ["airing:*"])[1] == []


def test_planning_twice_a_day_signs_again_what_is_a_day_old(
    services: Services, jobs: Jobs, clock: Any, broker: SimulatedBroker
) -> None:
    jobs.plan()
    jobs.publish()
    before = dict(broker.retained)
    jobs.plan()
    jobs.publish()
    assert broker.retained == before
    clock.forward(hours=24)
    jobs.plan()
    jobs.publish()
    for topic in (topics.plan("ap-1"), topics.device("loa-1", "config")):
        assert broker.retained[topic] != before[topic]
