"""A broker and links in memory: months of operation and every order of events in seconds.

Held to the same contract suite as the real link. No threads and no time of its own: events lie in a queue until they
are asked for, and `next_event` never waits.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from paho.mqtt.client import topic_matches_sub

from edge_agent.wire.errors import LinkDown
from edge_agent.wire.link import Down, Event, Received, Up, Will

Tamper = Callable[[str, bytes], bytes | None]
"""Sees every message on its way through the broker; returns what goes on, or None to swallow it."""


@dataclass
class SimulatedBroker:
    """Keeps retained messages and passes messages on. Can be wiped, be away, or lie."""

    retained: dict[str, bytes] = field(default_factory=dict)
    links: "list[SimulatedLink]" = field(default_factory=list)
    tamper: Tamper | None = None
    up: bool = True

    def stop(self) -> None:
        """Break every connection and refuse new ones."""
        self.up = False
        for link in list(self.links):
            link.cut()

    def start(self) -> None:
        """Take connections again; links that are open come back at once."""
        self.up = True
        for link in list(self.links):
            link.mend()

    def wipe(self) -> None:
        """Forget every retained message."""
        self.retained.clear()

    def say(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        """Pass a message on, whoever it is from: also how a broker that lies speaks."""
        if self.tamper is not None:
            changed = self.tamper(topic, payload)
            if changed is None:
                return
            payload = changed
        if retain and payload:
            self.retained[topic] = payload
        elif retain:
            self.retained.pop(topic, None)
        for link in self.links:
            link.hear(topic, payload, retained=retain, qos=qos)


class _Delivered:
    def wait(self, timeout_s: float) -> bool:
        return timeout_s >= 0


class SimulatedLink:
    """A link to a SimulatedBroker."""

    def __init__(self, broker: SimulatedBroker, *, will: Will | None = None) -> None:
        self._broker = broker
        self._will = will
        self._patterns: set[str] = set()
        self._events: deque[Event] = deque()
        self._connected = False
        self._mid = 0
        self.unacknowledged: dict[int, Received] = {}

    def open(self) -> None:
        self._broker.links.append(self)
        if self._broker.up:
            self.mend()
        else:
            self._events.append(Down("the broker is away"))

    def subscribe(self, *patterns: str) -> None:
        self._patterns.update(patterns)
        if self._connected:
            self._give_retained(set(patterns))

    def unsubscribe(self, *patterns: str) -> None:
        self._patterns.difference_update(patterns)

    def next_event(self, timeout_s: float) -> Event | None:
        assert timeout_s >= 0
        if not self._events:
            return None
        event = self._events.popleft()
        if isinstance(event, Received) and event.qos > 0:
            self.unacknowledged[event.mid] = event
        return event

    def acknowledge(self, received: Received) -> None:
        self.unacknowledged.pop(received.mid, None)

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expires_s: int | None = None
    ) -> _Delivered:
        assert expires_s is None or expires_s > 0
        if not self._connected:
            raise LinkDown("no connection to the broker")
        self._broker.say(topic, payload, retain=retain)
        return _Delivered()

    def wake(self) -> None:
        """Nothing to do: `next_event` never waits."""

    def close(self) -> None:
        self._connected = False
        self._broker.links.remove(self)

    def cut(self) -> None:
        """Break the connection from outside: the will is published, and a Down follows."""
        if not self._connected:
            return
        self._connected = False
        self._events.append(Down("cut"))
        if self._will is not None:
            self._broker.say(self._will.topic, self._will.payload, retain=True)

    def mend(self) -> None:
        """Connect again, as the real link does by itself."""
        if self._connected or not self._broker.up:
            return
        self._connected = True
        self._events.append(Up())
        self._give_retained(self._patterns)

    def hear(self, topic: str, payload: bytes, *, retained: bool, qos: int = 1) -> None:
        """Called by the broker for every message."""
        if self._connected and any(topic_matches_sub(p, topic) for p in self._patterns):
            self._events.append(Received(topic, payload, retained, self._next_mid() if qos else 0, qos))

    def _give_retained(self, patterns: set[str]) -> None:
        for topic, payload in list(self._broker.retained.items()):
            if any(topic_matches_sub(p, topic) for p in patterns):
                self._events.append(Received(topic, payload, True, self._next_mid()))

    def _next_mid(self) -> int:
        self._mid += 1
        return self._mid
