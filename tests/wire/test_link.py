"""One contract for the real link and the simulated one."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent.wire.errors import LinkDown
from edge_agent.wire.link import Broker, Down, Event, Link, PahoLink, Received, Up, Will
from edge_agent.wire.simulated import SimulatedBroker, SimulatedLink
from tests.support.mosquitto import Mosquitto

PATIENCE_S = 10.0


class World:
    """A broker that can be stopped, started and wiped, and links to it."""

    def __init__(
        self,
        link: Callable[..., Link],
        stop: Callable[[], None],
        start: Callable[[], None],
        wipe: Callable[[], None],
        whisper: Callable[[str, bytes], None],
    ) -> None:
        """`whisper` publishes at QoS 0, retained, as no link of ours does."""
        self.link, self.stop, self.start, self.wipe, self.whisper = link, stop, start, wipe, whisper


def whisper(port: int, topic: str, payload: bytes) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.publish(topic, payload, qos=0, retain=True).wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


def real(tmp_path: Path) -> Iterator[World]:
    mosquitto = Mosquitto(tmp_path)
    mosquitto.start()
    links: list[PahoLink] = []

    def link(name: str, will: Will | None = None) -> PahoLink:
        links.append(PahoLink(Broker("127.0.0.1", mosquitto.port, name), will=will))
        return links[-1]

    yield World(link, mosquitto.kill, mosquitto.start, mosquitto.wipe, partial(whisper, mosquitto.port))
    for each in links:
        each.close()
    mosquitto.stop()


def simulated(tmp_path: Path) -> Iterator[World]:
    broker = SimulatedBroker()

    def link(name: str, will: Will | None = None) -> SimulatedLink:
        return SimulatedLink(broker, will=will)

    def wipe() -> None:
        broker.stop()
        broker.wipe()
        broker.start()

    yield World(link, broker.stop, broker.start, wipe, partial(broker.say, retain=True, qos=0))


@pytest.fixture(params=[real, simulated], ids=["mosquitto", "simulated"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    yield from request.param(tmp_path)


def upcoming(link: Link, kind: type[Event]) -> Event:
    """The next event of that kind; others are passed over."""
    for _ in range(100):
        event = link.next_event(PATIENCE_S)
        assert event is not None, f"no {kind.__name__} came"
        if isinstance(event, kind):
            return event
    raise AssertionError(f"100 events and no {kind.__name__}")


def heard(link: Link) -> Received:
    event = upcoming(link, Received)
    assert isinstance(event, Received)
    link.acknowledge(event)
    return event


def opened(world: World, name: str, *patterns: str, will: Will | None = None) -> Link:
    link = world.link(name, will=will)
    link.subscribe(*patterns)
    link.open()
    upcoming(link, Up)
    return link


def test_what_one_says_the_other_hears(world: World) -> None:
    listener, speaker = opened(world, "a", "t/#"), opened(world, "b")
    assert speaker.publish("t/1", b"xin ch\xc3\xa0o").wait(PATIENCE_S)
    got = heard(listener)
    assert (got.topic, got.payload, got.retained) == ("t/1", b"xin ch\xc3\xa0o", False)


def test_a_retained_message_waits_for_who_comes_later(world: World) -> None:
    speaker = opened(world, "b")
    assert speaker.publish("t/plan", b"14 days", retain=True).wait(PATIENCE_S)
    got = heard(opened(world, "a", "t/+"))
    assert (got.payload, got.retained) == (b"14 days", True)


def test_a_retained_message_says_so_also_to_who_is_there(world: World) -> None:
    listener, speaker = opened(world, "a", "t/+"), opened(world, "b")
    assert speaker.publish("t/command", b"stop", retain=True).wait(PATIENCE_S)
    assert heard(listener).retained


def test_without_a_broker_publishing_says_link_down(world: World) -> None:
    link = opened(world, "a")
    world.stop()
    upcoming(link, Down)
    with pytest.raises(LinkDown):
        link.publish("t/1", b"lost?")


def test_a_link_opened_before_its_broker_comes_up_with_it(world: World) -> None:
    world.stop()
    link = world.link("a")
    link.subscribe("t/#")
    link.open()
    world.start()
    upcoming(link, Up)
    assert link.publish("t/1", b"now").wait(PATIENCE_S)
    assert heard(link).payload == b"now"


def test_a_link_to_a_broker_that_is_away_says_so(world: World) -> None:
    world.stop()
    link = world.link("a")
    link.open()
    upcoming(link, Down)


def test_who_says_goodbye_hears_of_no_trouble(world: World) -> None:
    link = opened(world, "a")
    link.close()
    assert link.next_event(0.0) is None


def test_after_a_break_it_is_subscribed_again(world: World) -> None:
    link = opened(world, "a", "t/#")
    world.stop()
    upcoming(link, Down)
    world.start()
    upcoming(link, Up)
    assert link.publish("t/1", b"again").wait(PATIENCE_S)
    assert heard(link).payload == b"again"


def test_a_wiped_broker_keeps_nothing(world: World) -> None:
    link = opened(world, "a", "t/#")
    assert link.publish("t/1", b"old", retain=True).wait(PATIENCE_S)
    heard(link)
    world.wipe()
    upcoming(link, Up)
    assert link.publish("t/2", b"new").wait(PATIENCE_S)
    assert heard(link).payload == b"new"


def test_nothing_is_heard_after_unsubscribing(world: World) -> None:
    link = opened(world, "a", "t/#")
    link.unsubscribe("t/#")
    link.subscribe("u")
    assert link.publish("t/1", b"unheard").wait(PATIENCE_S)
    assert link.publish("u", b"heard").wait(PATIENCE_S)
    assert heard(link).payload == b"heard"


def test_who_breaks_off_leaves_a_will(tmp_path: Path) -> None:
    broker = SimulatedBroker()
    watcher = SimulatedLink(broker)
    watcher.subscribe("presence")
    watcher.open()
    leaving = SimulatedLink(broker, will=Will("presence", b"gone"))
    leaving.open()
    leaving.cut()
    assert heard(watcher).payload == b"gone"


def test_what_was_said_at_qos_0_is_heard_and_does_not_break_the_link(world: World) -> None:
    listener = opened(world, "a", "t/#")
    world.whisper("t/1", b"at QoS 0")
    got = heard(listener)
    assert (got.payload, got.qos, got.mid) == (b"at QoS 0", 0, 0)
    # Had the acknowledgement broken the protocol, the broker would read no further word of this connection.
    assert listener.publish("t/2", b"still up").wait(PATIENCE_S)
    event = listener.next_event(PATIENCE_S)
    assert isinstance(event, Received) and event.payload == b"still up"
    listener.acknowledge(event)
    assert heard(opened(world, "b", "t/1")).payload == b"at QoS 0"


def test_waiting_ends_when_time_is_up(world: World) -> None:
    link = opened(world, "a")
    assert link.next_event(0.0) is None


def test_a_woken_reader_returns_at_once(tmp_path: Path) -> None:
    link = PahoLink(Broker("127.0.0.1", 1, "nobody"))
    link.wake()
    assert link.next_event(60.0) is None
