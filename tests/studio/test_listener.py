"""The listener: verified, stored, then acknowledged; whatever comes, and in whatever order, it goes on."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from edge_agent.wire import signing, topics
from edge_agent.wire.accounts import Reply
from edge_agent.wire.documents import Receipt, Welcome
from edge_agent.wire.words import CommandName, Playback, ReplyState, Revision
from studio import commands, devices, zones
from studio.db import create_engine, reading, transaction
from studio.models.journals import JournalRecord
from tests.support.listening import AIRING, NONCE, NOW, World, heard, hello


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path)


def test_a_hello_is_welcomed_with_its_nonce_the_time_and_what_is_in_force(world: World) -> None:
    with world.place.session() as session:
        zones.raise_plans(session, ["ap-1"])
        zones.raise_emergencies(session, ["xa-tan-lap"])
    world.say(hello())
    world.listener.turn(0)
    (welcome,) = world.answers()
    assert isinstance(welcome, Welcome)
    assert (welcome.device, welcome.nonce, welcome.now) == ("loa-1", NONCE, NOW)
    with reading(world.engine) as session:
        assert welcome.config == Revision(1, devices.get(session, "loa-1").config_n)
    assert welcome.plans == {"ap-1": Revision(1, 2), "loa-1": Revision(1, 1), "xa-tan-lap": Revision(1, 1)}
    assert welcome.emergencies == {"xa-tan-lap": Revision(1, 1)}


def test_a_report_is_stored_then_acknowledged_then_receipted(world: World) -> None:
    world.say(heard().batch())
    assert world.listener.turn(0) == 1
    assert world.states() == {"loa-1": Playback.FINISHED}
    assert world.studio.unacknowledged == {}
    (receipt,) = world.answers()
    assert isinstance(receipt, Receipt)
    assert (receipt.journal, receipt.stored, receipt.again_from) == ("journal-1", 2, None)
    assert world.live.since("", ["airing:*"])[1] == [f"airing:{AIRING}"]


def test_a_studio_that_lost_records_says_so_at_the_next_hello(world: World) -> None:
    journal = heard("loa-1", *[Playback.SKIPPED] * 5)
    world.say(journal.batch(1, 2))
    world.listener.turn(0)
    world.answers()
    world.say(hello(last=5))
    world.listener.turn(0)
    receipts = [answer for answer in world.answers() if isinstance(answer, Receipt)]
    assert [(r.stored, r.again_from) for r in receipts] == [(2, 3)]


def test_a_flood_is_stored_together(world: World) -> None:
    journal = heard("loa-1", *[Playback.SKIPPED] * 300)
    for n in range(1, 301):
        world.say(journal.batch(n))
    commits: list[object] = []
    event.listen(world.engine, "commit", commits.append)
    assert world.listener.turn(0) == 300
    assert len(commits) < 5
    assert {a.stored for a in world.answers() if isinstance(a, Receipt)} == {300}


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (topics.device("loa-1", "report"), b"", "malformed"),
        (topics.device("loa-1", "report"), b"\xff\x00 not a jws", "malformed"),
        (topics.device("loa-1", "report"), b"x" * 3_000_000, "too_large"),
        (topics.device("loa-9", "hello"), b"anything", "unknown_device"),
    ],
)
def test_nonsense_is_counted_and_acknowledged(world: World, topic: str, payload: bytes, reason: str) -> None:
    world.box.publish(topic, payload)
    world.say(heard().batch())
    assert world.listener.turn(0) == 2
    assert world.listener.refused == {reason: 1}
    assert world.studio.unacknowledged == {}
    assert world.states() == {"loa-1": Playback.FINISHED}, "its neighbours are not held up"


def test_one_device_cannot_speak_for_another(world: World) -> None:
    forged = signing.sign(heard("loa-2").batch(), world.place.boxes["loa-1"])
    world.box.publish(topics.device("loa-2", "report"), forged)
    world.listener.turn(0)
    world.box.publish(topics.device("loa-1", "report"), forged)
    world.listener.turn(0)
    assert world.listener.refused == {"bad_signature": 1, "misplaced": 1}
    assert world.states() == {}


def test_a_report_that_a_broker_kept_is_refused(world: World) -> None:
    topic, payload = world.place.said(heard().batch())
    world.broker.say(topic, payload, retain=True)
    world.listener.turn(0)
    assert world.listener.refused == {"misplaced": 1}


def test_a_deleted_device_is_not_believed_any_more(world: World) -> None:
    world.say(heard().batch())
    with world.place.session() as session:
        devices.remove(session, "loa-1", now=NOW)
    world.listener.turn(0)
    assert world.listener.refused == {"unknown_device": 1}
    assert world.states() == {}


def test_replies_are_noted_with_their_command(world: World) -> None:
    with world.place.session() as session:
        order = commands.issue(session, name=CommandName.SELF_TEST, zone="xa-tan-lap", now=NOW)
    for state in (ReplyState.RECEIVED, ReplyState.DONE):
        world.say(Reply(kind="reply", device="loa-1", command=order.id, state=state, at=NOW, detail="ổn"))
    world.listener.turn(0)
    with reading(world.engine) as session:
        status = commands.status(session, order.id, now=NOW)
    assert [(a.device, a.state) for a in status.answers] == [("loa-1", ReplyState.DONE), ("loa-2", None)]
    assert [a.name for a in status.unanswered] == ["loa-2"]
    assert not status.over


@pytest.fixture
def hasty(world: World) -> Iterator[Engine]:
    """The same database, through an engine that does not wait long for its lock."""
    engine = create_engine(str(world.engine.url))

    def impatient(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=20")

    event.listen(engine, "connect", impatient)
    yield engine
    engine.dispose()


def test_while_the_database_is_locked_nothing_is_acknowledged_and_nothing_lost(
    world: World, hasty: Engine
) -> None:
    world.listener = world.listen(hasty)
    world.say(heard().batch())
    with transaction(world.engine) as other:
        other.connection()  # somebody else holds the lock for long
        for _ in range(3):
            with pytest.raises(OperationalError):
                world.listener.turn(0)
        assert len(world.studio.unacknowledged) == 1
        assert world.answers() == []
    assert world.listener.turn(0) == 1
    assert world.studio.unacknowledged == {}
    assert world.states() == {"loa-1": Playback.FINISHED}


def test_what_came_by_a_lost_connection_is_stored_but_not_acknowledged_on_the_new_one(
    world: World, hasty: Engine
) -> None:
    world.listener = world.listen(hasty)
    world.say(heard().batch())
    with transaction(world.engine) as other:
        other.connection()
        with pytest.raises(OperationalError):
            world.listener.turn(0)
    world.broker.stop()
    world.broker.start()
    unacknowledged = dict(world.studio.unacknowledged)
    world.listener.turn(0)
    assert world.studio.unacknowledged == unacknowledged
    assert world.states() == {"loa-1": Playback.FINISHED}


def test_a_poisoned_message_does_not_take_its_neighbours_along(world: World) -> None:
    def poison(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "INSERT INTO journal_record" in statement and "loa-2" in str(parameters):
            raise RuntimeError("what nobody foresaw")

    event.listen(world.engine, "before_cursor_execute", poison)
    world.say(heard("loa-1").batch())
    world.say(heard("loa-2").batch())
    world.listener.turn(0)
    assert world.states() == {"loa-1": Playback.FINISHED}
    assert world.listener.refused == {"unexpected": 1}
    assert [a.device for a in world.answers() if isinstance(a, Receipt)] == ["loa-1"], "so it comes again"


def test_after_a_reconnection_the_studio_is_told_that_the_broker_may_be_new(world: World) -> None:
    assert (world.ups, world.live.link_up) == (1, True)
    world.broker.stop()
    world.listener.turn(0)
    assert world.live.link_up is False
    world.broker.start()
    world.listener.turn(0)
    assert (world.ups, world.live.link_up) == (2, True)


def test_without_a_broker_reports_are_stored_and_receipts_wait(world: World) -> None:
    world.say(heard().batch())
    world.studio.cut()
    world.listener.turn(0)
    assert world.states() == {"loa-1": Playback.FINISHED}
    assert world.answers() == []


def test_the_thread_lives_through_everything_and_ends_when_told(world: World) -> None:
    stopping = threading.Event()
    thread = threading.Thread(target=world.listener.run, args=(stopping,))
    thread.start()
    world.say(heard().batch())
    deadline = threading.Event()
    for _ in range(500):
        with reading(world.engine) as session:
            if session.exec(select(JournalRecord)).first() is not None:
                break
        deadline.wait(0.01)
    stopping.set()
    thread.join(5)
    assert not thread.is_alive()
    assert world.states() == {"loa-1": Playback.FINISHED}
