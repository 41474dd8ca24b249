"""What is behind is told once the broker has it, and not before. Over both links."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from edge_agent.wire.link import Broker, Link, PahoLink, Received, Up
from edge_agent.wire.signing import MAX_BYTES
from edge_agent.wire.simulated import SimulatedBroker, SimulatedLink
from scheduler.publisher import Behind, Tick, publish_behind
from tests.support.mosquitto import Mosquitto

PATIENCE_S = 10.0


class Rows:
    """An outbox over a dict: topic -> (wanted, told)."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.wanted = dict.fromkeys(topics, 1)
        self.held = dict.fromkeys(topics, 0)
        self.broken: set[str] = set()
        self.huge: set[str] = set()

    def behind(self) -> Sequence[Behind]:
        return [Behind(topic, n) for topic, n in self.wanted.items() if self.held[topic] < n]

    def payload(self, behind: Behind) -> bytes:
        if behind.topic in self.broken:
            raise ValueError("this zone has no key")
        return b"x" * (MAX_BYTES + 1) if behind.topic in self.huge else f"{behind.n}".encode()

    def told(self, acknowledged: Sequence[Behind]) -> None:
        for each in acknowledged:
            self.held[each.topic] = each.n


class World:
    def __init__(self, link: Callable[[str], Link], stop: Callable[[], None]) -> None:
        self.link, self.stop = link, stop


def real(tmp_path: Path) -> Iterator[World]:
    mosquitto = Mosquitto(tmp_path)
    mosquitto.start()
    links: list[PahoLink] = []

    def link(name: str) -> Link:
        links.append(PahoLink(Broker("127.0.0.1", mosquitto.port, name)))
        return links[-1]

    yield World(link, mosquitto.kill)
    for each in links:
        each.close()
    mosquitto.stop()


def simulated(tmp_path: Path) -> Iterator[World]:
    broker = SimulatedBroker()
    yield World(lambda _name: SimulatedLink(broker), broker.stop)


@pytest.fixture(params=[real, simulated], ids=["mosquitto", "simulated"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    yield from request.param(tmp_path)


def opened(world: World, name: str) -> Link:
    link = world.link(name)
    link.open()
    for _ in range(100):
        if isinstance(link.next_event(PATIENCE_S), Up):
            return link
    raise AssertionError("the link did not come up")


def retained(world: World, count: int) -> dict[str, bytes]:
    """What a newcomer finds at the broker."""
    reader = opened(world, "newcomer")
    reader.subscribe("loa/#")
    found: dict[str, bytes] = {}
    while len(found) < count:
        event = reader.next_event(PATIENCE_S)
        assert event is not None, f"only {sorted(found)} stand at the broker"
        if isinstance(event, Received):
            reader.acknowledge(event)
            found[event.topic] = event.payload
    return found


def topics(count: int) -> list[str]:
    return [f"loa/v1/zone/z{n}/plan" for n in range(count)]


def test_everything_behind_is_published_retained_and_marked(world: World) -> None:
    rows = Rows(topics(30))
    assert publish_behind(rows, opened(world, "studio"), batch=7) == Tick(told=30)
    assert rows.behind() == []
    assert retained(world, 30) == dict.fromkeys(topics(30), b"1")


def test_what_is_told_is_not_told_again(world: World) -> None:
    rows, link = Rows(topics(3)), opened(world, "studio")
    publish_behind(rows, link)
    assert publish_behind(rows, link) == Tick()
    rows.wanted[topics(3)[1]] = 2
    assert publish_behind(rows, link) == Tick(told=1)
    assert retained(world, 3)[topics(3)[1]] == b"2"


def test_one_bad_document_does_not_hold_back_the_others(world: World) -> None:
    rows, bad, huge = Rows(topics(5)), topics(5)[0], topics(5)[3]
    rows.broken, rows.huge = {bad}, {huge}
    tick = publish_behind(rows, opened(world, "studio"), batch=2)
    assert tick == Tick(told=3, bad=(bad, huge))
    assert [b.topic for b in rows.behind()] == [bad, huge]


def test_without_a_broker_nothing_is_marked(world: World) -> None:
    rows, link = Rows(topics(4)), opened(world, "studio")
    world.stop()
    while isinstance(link.next_event(0.2), Up):
        pass
    tick = publish_behind(rows, link, patience_s=2.0)
    assert tick.told == 0
    assert len(rows.behind()) == 4


class Deaf:
    """A delivery the broker never acknowledges."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def wait(self, timeout_s: float) -> bool:
        self.waited.append(timeout_s)
        return False


def test_a_document_without_an_acknowledgement_stays_behind_and_patience_is_spent_once() -> None:
    broker = SimulatedBroker()
    delivery = Deaf()

    class DeafLink(SimulatedLink):
        def publish(  # type: ignore[override]  # a delivery that never comes is what is tested
            self, topic: str, payload: bytes, *, retain: bool = False, expires_s: int | None = None
        ) -> Deaf:
            return delivery

    link = DeafLink(broker)
    link.open()
    rows = Rows(topics(3))
    assert publish_behind(rows, link, patience_s=4.0) == Tick(unanswered=3)
    assert len(rows.behind()) == 3
    assert delivery.waited == [4.0, 0.0, 0.0]
