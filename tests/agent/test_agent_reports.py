"""Reports reach the studio whatever happens on the way, and only a receipt ends the sending."""

import errno
import sqlite3
from datetime import timedelta

from edge_agent.durable import Watch
from edge_agent.wire import topics
from tests.support.agent_studio import ZONE
from tests.support.agent_world import BOX, NOON, Box, World

MINUTE = timedelta(minutes=1)
PLAYED = [("started", ""), ("finished", "")]


def played(world: World, *names: str) -> list[str]:
    """Airings a minute apart from noon, and a minute more."""
    sound = world.studio.sound(2.0)
    airings = [world.studio.airing(name, NOON + n * MINUTE, sound) for n, name in enumerate(names)]
    world.studio.publish(world.studio.plan(*airings, now=world.now))
    world.run_until(NOON + len(names) * MINUTE)
    return [airing.id for airing in airings]


def queue(world: World) -> int:
    return world.studio.presences[-1].queue


def test_what_was_played_off_line_is_told_later(world: World, box: Box) -> None:
    world.run(1)
    sound = world.studio.sound(2.0)
    airings = [world.studio.airing(f"b{n}", NOON + n * MINUTE, sound) for n in range(150)]
    world.studio.publish(world.studio.plan(*airings, now=world.now))
    world.run(2)
    world.broker.stop()
    world.run_until(NOON + 160 * MINUTE)
    assert box.told == {}
    world.broker.start()
    world.run(5)
    assert box.told == {a.id: PLAYED for a in airings}
    assert queue(world) == 0


def test_without_receipts_it_sends_again_until_one_comes(world: World, box: Box) -> None:
    world.studio.receipts = False
    (law,) = played(world, "law")
    world.studio.records.clear()  # the studio lost them before they were on its disk
    world.run(60)
    assert box.told == {law: PLAYED} and queue(world) == 2
    world.studio.receipts = True
    world.run(700)
    assert queue(world) == 0


def test_a_reconnection_sends_again_at_once(world: World, box: Box) -> None:
    world.deaf = True
    (law,) = played(world, "law")
    world.deaf = False
    world.broker.stop()
    world.broker.start()
    world.run(1)
    assert box.told == {law: PLAYED}


def test_the_studio_can_ask_for_everything_again(world: World, box: Box) -> None:
    laws = played(world, "a", "b", "c")
    (_, journal, _) = next(iter(world.studio.records))
    world.studio.records.clear()
    world.studio.receipt(BOX, journal, 0, world.now, again_from=1)
    world.run(1)
    assert box.told == dict.fromkeys(laws, PLAYED)


def test_a_receipt_played_again_moves_nothing(world: World, box: Box) -> None:
    played(world, "a")
    (_, journal, _) = next(iter(world.studio.records))
    tape = world.studio.receipt(BOX, journal, 0, world.now, again_from=1)
    world.run(5)
    world.studio.records.clear()
    world.broker.say(topics.device(BOX, "receipt"), tape)
    world.run(5)
    assert world.studio.records == {} and world.studio.presences[-1].refused == {"replayed": 1}


def test_a_receipt_for_more_than_was_written_is_refused(world: World, box: Box) -> None:
    played(world, "a")
    (_, journal, _) = next(iter(world.studio.records))
    world.studio.receipt(BOX, journal, 99, world.now)
    world.studio.receipt(BOX, "0123456789abcdef", 1, world.now)
    world.studio.receipt(BOX, journal, 0, world.now + MINUTE, again_from=99)
    world.run(2)
    assert world.studio.presences[-1].refused == {"replayed": 3}
    assert box.parts is not None and box.parts.journal.receipted == 2


def test_a_wiped_broker_and_a_studio_that_publishes_again_change_nothing(world: World, box: Box) -> None:
    (law,) = played(world, "law")
    kept = dict(world.broker.retained)
    world.broker.stop()
    world.broker.wipe()
    world.broker.start()
    world.run(1)
    for topic, payload in kept.items():
        world.broker.say(topic, payload, retain=True)
    world.run(60)
    assert box.told == {law: PLAYED}
    assert world.studio.presences[-1].plans.keys() == {ZONE}
    assert world.studio.presences[-1].refused == {}


class SmallDisk:
    """A watcher that lets nothing be written while the disk is full."""

    full = False

    def __call__(self, point: str) -> None:
        if self.full and point.endswith(".write"):
            raise OSError(errno.ENOSPC, "No space left on device")
        if self.full and point.endswith(".commit"):
            raise sqlite3.OperationalError("database or disk is full")


def box_on(world: World, disk: Watch) -> Box:
    box = world.box(watch=disk)
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    world.run(1)
    return box


def test_an_emergency_cancelled_while_the_disk_was_full_stays_cancelled(world: World) -> None:
    disk, studio = SmallDisk(), world.studio
    box = box_on(world, disk)
    flood = studio.emergency("flood", NOON)
    studio.publish(studio.plan(flood, now=world.now, kind="emergency"))
    world.run(2)
    disk.full = True
    studio.publish(studio.plan(now=world.now, kind="emergency"))
    world.run(120)
    disk.full = False
    world.run(120)
    box.die()
    world.broker.stop()
    box.start()
    world.run_until(NOON + MINUTE)
    assert box.parts is not None and box.parts.journal.told == {}


def test_a_receipt_that_a_full_disk_did_not_take_comes_again(world: World) -> None:
    disk, studio = SmallDisk(), world.studio
    box = box_on(world, disk)
    studio.receipts = False
    (law,) = played(world, "law")
    assert box.parts is not None and box.link is not None
    disk.full = True
    studio.receipt(BOX, box.parts.journal.id, 2, world.now)
    world.run(1)
    assert box.parts.journal.receipted == 0 and not box.link.unacknowledged
    disk.full, studio.receipts = False, True
    world.run(60)
    assert box.parts.journal.receipted == 2
    assert box.told == {law: PLAYED}


def test_a_full_disk_ends_neither_the_beginning_nor_the_tidying_of_a_journal(world: World) -> None:
    disk = SmallDisk()
    box = world.box(watch=disk)
    box.start()
    disk.full = True
    world.run(10)
    assert box.parts is not None and box.parts.journal.since is None
    disk.full = False
    world.studio.publish(world.studio.config(BOX, world.now))
    (law,) = played(world, "law")
    world.studio.publish(world.studio.plan(now=world.now))
    world.run(5)
    world.off(61 * 86400)
    disk.full = True
    world.run(2)
    assert len(box.parts.journal.texts(0, 10)) == 2, "it is not forgotten yet"
    disk.full = False
    world.run(2 * 3600)
    assert len(box.parts.journal.texts(0, 10)) == 1
    assert box.told == {law: PLAYED}


def test_a_receipt_signed_while_the_clock_of_the_studio_was_ahead_binds_until_a_welcome(world: World) -> None:
    box = box_on(world, SmallDisk())
    world.studio.receipts = False
    played(world, "law")
    assert box.parts is not None
    world.studio.receipt(BOX, box.parts.journal.id, 1, world.now + timedelta(days=365))
    world.run(1)
    world.studio.receipts = True
    world.broker.stop()
    world.broker.start()
    world.run(700)
    assert box.parts.journal.receipted == box.parts.journal.last == 2
