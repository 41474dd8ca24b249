"""A world with one box that is up and configured."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.agent_world import BOX, Box, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    assert not world.studio.faults
    world.close()


@pytest.fixture
def box(world: World) -> Box:
    box = world.box()
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    world.run(1)
    return box
