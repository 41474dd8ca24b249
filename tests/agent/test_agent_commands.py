"""Commands and the box's own stop: obeyed once, in their time, answered, and journalled."""

import errno
import json
from datetime import timedelta

import pytest

from edge_agent.wire import topics
from edge_agent.wire.documents import Airing
from edge_agent.wire.signing import sign
from edge_agent.wire.words import Revision
from tests.support.agent_studio import ZONE
from tests.support.agent_world import ADRIFT, BOX, NOON, Box, World

MINUTE = timedelta(minutes=1)
PLAYED = [("started", ""), ("finished", "")]


@pytest.fixture
def law(world: World, box: Box) -> Airing:
    """Sounds from noon to a minute later."""
    law = world.studio.airing("law", NOON, world.studio.sound(60.0))
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run(1)
    return law


def replies(world: World) -> list[tuple[str, str]]:
    return [(r.state.value, r.reason) for r in world.studio.replies]


def test_a_stop_silences_within_a_second_and_is_journalled(world: World, box: Box, law: Airing) -> None:
    world.run_until(NOON + MINUTE / 3)
    world.studio.send(world.studio.command(BOX, "stop", world.now))
    world.run(0.5)
    assert box.told[law.id] == [("started", ""), ("partial", "stopped")]
    assert replies(world) == [("received", ""), ("done", "")]
    world.run_until(NOON + 20 * MINUTE)
    assert box.told[law.id][-1] == ("partial", "stopped"), "it does not begin again"


def test_a_stop_is_obeyed_also_where_the_disk_is_full(world: World) -> None:
    full = False

    def watch(point: str) -> None:
        if full and point.endswith(".write"):
            raise OSError(errno.ENOSPC, "No space left on device")

    box = world.box(watch=watch)
    law = world.studio.airing("law", NOON, world.studio.sound(60.0))
    world.studio.publish(world.studio.config(BOX, world.now), world.studio.plan(law, now=world.now))
    box.start()
    world.run_until(NOON + MINUTE / 3)
    full = True
    world.studio.send(world.studio.command(BOX, "stop", world.now))
    world.run(0.5)
    assert box.told[law.id][-1] == ("partial", "stopped")
    assert replies(world) == [("received", ""), ("done", "")]
    restart = world.studio.command(BOX, "restart", world.now)
    world.studio.send(restart)
    world.run(1)
    assert len(replies(world)) == 2, "anything else must not be done twice"
    full = False
    world.studio.send(restart)
    world.run(1)
    assert replies(world)[2:] == [("received", "")]


def test_a_stop_to_a_zone_is_heard_by_its_devices(world: World, box: Box, law: Airing) -> None:
    world.run_until(NOON + MINUTE / 3)
    world.studio.send(world.studio.command(None, "stop", world.now, zone=ZONE))
    world.run(0.5)
    assert box.told[law.id][-1] == ("partial", "stopped")


def test_what_is_stopped_before_its_time_is_skipped(world: World, box: Box, law: Airing) -> None:
    world.studio.send(world.studio.command(BOX, "stop", world.now, airing=law.id))
    world.run_until(NOON + MINUTE)
    assert box.told[law.id] == [("skipped", "stopped")]


def test_a_stop_in_an_emergency_is_silence_not_the_rest_of_the_programme(
    world: World, box: Box, law: Airing
) -> None:
    world.run_until(NOON + MINUTE / 3)
    flood = world.studio.emergency("flood", world.now, world.studio.sound(20, inline=True))
    world.studio.publish(world.studio.plan(flood, now=world.now, kind="emergency"))
    world.run(5)
    assert box.agent is not None
    said = box.agent.stop(None)
    assert law.id in said and flood.id in said
    world.run_until(NOON + 20 * MINUTE)
    assert box.told[flood.id][-1] == ("partial", "stopped")
    assert box.told[law.id][-1] == ("partial", "stopped")


def test_a_stop_leaves_an_emergency_that_is_still_to_come(world: World, box: Box) -> None:
    drill = world.studio.emergency("drill", NOON)
    world.studio.publish(world.studio.plan(drill, now=world.now, kind="emergency"))
    world.broker.stop()
    world.broker.start()
    world.run(2)
    assert box.parts is not None and box.parts.timekeeper.welcomed, "a welcome has named it"
    world.studio.send(world.studio.command(BOX, "stop", world.now))
    world.run_until(NOON + MINUTE)
    assert box.told == {drill.id: PLAYED}


def test_a_stop_at_the_box_needs_no_studio(world: World, box: Box, law: Airing) -> None:
    world.broker.stop()
    world.run_until(NOON + MINUTE / 3)
    assert box.agent is not None
    box.agent.stop(None)
    assert box.parts is not None and box.parts.player.poll() is None
    world.broker.start()
    world.run(5)
    assert box.told[law.id] == [("started", ""), ("partial", "stopped")]


def test_a_command_is_obeyed_once(world: World, box: Box, law: Airing) -> None:
    command = world.studio.command(BOX, "stop", world.now, airing="other@20261124T050000Z")
    world.studio.send(command)
    world.studio.send(command)
    world.run(2)
    assert world.studio.presences[-1].refused == {"replayed": 1}
    box.die()
    box.start()
    world.run(1)
    world.studio.send(command)
    world.run(2)
    assert world.studio.presences[-1].refused == {"replayed": 1}, "also after a restart"
    world.run_until(NOON + 2 * MINUTE)
    assert box.told[law.id] == PLAYED


def test_a_command_with_a_lower_number_is_a_replay(world: World, box: Box) -> None:
    world.studio.send(world.studio.command(BOX, "diagnostics", world.now, number=Revision(2, 1)))
    world.studio.send(world.studio.command(BOX, "diagnostics", world.now, number=Revision(1, 9999)))
    world.run(2)
    assert world.studio.presences[-1].refused == {"replayed": 1}


def test_a_command_past_its_time_is_refused(world: World, box: Box, law: Airing) -> None:
    command = world.studio.command(BOX, "stop", world.now)
    world.run_until(NOON + MINUTE / 3)
    world.studio.send(command)
    world.run(2)
    assert world.studio.presences[-1].refused == {"expired": 1}
    world.run_until(NOON + 2 * MINUTE)
    assert box.told[law.id] == PLAYED


def test_a_retained_command_is_refused(world: World, box: Box, law: Airing) -> None:
    world.run_until(NOON + MINUTE / 3)
    command = world.studio.command(BOX, "stop", world.now)
    world.broker.say(topics.of(command), sign(command, world.studio.signer), retain=True)
    world.run_until(NOON + 2 * MINUTE)
    assert box.told[law.id] == PLAYED
    assert world.studio.presences[-1].refused == {"misplaced": 1}


def test_without_the_time_only_a_stop_is_obeyed(world: World, box: Box) -> None:
    box.die()
    world.studio.answers = False
    box.kernel, box.boot = ADRIFT, "boot-2"
    box.start()
    world.run(1)
    world.studio.send(world.studio.command(BOX, "stop", world.now - timedelta(days=1)))
    world.studio.send(world.studio.command(BOX, "self-test", world.now))
    world.run(2)
    assert replies(world) == [("received", ""), ("done", "")]
    assert world.studio.presences[-1].refused == {"expired": 1}


def test_a_self_test_sounds_a_short_tone(world: World, box: Box) -> None:
    world.studio.send(world.studio.command(BOX, "self-test", world.now))
    world.run(1)
    assert replies(world) == [("received", "")]
    world.run(2)
    assert replies(world)[-1] == ("done", "")
    assert box.told == {}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"quiet_hours": ({"begins": "00:00:00", "ends": "00:00:00"},)}, "đang trong giờ yên tĩnh"),
        ({"muted": ({"begins_at": "2026-11-01T00:00:00Z"},)}, "đang tắt tiếng"),
    ],
)
def test_a_self_test_does_not_wake_the_village(
    world: World, box: Box, more: dict[str, object], why: str
) -> None:
    world.studio.publish(world.studio.config(BOX, world.now, **more))
    world.studio.send(world.studio.command(BOX, "self-test", world.now))
    world.run(5)
    assert replies(world)[-1] == ("failed", why)


def test_a_self_test_gives_way_to_an_airing(world: World, box: Box, law: Airing) -> None:
    world.run_until(NOON - timedelta(seconds=1.5))
    world.studio.send(world.studio.command(BOX, "self-test", world.now))
    world.run_until(NOON + 2 * MINUTE)
    assert replies(world)[-1] == ("failed", "bị một lượt phát cắt ngang")
    assert box.told[law.id] == PLAYED


def test_no_self_test_while_something_sounds(world: World, box: Box, law: Airing) -> None:
    world.run_until(NOON + MINUTE / 3)
    world.studio.send(world.studio.command(BOX, "self-test", world.now))
    world.run_until(NOON + 2 * MINUTE)
    assert replies(world)[-1] == ("failed", "đang phát")
    assert box.told[law.id] == PLAYED


def test_a_restart_is_answered_when_it_is_done(world: World, box: Box) -> None:
    world.studio.send(world.studio.command(BOX, "restart", world.now))
    world.run(1)
    assert replies(world) == [("received", "")]
    box.die()
    box.start()
    world.run(1)
    assert replies(world) == [("received", ""), ("done", "")]
    box.die()
    box.start()
    world.run(1)
    assert len(world.studio.replies) == 2


@pytest.mark.parametrize("note", [b"", b"\xff\0" * 50, None])
def test_a_note_of_a_restart_that_cannot_be_read_stops_nothing(
    world: World, box: Box, note: bytes | None
) -> None:
    box.die()
    path = box.folder / "restart.note"
    if note is None:
        path.mkdir()
    else:
        path.write_bytes(note)
    box.start()
    world.run(1)
    assert replies(world) == [] and path.is_file() is False
    world.studio.send(world.studio.command(BOX, "diagnostics", world.now))
    world.run(1)
    assert replies(world)[-1] == ("done", "")


def test_diagnostics_are_for_a_technician(world: World, box: Box) -> None:
    world.studio.publish(world.studio.plan(world.studio.airing("law", NOON), now=world.now))
    world.studio.send(world.studio.command(BOX, "diagnostics", world.now))
    world.run(1)
    told = json.loads(world.studio.replies[-1].detail)
    assert told["device"] == BOX and told["connected"] is True and "disk_free_mb" in told
    assert told["next"] == ["12:00:00 24/11/2026 law"], "by the clock on his wall"


def test_a_command_of_a_later_day_is_told_to_be_unknown(world: World, box: Box) -> None:
    world.studio.send(world.studio.command(BOX, "dance", world.now))
    world.run(1)
    assert replies(world)[-1] == ("failed", "thiết bị không biết lệnh này")
