"""The link to the broker: MQTT 5, QoS 1, a clean session. The only module that knows paho.

Events are pulled, not pushed: a loop asks `next_event`, does its work, commits, and only then acknowledges.
Nothing of ours runs in the network thread, where an exception would leave the box deaf.
"""

import functools
import logging
import queue
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge_agent.wire.errors import LinkDown
from edge_agent.wire.signing import MAX_BYTES

log = logging.getLogger(__name__)

UNACKNOWLEDGED = 1000
"""How many messages the broker may send ahead of our acknowledgements: the back-pressure of a slow reader."""
UNACKNOWLEDGED_BY_A_BOX = 50
"""The same for a device: so many messages of the largest size still fit into a small memory."""
MAX_PACKET = MAX_BYTES + 8 * 1024
"""Bytes of the largest packet the broker may send us: a message, and around it its topic and properties."""


@dataclass(frozen=True)
class Up:
    """The connection stands, and every pattern is subscribed again."""


@dataclass(frozen=True)
class Down:
    """The connection is gone, was refused, or never stood; the link goes on trying."""

    why: str


@dataclass(frozen=True)
class Received:
    """One message. Acknowledge it when its work is on disk: what is not acknowledged may come again."""

    topic: str
    payload: bytes
    retained: bool
    mid: int
    qos: int = 1
    """0: it was said once and cannot be acknowledged; its `mid` is no number."""


Event = Up | Down | Received


@dataclass(frozen=True)
class Will:
    """What the broker says, retained, when the connection breaks."""

    topic: str
    payload: bytes


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and who we are to it."""

    host: str
    port: int
    client_id: str
    username: str = ""
    password: str = ""
    keepalive_s: int = 30
    tls_ca: Path | None = None
    """The CA of the broker's certificate; null: no TLS."""
    unacknowledged: int = UNACKNOWLEDGED
    """How many messages it may send ahead of our acknowledgements."""


class Delivery(Protocol):
    """One message on its way to the broker."""

    def wait(self, timeout_s: float) -> bool:
        """Wait until the broker has it; False when time is up."""
        ...


class Link(Protocol):
    """A connection that mends itself. One thread reads; any thread may publish or wake."""

    def open(self) -> None:
        """Begin to connect; an `Up` follows when it stands. Never raises because the broker is away."""
        ...

    def subscribe(self, *patterns: str) -> None:
        """Ask for these topics, now and after every reconnection."""
        ...

    def unsubscribe(self, *patterns: str) -> None:
        """Ask for them no more."""
        ...

    def next_event(self, timeout_s: float) -> Event | None:
        """Return what happened next; None when time is up or someone woke us."""
        ...

    def acknowledge(self, received: Received) -> None:
        """Tell the broker that this message is dealt with."""
        ...

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expires_s: int | None = None
    ) -> Delivery:
        """Hand a message to the broker at QoS 1. Raises LinkDown when there is no connection."""
        ...

    def wake(self) -> None:
        """Make `next_event` return None at once."""
        ...

    def close(self) -> None:
        """Say goodbye; the will is not published."""
        ...


class _PahoDelivery:
    def __init__(self, info: mqtt.MQTTMessageInfo) -> None:
        self._info = info

    def wait(self, timeout_s: float) -> bool:
        try:
            self._info.wait_for_publish(timeout_s)
        except (RuntimeError, ValueError):  # paho's words for "it was never sent"
            return False
        # wait_for_publish returns quietly when time is up, so ask.
        return self._info.is_published()


P = ParamSpec("P")


def _survived(callback: Callable[P, None]) -> Callable[P, None]:
    """What is called in the network thread must not raise: that would end the thread, and the link for good."""

    @functools.wraps(callback)
    def called(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except Exception:
            log.exception("a fault in the network thread")

    return called


@_survived
def _without_delay(_c: Any, _u: Any, connection: Any) -> None:
    # Else Nagle's algorithm keeps a small message back for 40 ms after another one: a receipt, a stop.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class PahoLink:
    """The real link."""

    def __init__(self, broker: Broker, *, will: Will | None = None) -> None:
        self._broker = broker
        self._patterns: set[str] = set()
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=broker.client_id, protocol=mqtt.MQTTv5, manual_ack=True
        )
        if broker.username:
            client.username_pw_set(broker.username, broker.password)
        if broker.tls_ca is not None:
            client.tls_set(ca_certs=str(broker.tls_ca), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=True)
        client.max_inflight_messages_set(UNACKNOWLEDGED)
        client.reconnect_delay_set(1, 60)
        client.on_socket_open = _without_delay
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        self._client = client

    def open(self) -> None:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        broker = self._broker
        properties.ReceiveMaximum = broker.unacknowledged
        properties.MaximumPacketSize = MAX_PACKET
        self._client.connect_async(
            broker.host, broker.port, broker.keepalive_s, clean_start=True, properties=properties
        )
        self._client.loop_start()

    def subscribe(self, *patterns: str) -> None:
        self._patterns.update(patterns)
        if self._client.is_connected():
            self._ask_for(patterns)

    def unsubscribe(self, *patterns: str) -> None:
        self._patterns.difference_update(patterns)
        if patterns and self._client.is_connected():
            self._client.unsubscribe(list(patterns))

    def next_event(self, timeout_s: float) -> Event | None:
        try:
            return self._events.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None

    def acknowledge(self, received: Received) -> None:
        # To acknowledge what came at QoS 0 breaks the protocol: the broker would cut us off, time and again.
        if received.qos > 0:
            self._client.ack(received.mid, received.qos)

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expires_s: int | None = None
    ) -> Delivery:
        # paho would keep the message for later; our truth is on disk, so we try again ourselves.
        if not self._client.is_connected():
            raise LinkDown("no connection to the broker")
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if expires_s is not None:
            properties.MessageExpiryInterval = expires_s
        info = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkDown(mqtt.error_string(info.rc))
        return _PahoDelivery(info)

    def wake(self) -> None:
        self._events.put(None)

    def close(self) -> None:
        self._client.on_disconnect = None  # a farewell is no trouble
        self._client.disconnect()
        self._client.loop_stop()

    def _ask_for(self, patterns: tuple[str, ...] | set[str]) -> None:
        if patterns:
            # Without retain-as-published a forwarded live message of a retained topic looks unretained.
            options = SubscribeOptions(qos=1, retainAsPublished=True)
            self._client.subscribe([(pattern, options) for pattern in sorted(patterns)])

    @_survived
    def _on_connect(self, _c: Any, _u: Any, _flags: Any, code: ReasonCode, _p: Any) -> None:
        if code.is_failure:
            log.warning("the broker refuses us: %s", code)
            self._events.put(Down(str(code)))
            return
        self._ask_for(self._patterns)
        self._events.put(Up())

    @_survived
    def _on_connect_fail(self, _c: Any, _u: Any) -> None:
        self._events.put(Down("nobody answers there"))

    @_survived
    def _on_disconnect(self, _c: Any, _u: Any, _flags: Any, code: ReasonCode, _p: Any) -> None:
        self._events.put(Down(str(code)))

    @_survived
    def _on_message(self, _c: Any, _u: Any, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError as error:
            # No topic of ours: whoever reads it refuses it, counts it and acknowledges it like any other.
            topic = error.object.decode(errors="replace")
        self._events.put(Received(topic, bytes(message.payload), message.retain, message.mid, message.qos))
