"""What the agent does with what it knows of the time."""

import json
import sqlite3
from datetime import timedelta

import pytest

from edge_agent.clock_trust import HOST_WORDS
from edge_agent.wire.signing import sign
from tests.support.agent_studio import ZONE
from tests.support.agent_world import ADRIFT, BOX, NOON, SYNCHRONISED, Box, World

MINUTE = timedelta(minutes=1)
PLAYED = [("started", ""), ("finished", "")]


@pytest.fixture
def lost(world: World) -> Box:
    """A box that nobody tells the time, three days wrong, and a studio that does not answer."""
    world.studio.answers = False
    box = world.box(kernel=ADRIFT, wall_offset=-timedelta(days=3))
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    world.run(1)
    return box


def test_without_the_time_it_is_silent_and_says_why(world: World, lost: Box) -> None:
    law = world.studio.airing("law", NOON)
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run_until(NOON + 20 * MINUTE)
    assert lost.told == {}
    assert world.studio.presences[-1].clock == "unknown" and world.studio.presences[-1].clock_source == ""


def test_what_was_missed_so_has_its_reason_once_the_time_is_known(world: World, lost: Box) -> None:
    law, later = world.studio.airing("law", NOON), world.studio.airing("later", NOON + 30 * MINUTE)
    world.studio.publish(world.studio.plan(law, later, now=world.now))
    lost.die()
    # It had a journal from before, so it knows that it has not played this.
    lost.kernel, lost.wall_offset = SYNCHRONISED, timedelta(0)
    lost.start()
    world.run(1)
    lost.die()
    lost.kernel, lost.boot, lost.wall_offset = ADRIFT, "boot-2", -timedelta(days=3)
    lost.start()
    world.run_until(NOON + 20 * MINUTE)
    world.studio.answers = True
    world.broker.stop()
    world.broker.start()
    world.run_until(NOON + 31 * MINUTE)
    assert lost.told == {law.id: [("skipped", "clock_unknown")], later.id: PLAYED}
    assert world.studio.presences[-1].clock_source == "welcome"


def test_a_welcome_of_this_boot_tells_the_time_for_days_without_network(world: World, box: Box) -> None:
    box.die()
    box.kernel, box.wall_offset, box.boot = ADRIFT, timedelta(days=-400), "boot-2"
    box.start()
    world.run(1)
    assert world.studio.presences[-1].clock_source == "welcome"
    law = world.studio.airing("law", NOON + timedelta(days=3))
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run(1)
    world.broker.stop()
    world.run_until(NOON + timedelta(days=3, minutes=1))
    world.broker.start()
    world.run(5)
    assert box.told == {law.id: PLAYED}
    assert [r["clock"] for r in world.studio.records.values()] == ["holdover"] * 2


def test_what_a_welcome_said_holds_over_a_restart_of_the_agent_but_not_of_the_machine(
    world: World, box: Box
) -> None:
    box.die()
    box.kernel, box.wall_offset, box.boot = ADRIFT, timedelta(days=-400), "boot-2"
    box.start()
    world.run(1)
    law, later = world.studio.airing("law", NOON), world.studio.airing("later", NOON + 30 * MINUTE)
    world.studio.publish(world.studio.plan(law, later, now=world.now))
    world.run(1)
    box.die()
    world.broker.stop()
    box.start()
    world.run_until(NOON + MINUTE)
    box.die()
    box.boot = "boot-3"
    box.start()
    world.run_until(NOON + 40 * MINUTE)
    world.broker.start()
    world.run(10)
    assert box.told == {law.id: PLAYED, later.id: [("skipped", "clock_unknown")]}


def test_a_welcome_that_took_too_long_does_not_tell_the_time(world: World, lost: Box) -> None:
    world.studio.answers = True
    world.broker.stop()
    world.broker.start()
    assert lost.agent is not None and lost.link is not None
    lost.agent.pump()
    world.off(2.5)  # the hello is on its way, or the answer is
    world.settle()
    assert world.studio.presences[-1].clock == "unknown"


def test_without_the_time_an_emergency_plays_only_when_a_welcome_named_it(world: World, lost: Box) -> None:
    studio = world.studio
    lost.die()
    lost.kernel, lost.wall_offset = SYNCHRONISED, timedelta(0)
    lost.start()
    world.run(1)
    lost.die()
    lost.kernel, lost.boot, lost.wall_offset = ADRIFT, "boot-2", -timedelta(days=3)
    lost.start()
    flood = studio.emergency("flood", world.now, patience_s=3600)
    studio.publish(studio.plan(flood, now=world.now, kind="emergency"))
    world.run(60)
    assert flood.id not in lost.told, "an old tape would sound so"
    studio.answers = True
    # So slow a line that the answer says nothing about the time, but names what is in force.
    deadline = world.now + 5 * MINUTE
    while flood.id not in lost.told and world.now < deadline:
        assert lost.agent is not None
        lost.agent.pump()
        world.off(3)
        world.settle()
        world.off(10)
    assert studio.presences[-1].clock == "unknown"
    assert lost.told[flood.id][0] == ("started", "")


def test_a_reboot_without_network_plays_from_the_disk(world: World) -> None:
    box = world.box(kernel=ADRIFT, settings={"clock": "host"})
    world.studio.publish(world.studio.config(BOX, world.now))
    law = world.studio.airing("law", NOON)
    world.studio.publish(world.studio.plan(law, now=world.now))
    box.start()
    world.run(5)
    box.die()
    world.broker.stop()
    world.shelf.broken = True
    box.boot = "boot-2"
    box.start()
    world.run_until(NOON + 5 * MINUTE)
    world.broker.start()
    world.run(5)
    assert box.told == {law.id: PLAYED}
    assert world.studio.presences[-1].clock_source == HOST_WORDS


def test_a_battery_backed_clock_is_held_over_a_reboot_unless_it_lost_the_time(world: World, box: Box) -> None:
    law, later = world.studio.airing("law", NOON), world.studio.airing("later", NOON + 30 * MINUTE)
    world.studio.publish(world.studio.plan(law, later, now=world.now))
    world.run(1)
    world.studio.answers = False
    box.die()
    box.kernel, box.has_rtc, box.boot = ADRIFT, True, "boot-2"
    box.start()
    world.run_until(NOON + 5 * MINUTE)
    assert box.told == {law.id: PLAYED}
    assert world.studio.presences[-1].clock_source == "rtc"
    box.die()
    box.boot, box.wall_offset = "boot-3", timedelta(days=-9000)  # its battery is empty
    box.start()
    world.run_until(NOON + 50 * MINUTE)
    assert later.id not in box.told and world.studio.presences[-1].clock == "unknown"


def test_a_clock_before_what_was_signed_is_not_believed(world: World) -> None:
    box = world.box(kernel=ADRIFT, settings={"clock": "host"}, wall_offset=-timedelta(days=1))
    world.studio.answers = False
    world.studio.publish(world.studio.config(BOX, world.now))
    law = world.studio.airing("law", NOON - timedelta(days=1))
    world.studio.publish(world.studio.plan(law, now=world.now))
    box.start()
    world.run(1200)
    assert box.told == {} and world.studio.presences[-1].clock == "unknown"


@pytest.fixture
def ahead(world: World) -> Box:
    """A new box whose kernel swears to a time a year ahead, and a studio that does not answer yet."""
    world.studio.answers = False
    box = world.box(wall_offset=timedelta(days=365))
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    world.run(2)
    assert (
        box.parts is not None
        and box.parts.journal.since == world.now - timedelta(seconds=2) + box.wall_offset
    )
    return box


def test_a_journal_begun_by_a_wrong_clock_is_not_silent_until_then(world: World, ahead: Box) -> None:
    law, later = world.studio.airing("law", NOON - 11 * MINUTE), world.studio.airing("later", NOON)
    world.studio.publish(world.studio.plan(law, later, now=world.now))
    world.run(1)
    world.studio.answers = True
    world.broker.stop()
    world.broker.start()
    world.run_until(NOON + 20 * MINUTE)
    assert ahead.told == {law.id: [("skipped", "rebuilt")], later.id: PLAYED}
    assert world.studio.presences[-1].clock_source == "welcome"


def test_a_disk_that_is_full_when_the_time_was_found_wrong_puts_that_off_for_seconds_only(
    world: World,
) -> None:
    full = False

    def watch(point: str) -> None:
        if full and point == "journal.settle.commit":
            raise sqlite3.OperationalError("database or disk is full")

    world.studio.answers = False
    box = world.box(watch=watch, wall_offset=timedelta(days=365))
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    world.run(2)
    full = world.studio.answers = True
    law = world.studio.airing("law", NOON)
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run(20)
    full = False
    world.run_until(NOON + MINUTE)
    assert box.told == {law.id: PLAYED}


def test_a_slow_answer_too_shows_that_the_time_was_wrong(world: World, ahead: Box) -> None:
    ahead.wall_offset = timedelta(0)  # chrony has found out
    law = world.studio.airing("law", NOON)
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run(1)
    assert world.studio.presences[-1].clock == "unknown"
    world.studio.answers = True
    world.broker.stop()
    world.broker.start()
    assert ahead.agent is not None
    ahead.agent.pump()
    world.off(3)
    world.run_until(NOON + MINUTE)
    assert ahead.told == {law.id: PLAYED}
    assert world.studio.presences[-1].clock_source == "kernel"


def test_an_old_welcome_played_again_tells_nothing(world: World, box: Box) -> None:
    tape: list[tuple[str, bytes]] = []

    def record(topic: str, payload: bytes) -> bytes:
        if topic.endswith("/welcome"):
            tape.append((topic, payload))
        return payload

    world.broker.tamper = record
    world.broker.stop()
    world.broker.start()
    world.run(1)
    world.broker.tamper = None
    for topic, payload in tape * 2:
        world.broker.say(topic, payload)
    world.run(2)
    assert world.studio.presences[-1].refused == {"replayed": 2}


def test_documents_newer_than_those_held_show(world: World, box: Box) -> None:
    studio = world.studio
    studio.publish(studio.plan(now=world.now))
    world.run(1)
    newer = studio.plan(now=world.now)
    studio.standing[f"loa/v1/zone/{ZONE}/plan"] = newer.revision  # published, but the broker is frozen
    world.broker.stop()
    world.broker.start()
    world.run(2)
    assert list(studio.presences[-1].behind) == [f"plan/{ZONE}"]
    world.broker.say(f"loa/v1/zone/{ZONE}/plan", sign(newer, studio.signer), retain=True)
    world.run(2)
    assert list(studio.presences[-1].behind) == []


def _note(**more: object) -> bytes:
    """A note of this boot, with one thing in it that cannot be."""
    anchor = {"source": "welcome", "at": "2026-11-24T03:00:00+00:00", "monotonic": 1.0, "error_s": 0.001}
    return json.dumps({"floor": None, "boot": "boot-1", "anchors": [anchor | more], "welcomed": {}}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b'{"floor":"2026-01-01T00:00:00","boot":"","anchors":[],"welcomed":{}}',
        b"[" * 100_000,
        b'{"floor":5,"boot":"boot-1"}',
        b'{"floor":null,"boot":"boot-1","anchors":[],"welcomed":[]}',
        _note(at="2026-11-24T05:00:00"),
        _note(monotonic=float("nan")),
        _note(error_s=float("nan")),
        _note(at="9999-12-31T23:59:59+00:00"),
    ],
)
def test_a_note_of_the_time_that_cannot_be_read_is_not_held(world: World, box: Box, content: bytes) -> None:
    box.die()
    (box.folder / "clock.json").write_bytes(content)
    law = world.studio.airing("law", NOON)
    world.studio.publish(world.studio.plan(law, now=world.now))
    box.start()
    world.run_until(NOON + MINUTE)
    assert box.told == {law.id: PLAYED}
