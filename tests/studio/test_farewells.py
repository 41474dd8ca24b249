"""A deleted device is told to fall silent before its account at the broker ends; nothing else it says is believed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from edge_agent.wire.accounts import Presence
from edge_agent.wire.simulated import SimulatedBroker, SimulatedLink
from edge_agent.wire.words import Revision
from studio import broker, devices, enrolment, farewells, keys
from studio.db import reading
from studio.jobs import Jobs
from studio.models.places import Device
from studio.services import Services
from tests.support.listening import NOW, World, heard, hello, presence
from tests.support.places import commune


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    """A commune out of which `loa-1` has been deleted."""
    world = World(engine, tmp_path)
    with world.place.session() as session:
        devices.remove(session, "loa-1", now=NOW)
    return world


def last_config(world: World) -> Revision:
    with reading(world.engine) as session:
        return Revision(1, session.get_one(Device, "loa-1").config_n)


def test_its_account_ends_when_it_shows_that_it_holds_its_last_config(world: World) -> None:
    assert world.account_names() == {"loa-1", "loa-2"}
    world.say(presence(config=last_config(world)), retain=True)
    world.listener.turn(0)
    assert world.accounts == [{"loa-2"}], "the broker is told after the commit"
    with reading(world.engine) as session:
        assert session.get_one(Device, "loa-1").key_x is None


@pytest.mark.parametrize(
    "said",
    [
        presence(),
        presence(config=Revision(1, 1)),
        Presence(kind="presence", device="loa-1", online=False),
    ],
)
def test_until_then_it_may_come_and_fetch_it(world: World, said: Presence) -> None:
    world.say(said, retain=True)
    world.listener.turn(0)
    assert world.account_names() == {"loa-1", "loa-2"}
    assert world.accounts == []


def test_in_a_new_epoch_its_config_of_the_old_one_is_not_enough(world: World) -> None:
    with world.place.session() as session:
        keys.raise_epoch(session)
    world.say(presence(config=last_config(world)))
    world.listener.turn(0)
    assert "loa-1" in world.account_names()


def test_meanwhile_nothing_else_it_says_is_believed(world: World) -> None:
    world.say(hello())
    world.say(heard().batch())
    world.say(presence())
    world.listener.turn(0)
    assert world.listener.refused == {"unknown_device": 2}
    assert world.answers() == []
    assert world.states() == {}
    assert world.live.since("", ["device:*"])[1] == []


def test_a_presence_of_a_device_that_is_not_deleted_ends_nothing(world: World) -> None:
    world.say(presence(device="loa-2", config=Revision(1, 99)))
    world.listener.turn(0)
    assert "loa-2" in world.account_names()


def test_the_box_may_be_enrolled_again_with_its_key_under_another_name(world: World) -> None:
    with world.place.session() as session:
        x = session.get_one(Device, "loa-1").key_x
        assert x is not None
        devices.create(session, name="Loa 3", id="loa-3", now=NOW)
        code = enrolment.new_code(session, "loa-3", now=NOW)
        enrolled = enrolment.enrol(session, code=code, key=x, now=NOW, hash_password=str)
    assert enrolled.device.id == "loa-3"


def test_a_box_that_never_comes_loses_its_account_after_a_fortnight(services: Services, clock: Any) -> None:
    place = commune(
        services.engine,
        services.settings.keys_directory,
        now=clock(),
        devices_in={"loa-1": "ap-1", "loa-2": "ap-1"},
    )
    told: list[set[str]] = []

    def users_changed() -> None:
        with reading(services.engine) as session:
            told.append(set(broker.passwords(session)))

    jobs = Jobs(replace(services, users_changed=users_changed), SimulatedLink(SimulatedBroker()))
    with place.session() as session:
        devices.remove(session, "loa-1", now=clock())
    clock.at += farewells.LASTS - timedelta(minutes=1)
    jobs.plan()
    assert told == []
    clock.forward(minutes=1)
    jobs.plan()
    jobs.plan()
    assert told == [{"loa-2"}]
