"""Faults that nobody foresaw: the box says so, and lives on."""

import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest

from edge_agent.players import Failed, State
from edge_agent.players.silent import Silent
from edge_agent.wire.link import Down
from tests.support.agent_world import BOX, NOON, Box, World

MINUTE = timedelta(minutes=1)


class Faulty(Silent):
    """A player that can be told to fail in a way no player may."""

    on_stop: Callable[[], None] | None = None
    on_poll: Callable[[], None] | None = None
    fails_with = ""

    def stop(self) -> State | None:
        if self.on_stop is not None:
            self.on_stop()
        return super().stop()

    def poll(self) -> State | None:
        if self.on_poll is not None:
            self.on_poll()
        state = super().poll()
        if self.fails_with and state is not None:
            self._going = None
            return Failed(self.fails_with, state.position_s, state.began)
        return state


def nobody_foresaw_this() -> None:
    raise KeyError("a fault")


def with_a_faulty_player(world: World) -> tuple[Box, Faulty]:
    faulty = Faulty(lambda: world.monotonic)
    box = world.box(player=lambda: faulty)
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    return box, faulty


def test_a_message_that_meets_a_fault_is_counted_and_does_not_come_again(world: World) -> None:
    box, faulty = with_a_faulty_player(world)
    studio = world.studio
    law = studio.airing("law", NOON, studio.sound(90.0))
    studio.publish(studio.plan(law, now=world.now))
    world.run_until(NOON + MINUTE)
    faulty.on_stop = nobody_foresaw_this
    studio.send(studio.command(BOX, "stop", world.now))
    world.run(2)
    assert studio.presences[-1].refused == {"malformed": 1}
    assert box.link is not None and not box.link.unacknowledged
    faulty.on_stop = None
    studio.send(studio.command(BOX, "stop", world.now))
    world.run(2)
    assert box.told[law.id][-1] == ("partial", "stopped")


def test_why_the_broker_refuses_is_not_forgotten_when_the_line_breaks_too(world: World) -> None:
    box, _ = with_a_faulty_player(world)
    world.run(1)
    assert box.link is not None and box.agent is not None
    world.broker.stop()
    world.run(1)
    for why in ("Not authorized", "Protocol error"):  # what the real link tells of one refusal
        box.link._events.append(Down(why))
    world.run(1)
    assert box.agent._survey.diagnose()["why_down"] == "Not authorized"
    world.broker.start()
    world.run(1)
    box.link._events.append(Down("Unspecified error"))
    world.run(1)
    assert box.agent._survey.diagnose()["why_down"] == "Unspecified error"


def test_a_fault_in_playing_does_not_make_it_mute(world: World) -> None:
    faulty = Faulty(lambda: world.monotonic)
    faulty.on_poll = nobody_foresaw_this
    box = world.box(player=lambda: faulty)
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    for _ in range(3):
        with pytest.raises(KeyError):
            world.settle()  # `run` would log it and go on
    assert [each.device for each in world.studio.hellos] == [BOX]
    assert world.studio.presences[-1].online


def test_what_cannot_be_thrown_away_stops_nothing(world: World) -> None:
    box = world.box(settings={"keep_sounds_days": 0})
    world.studio.publish(world.studio.config(BOX, world.now))
    odd = box.folder / "sounds" / "odd.ogg"
    odd.mkdir(parents=True)  # stands for a file the disk does not let go
    os.utime(odd, (0, 0))
    box.start()
    law = world.studio.airing("law", NOON)
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run_until(NOON + MINUTE)
    assert box.told[law.id][-1] == ("finished", "")
    assert world.studio.presences[-1].queue == 0


def test_a_round_that_fails_does_not_end_the_agent(world: World) -> None:
    box, faulty = with_a_faulty_player(world)
    assert box.agent is not None and box.link is not None
    agent, rounds = box.agent, 0

    def fail_then_end() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            nobody_foresaw_this()
        agent.end()

    faulty.on_poll = fail_then_end
    world.broker.links.remove(box.link)  # `run` opens it itself
    assert agent.run() is False, "nobody asked it to begin again"
    assert rounds == 2
    box.agent = box.parts = box.link = None


def test_a_record_that_nobody_can_write_does_not_silence_what_follows(world: World) -> None:
    box, faulty = with_a_faulty_player(world)
    law, later = world.studio.airing("law", NOON), world.studio.airing("later", NOON + MINUTE)
    world.studio.publish(world.studio.plan(law, later, now=world.now))
    world.run_until(NOON + timedelta(seconds=1))
    faulty.fails_with = "card \udcff"  # from a name in another encoding: no text that can be stored
    with pytest.raises(ValueError):
        world.run(5)
    faulty.fails_with = ""
    box.wake_at = world.monotonic  # `run` goes on with the next round
    world.run_until(NOON + 2 * MINUTE)
    assert box.told[law.id] == [("started", ""), ("partial", "power_cut")]
    assert box.told[later.id] == [("started", ""), ("finished", "")]


def test_a_receipt_that_a_full_disk_refused_is_acknowledged_and_not_counted(world: World) -> None:
    full = True

    def watch(passing: str) -> None:
        if full and passing == "journal.receipt.commit":
            raise sqlite3.OperationalError("database or disk is full")

    box = world.box(watch=watch)
    studio = world.studio
    studio.publish(studio.config(BOX, world.now))
    box.start()
    law = studio.airing("law", NOON)
    studio.publish(studio.plan(law, now=world.now))
    world.run_until(NOON + MINUTE)
    assert box.told[law.id][-1] == ("finished", "")
    assert studio.presences[-1].refused == {} and studio.presences[-1].queue == 2
    # The broker says nothing again while the connection stands: to hold it back would only use up its patience.
    assert box.link is not None and not box.link.unacknowledged
    full = False
    world.run(60)
    assert studio.presences[-1].queue == 0
