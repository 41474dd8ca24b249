"""Commands count up, expire, are never kept by the broker, and name who did not answer."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import Engine

from edge_agent.wire import topics
from edge_agent.wire.accounts import Reply
from edge_agent.wire.documents import Command
from edge_agent.wire.link import Received
from edge_agent.wire.simulated import SimulatedBroker, SimulatedLink
from edge_agent.wire.words import CommandName, ReplyState, Revision
from studio import commands, keys
from studio.errors import Invalid, NotFound
from studio.models.commands import Command as CommandRow
from tests.support.places import Commune, commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
AIRING = "baaaaaaaaaa@20261124T050000Z"


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Commune:
    return commune(engine, tmp_path / "keys", now=NOW, devices_in={"loa-1": "ap-1", "loa-2": "ap-1"})


@pytest.fixture
def broker() -> SimulatedBroker:
    return SimulatedBroker()


@pytest.fixture
def studio(broker: SimulatedBroker) -> SimulatedLink:
    link = SimulatedLink(broker)
    link.open()
    return link


def issue(place: Commune, name: CommandName = CommandName.SELF_TEST, **where: str) -> str:
    with place.session() as session:
        return commands.issue(session, name=name, now=NOW, **(where or {"zone": "ap-1"})).id  # type: ignore[arg-type]


def publish(place: Commune, link: SimulatedLink, now: datetime = NOW) -> int:
    return commands.publish(place.engine, link, keys_directory=place.directory, now=lambda: now)


def heard(place: Commune, link: SimulatedLink) -> list[Command]:
    found = []
    while (event := link.next_event(0)) is not None:
        if isinstance(event, Received):
            assert not event.retained
            message = place.open(event.topic, event.payload, now=NOW)
            assert isinstance(message, Command)
            found.append(message)
    return found


def test_a_command_is_said_once_signed_and_not_retained(
    place: Commune, broker: SimulatedBroker, studio: SimulatedLink
) -> None:
    box = SimulatedLink(broker)
    box.subscribe(topics.zone_command("ap-1"), topics.device("loa-1", "command"))
    box.open()
    issue(place, CommandName.STOP)
    issue(place, CommandName.SELF_TEST, device="loa-1")
    assert publish(place, studio) == 2
    assert publish(place, studio) == 0
    stop, test = sorted(heard(place, box), key=lambda command: command.name != "stop")
    assert (stop.zone, stop.name, stop.expires_at) == ("ap-1", "stop", NOW + timedelta(minutes=5))
    assert (test.device, test.name) == ("loa-1", "self-test")
    assert broker.retained == {}


def test_numbers_count_up_for_each_zone_and_device(place: Commune) -> None:
    with place.session() as session:
        issued = [
            commands.issue(session, name=CommandName.STOP, now=NOW, zone=zone, device=device)
            for zone, device in (("ap-1", None), ("ap-1", None), (None, "loa-1"), ("loa-1", None))
        ]
        assert [commands.document(each).number for each in issued] == [(1, 1), (1, 2), (1, 1), (1, 1)]
        keys.raise_epoch(session)
        later = commands.issue(session, name=CommandName.STOP, zone="ap-1", now=NOW)
        assert commands.document(later).number == Revision(2, 3)


def test_a_command_that_expired_while_the_broker_was_away_is_never_said(
    place: Commune, broker: SimulatedBroker, studio: SimulatedLink
) -> None:
    issue(place)
    broker.stop()
    assert publish(place, studio) == 0
    broker.start()
    assert publish(place, studio, NOW + timedelta(minutes=2)) == 0
    assert publish(place, studio, NOW + timedelta(minutes=1)) == 1


def test_a_command_needs_one_target(place: Commune) -> None:
    with place.session() as session:
        for zone, device in ((None, None), ("ap-1", "loa-1")):
            with pytest.raises(Invalid, match="một vùng phát hoặc một cụm loa"):
                commands.issue(session, name=CommandName.STOP, now=NOW, zone=zone, device=device)
        with pytest.raises(NotFound, match="ap-9"):
            commands.issue(session, name=CommandName.STOP, zone="ap-9", now=NOW)
        with pytest.raises(NotFound):
            commands.status(session, "nothing-like-it", now=NOW)


def test_an_airing_that_cannot_be_is_refused_and_takes_no_number(place: Commune) -> None:
    with pytest.raises(Invalid, match="«b123 typo»") as refused, place.session() as session:
        commands.issue(session, name=CommandName.STOP, zone="ap-1", airing="b123 typo", now=NOW)
    assert refused.value.field == "airing"
    with place.session() as session:
        command = commands.issue(session, name=CommandName.STOP, zone="ap-1", airing=AIRING, now=NOW)
        assert (command.airing, command.n) == (AIRING, 1)


def test_a_command_that_cannot_be_said_does_not_silence_the_others(
    place: Commune, broker: SimulatedBroker, studio: SimulatedLink
) -> None:
    box = SimulatedLink(broker)
    box.subscribe(topics.zone_command("ap-1"))
    box.open()
    bad, good = issue(place), issue(place)
    with place.session() as session:
        session.get_one(CommandRow, bad).airing = "b123 typo"
    assert publish(place, studio) == 1
    assert [command.id for command in heard(place, box)] == [good]


class _Never:
    """On its way to a broker that takes everything and acknowledges nothing."""

    def __init__(self, waited: list[float]) -> None:
        self._waited = waited

    def wait(self, timeout_s: float) -> bool:
        self._waited.append(timeout_s)
        return False


class HungLink(SimulatedLink):
    def __init__(self, broker: SimulatedBroker) -> None:
        super().__init__(broker)
        self.waited: list[float] = []

    def publish(self, *_: object, **__: object) -> _Never:  # type: ignore[override]
        return _Never(self.waited)


def test_a_broker_that_hangs_is_waited_for_once_however_many_commands_there_are(
    place: Commune, broker: SimulatedBroker
) -> None:
    link = HungLink(broker)
    link.open()
    for _ in range(20):
        issue(place)
    assert publish(place, link) == 0
    assert len(link.waited) == 20
    assert sum(link.waited) <= 5, "emergencies wait behind this"


STORY = [ReplyState.RECEIVED, ReplyState.RECEIVED, ReplyState.DONE]


@pytest.mark.parametrize("told", sorted(set(permutations(STORY))))
def test_replies_in_any_order_end_in_the_final_word(place: Commune, told: tuple[ReplyState, ...]) -> None:
    command = issue(place)
    for state in told:
        with place.session() as session:
            reply = Reply(kind="reply", device="loa-1", command=command, state=state, at=NOW)
            commands.note(session, [reply], now=NOW)
    with place.session() as session:
        status = commands.status(session, command, now=NOW)
    assert [(a.device, a.state) for a in status.answers] == [("loa-1", ReplyState.DONE), ("loa-2", None)]


def test_who_did_not_answer_is_named_when_it_is_over(place: Commune) -> None:
    command = issue(place)
    reply = Reply(
        kind="reply", device="loa-1", command=command, state=ReplyState.FAILED, at=NOW, reason="loa hỏng"
    )
    with place.session() as session:
        assert commands.note(session, [reply], now=NOW) == {command}
        assert not commands.status(session, command, now=NOW).over
        status = commands.status(session, command, now=NOW + timedelta(minutes=2))
    assert status.over
    assert [a.name for a in status.unanswered] == ["loa-2"]
    assert status.answers[0].reason == "loa hỏng"


def test_a_reply_to_nothing_or_from_a_stranger_is_passed_over(place: Commune) -> None:
    command = issue(place, device="loa-1")
    replies = [
        Reply(kind="reply", device="loa-2", command=command, state=ReplyState.DONE, at=NOW),
        Reply(kind="reply", device="loa-1", command="no-such-command", state=ReplyState.DONE, at=NOW),
    ]
    with place.session() as session:
        assert commands.note(session, replies, now=NOW) == frozenset()
