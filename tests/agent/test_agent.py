"""The whole agent, in a time of its own: every order of events in seconds."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.agent_world import BOX, NOON, Box, World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    assert not world.studio.faults
    for box in world.boxes:
        if box.agent is not None:
            box.agent.close()


@pytest.fixture
def box(world: World) -> Box:
    box = world.box()
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    world.run(1)
    return box


def test_it_plays_what_the_plan_says_and_reports_it(world: World, box: Box) -> None:
    law = world.studio.airing("law", NOON, world.studio.sound(60.0))
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run_until(NOON + 2 * MINUTE)
    assert box.told == {law.id: [("started", ""), ("finished", "")]}
    finished = list(world.studio.records.values())[-1]
    assert finished["position_s"] == pytest.approx(60.0, abs=0.05)
    assert finished["started_at"] == "2026-11-24T05:00:00Z"
    assert abs(finished.get("start_error_ms", 0)) < 1
    assert finished["clock"] == "trusted"
