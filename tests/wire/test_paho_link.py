"""The real link alone: what only a real broker does, or one that is odd."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.wire.errors import LinkDown
from edge_agent.wire.link import MAX_PACKET, Broker, Event, PahoLink, Received, Up
from edge_agent.wire.signing import MAX_BYTES
from tests.support.mosquitto import Mosquitto

PATIENCE_S = 10.0


def upcoming(link: PahoLink, kind: type[Event]) -> Event:
    """The next event, which is of that kind."""
    event = link.next_event(PATIENCE_S)
    assert isinstance(event, kind), event
    return event


def heard(link: PahoLink) -> Received:
    event = upcoming(link, Received)
    assert isinstance(event, Received)
    link.acknowledge(event)
    return event


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path)
    mosquitto.start()
    yield mosquitto
    mosquitto.stop()


@pytest.fixture
def linked() -> Iterator[Callable[..., PahoLink]]:
    links: list[PahoLink] = []

    def link(port: int, name: str, *patterns: str, unacknowledged: int = 1000) -> PahoLink:
        links.append(PahoLink(Broker("127.0.0.1", port, name, unacknowledged=unacknowledged)))
        links[-1].subscribe(*patterns)
        links[-1].open()
        return links[-1]

    yield link
    for each in links:
        each.close()


def test_the_broker_sends_no_more_than_was_agreed_before_it_is_acknowledged(
    mosquitto: Mosquitto, linked: Callable[..., PahoLink]
) -> None:
    slow = linked(mosquitto.port, "slow", "t/#", unacknowledged=3)
    upcoming(slow, Up)
    speaker = linked(mosquitto.port, "b")
    upcoming(speaker, Up)
    for n in range(5):
        assert speaker.publish(f"t/{n}", b"x").wait(PATIENCE_S)
    first, *_ = [upcoming(slow, Received) for _ in range(3)]
    # An answer from the broker on the same connection: whatever else it had to say would have come before.
    assert slow.publish("u", b"are you there?").wait(PATIENCE_S)
    assert slow.next_event(0.0) is None
    assert isinstance(first, Received)
    slow.acknowledge(first)
    assert heard(slow).topic == "t/3"


def test_what_is_larger_than_any_message_of_ours_is_not_sent_to_us(
    mosquitto: Mosquitto, linked: Callable[..., PahoLink]
) -> None:
    link = linked(mosquitto.port, "a", "t/#")
    upcoming(link, Up)
    assert link.publish("t/huge", b"x" * MAX_PACKET).wait(PATIENCE_S)
    assert link.publish("t/large", b"x" * MAX_BYTES).wait(PATIENCE_S)
    assert heard(link).topic == "t/large"


class OddBroker(threading.Thread):
    """Speaks just enough MQTT to say what no real broker passes on."""

    def __init__(self, *packets: bytes) -> None:
        super().__init__(daemon=True)
        self._packets = packets
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.acknowledged: list[int] = []
        self.start()

    def run(self) -> None:
        connection, _ = self._socket.accept()
        with self._socket, connection, connection.makefile("rb") as said:
            while head := said.read(2):
                body = said.read(head[1])
                if head[0] == 0x10:  # CONNECT
                    connection.sendall(bytes([0x20, 3, 0, 0, 0]))
                elif head[0] == 0x82:  # SUBSCRIBE
                    connection.sendall(b"".join(self._packets))
                elif head[0] == 0x40:  # PUBACK
                    self.acknowledged.append(int.from_bytes(body[:2]))
        self._socket.close()


def publish_packet(topic: bytes, mid: int) -> bytes:
    body = len(topic).to_bytes(2) + topic + mid.to_bytes(2) + b"\0" + b"x"
    return bytes([0x32, len(body)]) + body


def test_a_topic_that_is_no_text_is_heard_and_acknowledged_like_any_other(
    linked: Callable[..., PahoLink],
) -> None:
    broker = OddBroker(publish_packet(b"t/\xff\xfe", 7), publish_packet(b"t/1", 8))
    link = linked(broker.port, "a", "t/#")
    upcoming(link, Up)
    assert [heard(link).topic, heard(link).topic] == ["t/\ufffd\ufffd", "t/1"]
    link.close()
    broker.join(PATIENCE_S)
    assert broker.acknowledged == [7, 8]


def test_a_fault_in_a_callback_does_not_end_the_network_thread(
    mosquitto: Mosquitto, linked: Callable[..., PahoLink]
) -> None:
    link = linked(mosquitto.port, "a", "t/#/no-pattern")  # refused by paho as the connection stands
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            delivery = link.publish("t/1", b"x")
        except LinkDown:
            link.next_event(0.05)
            continue
        assert delivery.wait(PATIENCE_S), "nobody reads the answers of the broker any more"
        return
    raise AssertionError("the connection never stood")
