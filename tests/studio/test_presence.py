"""How devices are: kept in memory, written in bulk, and not to be faked by an old message."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from edge_agent.wire import signing, topics
from edge_agent.wire.accounts import Presence
from studio import devices
from studio.db import reading
from studio.models.places import Device
from tests.support.listening import NOW, World, presence


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path)


def row(world: World) -> Device:
    world.live.flush(world.engine)
    with reading(world.engine) as session:
        return devices.get(session, "loa-1")


def test_presence_is_kept_in_memory_and_written_in_bulk(world: World) -> None:
    for second in range(5):
        world.say(presence(at=NOW + timedelta(seconds=second), volume=second), retain=True)
    world.now = NOW + timedelta(seconds=5)
    world.listener.turn(0)
    assert world.live.flush(world.engine) == 1
    found = row(world)
    assert found.presence is not None
    assert (found.online, found.presence["volume"]) == (True, 4)
    assert found.last_seen_at == NOW + timedelta(seconds=4)


def test_a_last_will_takes_it_off_line_and_keeps_what_is_known(world: World) -> None:
    world.say(presence(volume=70), retain=True)
    world.say(Presence(kind="presence", device="loa-1", online=False), retain=True)
    world.listener.turn(0)
    found = row(world)
    assert found.presence is not None
    assert (found.online, found.presence["volume"]) == (False, 70)
    assert devices.state(found, NOW) is devices.DeviceState.OFFLINE


def test_an_old_presence_said_once_more_brings_nobody_back(world: World) -> None:
    old, topic = presence(at=NOW - timedelta(minutes=5)), topics.device("loa-1", "presence")
    world.say(presence())
    world.say(Presence(kind="presence", device="loa-1", online=False))
    world.broker.say(topic, signing.sign(old, world.place.boxes["loa-1"]), retain=True)
    world.listener.turn(0)
    assert row(world).online is False


def test_a_presence_kept_from_last_week_does_not_look_alive(world: World) -> None:
    world.say(presence(at=NOW - timedelta(days=7)), retain=True)
    world.listener.turn(0)
    found = row(world)
    assert found.last_seen_at == NOW - timedelta(days=7)
    assert devices.state(found, NOW) is devices.DeviceState.OFFLINE


def test_a_clock_that_was_ahead_does_not_blind_the_studio_once_it_is_right(world: World) -> None:
    world.say(presence(at=NOW + timedelta(days=365), volume=10))
    world.listener.turn(0)
    world.now = NOW + timedelta(minutes=1)
    world.say(presence(at=world.now, volume=20))
    world.listener.turn(0)
    found = row(world)
    assert found.presence is not None
    assert (found.presence["volume"], found.last_seen_at) == (20, world.now)
    world.say(presence(at=NOW - timedelta(minutes=1), volume=30))
    world.listener.turn(0)
    assert row(world).presence == found.presence, "what is older than its arrival is still old"
