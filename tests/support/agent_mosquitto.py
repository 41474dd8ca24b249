"""A real Mosquitto for agents that live in a time of their own: nothing waits for time, everything for the broker.

Whoever says something waits until the broker has it; whoever listens catches up by a word to himself, which the broker
puts behind all it had for him before. So a test sees every message in its turn, and never sleeps.
"""

import itertools
import socket
from collections import deque
from pathlib import Path

from edge_agent.wire.link import (
    UNACKNOWLEDGED_BY_A_BOX,
    Broker,
    Delivery,
    Event,
    PahoLink,
    Received,
    Up,
    Will,
)
from tests.support.mosquitto import Mosquitto

PATIENCE_S = 10.0


class MosquittoBroker:
    """As much of a SimulatedBroker as a lying broker needs, over the network."""

    def __init__(self, folder: Path) -> None:
        self._mosquitto = Mosquitto(folder, extra="allow_anonymous true\nset_tcp_nodelay true\n")
        self._mosquitto.start()
        self.port = self._mosquitto.port
        self.links: list[MosquittoLink] = []
        self.stirred = False
        """Whether something was said, or asked for, since all caught up."""
        self._hand = self.link("hand")
        self._hand.open()

    def link(self, name: str, will: Will | None = None) -> "MosquittoLink":
        return MosquittoLink(self, name, will)

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._hand.publish(topic, payload, retain=retain)

    def catch_up(self) -> None:
        """Until every link has what the broker has for it."""
        if self.stirred:
            self.stirred = False
            for link in self.links:
                link.catch_up()

    def close(self) -> None:
        for link in list(self.links):
            link.close()
        self._mosquitto.kill()


class MosquittoLink:
    """The real link, with its events in a queue that only `catch_up` fills."""

    def __init__(self, broker: MosquittoBroker, name: str, will: Will | None) -> None:
        self._broker = broker
        address = Broker("127.0.0.1", broker.port, name, unacknowledged=UNACKNOWLEDGED_BY_A_BOX)
        self._link = PahoLink(address, will=will)
        self._marks, self._mark_topic = itertools.count(), f"mark/{name}"
        self._events: deque[Event] = deque()

    def open(self) -> None:
        self._link.subscribe(self._mark_topic)
        self._link.open()
        while not isinstance(self._take(), Up):
            pass
        self._broker.links.append(self)
        self._broker.stirred = True

    def subscribe(self, *patterns: str) -> None:
        self._link.subscribe(*patterns)
        self._broker.stirred = True

    def unsubscribe(self, *patterns: str) -> None:
        self._link.unsubscribe(*patterns)

    def next_event(self, timeout_s: float) -> Event | None:
        assert timeout_s >= 0
        return self._events.popleft() if self._events else None

    def acknowledge(self, received: Received) -> None:
        self._link.acknowledge(received)

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expires_s: int | None = None
    ) -> Delivery:
        delivery = self._link.publish(topic, payload, retain=retain, expires_s=expires_s)
        assert delivery.wait(PATIENCE_S), "the broker does not take it"
        self._broker.stirred = True
        return delivery

    def wake(self) -> None:
        """Nothing to do: `next_event` never waits."""

    def catch_up(self) -> None:
        """Until it has what the broker had for it before now."""
        mark = b"%d" % next(self._marks)
        self._link.publish(self._mark_topic, mark)
        while True:
            event = self._take()
            if isinstance(event, Received) and event.topic == self._mark_topic:
                self._link.acknowledge(event)
                self._events.pop()
                if event.payload == mark:
                    return

    def cut(self) -> None:
        """As by the death of its process: no goodbye."""
        client = self._link._client
        connection = client.socket()
        assert isinstance(connection, socket.socket)
        client._thread_terminate = (
            True  # so that the broken line wakes its thread, and it does not connect again
        )
        connection.shutdown(socket.SHUT_RDWR)
        client.loop_stop()
        self._broker.stirred = True

    def close(self) -> None:
        self._link.close()
        if self in self._broker.links:
            self._broker.links.remove(self)

    def _take(self) -> Event:
        event = self._link.next_event(PATIENCE_S)
        assert event is not None, "the broker has gone silent"
        self._events.append(event)
        return event
