"""Weeks of operation in seconds: cuts, outages, resets, withdrawals; every airing ends once, in a state that fits."""

import random
from datetime import timedelta
from pathlib import Path

from edge_agent.wire.documents import Airing
from edge_agent.wire.words import Priority
from tests.support.agent_world import ADRIFT, BOX, NOON, World

DAYS = 28
MINUTE = timedelta(minutes=1)


def programme(world: World, day: int, sounds: list) -> list[Airing]:  # type: ignore[type-arg]
    """Three bulletins a day, one of them in step."""
    morning = NOON + timedelta(days=day)
    return [
        world.studio.airing(f"a{day}", morning, sounds[0], patience_s=1200),
        world.studio.airing(f"b{day}", morning + 1 * MINUTE, sounds[1], in_step=True, patience_s=900),
        world.studio.airing(
            f"c{day}", morning + 300 * MINUTE, sounds[2], priority=Priority.PRIORITY, patience_s=600
        ),
    ]


def test_every_airing_of_four_weeks_ends_once(memory: Path) -> None:
    rng = random.Random(20261124)
    world = World(memory, now=NOON - timedelta(hours=1))
    studio = world.studio
    box = world.box(kernel=ADRIFT)
    studio.publish(studio.config(BOX, world.now, heartbeat_s=3600))
    box.start()
    sounds = [studio.sound(30.0, seed=n) for n in (1, 2, 3)]
    planned: dict[str, Airing] = {}
    for day in range(DAYS):
        if rng.random() < 0.8:
            coming = [a for d in range(day, day + 4) for a in programme(world, d, sounds)]
            studio.publish(studio.plan(*coming, now=world.now))
            world.run(2)
            planned |= {a.id: a for a in coming}
        morning = NOON + timedelta(days=day)
        match rng.choice(["calm", "calm", "power", "broker", "emergency", "reboot", "studio deaf"]):
            case "power":
                world.run_until(morning + timedelta(seconds=rng.choice([-30, 10, 65, 80, 200])))
                box.die()
                world.off(rng.choice([5, 400, 5000]))
                box.start()
            case "broker":
                world.broker.stop()
                world.run_until(morning + timedelta(hours=rng.choice([1, 10])))
                world.broker.start()
            case "emergency":
                world.run_until(morning + timedelta(seconds=rng.choice([5, 40, 70])))
                flood = studio.emergency(f"e{day}", world.now, studio.sound(10.0, seed=9, inline=True))
                planned[flood.id] = flood
                studio.publish(studio.plan(flood, now=world.now, kind="emergency"))
            case "reboot":
                box.die()
                box.boot = f"boot-{day}"
                world.off(60)
                box.start()
            case "studio deaf":
                world.deaf = True
                world.run_until(morning + timedelta(hours=6))
                world.deaf = False
        world.run_until(morning + timedelta(hours=23))
    world.run(3600)
    told = box.told
    over = {i for i, a in planned.items() if a.starts_at < NOON + timedelta(days=DAYS - 1)}
    for airing in sorted(over):
        states = told.get(airing, [])
        ends = [state for state, _ in states if state != "started"]
        assert len(ends) == 1 and states[-1][0] == ends[0], f"{airing}: {states}"
        assert ends[0] in {"finished", "partial", "skipped"}
    finished = sum(told[a][-1][0] == "finished" for a in over)
    assert finished > 0.8 * len(over)
    assert not studio.faults
    assert world.studio.presences[-1].queue == 0
    world.close()
