"""A full disk: what was said is obeyed, nothing is lost that the disk takes later, and nobody goes deaf."""

import errno
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_agent.wire.link import UNACKNOWLEDGED_BY_A_BOX
from tests.support.agent_mosquitto import MosquittoBroker
from tests.support.agent_world import BOX, NOON, Box, World

MINUTE = timedelta(minutes=1)
PLAYED = [("started", ""), ("finished", "")]


@pytest.fixture
def broker(memory: Path) -> Iterator[Any]:
    """A real one: only it keeps back what is more than a box has acknowledged."""
    real = MosquittoBroker(memory / "mosquitto")
    yield real
    real.close()


class SmallDisk:
    """A watcher that lets no document be written while the disk is full; the journal's room is kept free."""

    full = False

    def __call__(self, point: str) -> None:
        if self.full and point.endswith(".write"):
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def disk() -> SmallDisk:
    return SmallDisk()


@pytest.fixture
def box(world: World, disk: SmallDisk) -> Box:
    box = world.box(watch=disk)
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    world.run(1)
    return box


def test_whatever_the_disk_does_not_take_a_stop_is_heard(world: World, box: Box, disk: SmallDisk) -> None:
    studio = world.studio
    law = studio.airing("law", NOON, studio.sound(60.0))
    studio.publish(studio.plan(law, now=world.now))
    world.run_until(NOON + timedelta(seconds=10))
    disk.full = True
    for _ in range(UNACKNOWLEDGED_BY_A_BOX + 1):
        studio.publish(studio.plan(law, now=world.now))
        world.settle()
    studio.send(studio.command(BOX, "stop", world.now))
    world.run(1)
    assert box.told[law.id] == [("started", ""), ("partial", "stopped")]


def test_a_zone_it_comes_to_while_the_disk_is_full_is_heard(world: World, box: Box, disk: SmallDisk) -> None:
    studio, disk.full = world.studio, True
    studio.publish(studio.config(BOX, world.now, zones=("ap-3", BOX), commune=None))
    world.run(1)
    law = studio.airing("law", NOON)
    studio.publish(studio.plan(law, now=world.now, zone="ap-3"))
    world.run_until(NOON + MINUTE)
    assert box.told == {law.id: PLAYED}


def test_an_emergency_that_brought_its_sound_is_heard_once_there_is_room(
    world: World, box: Box, disk: SmallDisk
) -> None:
    studio, disk.full, world.shelf.broken = world.studio, True, True
    flood = studio.emergency("flood", world.now)
    studio.publish(studio.plan(flood, now=world.now, kind="emergency"))
    world.run(60)
    assert flood.id not in box.told
    disk.full = False
    world.run(120)
    assert box.told == {flood.id: PLAYED}


def test_an_emergency_whose_file_rotted_is_heard_from_its_plan(world: World, box: Box) -> None:
    studio, world.shelf.broken = world.studio, True
    flood = studio.emergency("flood", NOON)
    studio.publish(studio.plan(flood, now=world.now, kind="emergency"))
    world.run(1)
    (file,) = (box.folder / "sounds").glob("*.ogg")
    file.write_bytes(b"?" + file.read_bytes()[1:])
    world.run_until(NOON + MINUTE)
    assert box.told == {flood.id: PLAYED}
