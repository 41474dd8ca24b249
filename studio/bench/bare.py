"""The barest MQTT 5 programs that take part in our work: the floor beside which ours is measured.

They speak just enough of MQTT 5 (OASIS standard, 2019) to publish and subscribe at QoS 1. No checks, no
reconnection, no threads: raw sockets.
"""

import selectors
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90
PATIENCE_S = 60.0
"""A broker that says nothing for so long says nothing more."""
_QOS1, _RETAIN = 0x02, 0x01


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("!H", len(raw)) + raw


def _packet(kind: int, body: bytes) -> bytes:
    length, left = b"", len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([kind]) + length + body


def _length(data: bytes | bytearray, start: int) -> tuple[int, int] | None:
    """A variable byte integer at `start`: its value and where it ends; None while it is not whole."""
    value = 0
    for i in range(start, min(start + 4, len(data))):
        value |= (data[i] & 0x7F) << (7 * (i - start))
        if not data[i] & 0x80:
            return value, i + 1
    return None


def connect_packet(client_id: str) -> bytes:
    """CONNECT with a clean start, no will, no user, no keep-alive."""
    return _packet(
        CONNECT, _text("MQTT") + bytes([5, 0x02]) + struct.pack("!H", 0) + b"\0" + _text(client_id)
    )


def subscribe_packet(*topics: str) -> bytes:
    """SUBSCRIBE to topics at QoS 1."""
    return _packet(SUBSCRIBE, struct.pack("!H", 1) + b"\0" + b"".join(_text(t) + b"\x01" for t in topics))


def publish_packet(topic: str, payload: bytes, number: int = 1, *, retain: bool = False) -> bytes:
    """PUBLISH at QoS 1; `number` (1 to 65535) is the packet's identifier."""
    head = _text(topic) + struct.pack("!H", number) + b"\0"
    return _packet(PUBLISH | _QOS1 | (_RETAIN if retain else 0), head + payload)


def puback_packet(number: int) -> bytes:
    """PUBACK of one message."""
    return _packet(PUBACK, struct.pack("!H", number))


def published(body: bytes) -> tuple[str, int, bytes]:
    """Topic, number and payload of a whole PUBLISH at QoS 1. Raises ValueError if it is none."""
    end = 2 + struct.unpack_from("!H", body)[0]
    properties = _length(body, end + 2)
    if properties is None:
        raise ValueError("not a PUBLISH at QoS 1")
    size, after = properties
    return body[2:end].decode(), struct.unpack_from("!H", body, end)[0], body[after + size :]


@dataclass
class Bare:
    """One connection, with the packets that have come in whole."""

    socket: socket.socket
    waiting: bytearray = field(default_factory=bytearray)

    @classmethod
    def connected(cls, port: int, client_id: str) -> "Bare":
        """Connect to the broker on loopback. Raises OSError."""
        bare = cls(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
        bare.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bare.send(connect_packet(client_id))
        bare.await_packet(CONNACK)
        return bare

    def send(self, packet: bytes) -> None:
        """Hand a packet to the kernel."""
        self.socket.sendall(packet)

    def packets(self) -> list[tuple[int, bytes]]:
        """Read what is there, waiting for at least a byte; return first byte and body of the whole packets.

        Raises ConnectionError if the broker has hung up.
        """
        told = self.socket.recv(1 << 20)
        if not told:
            raise ConnectionError("the broker has hung up")
        self.waiting += told
        whole = []
        start = 0
        while (cut := _length(self.waiting, start + 1)) is not None:
            size, head = cut
            if len(self.waiting) < head + size:
                break
            whole.append((self.waiting[start], bytes(self.waiting[head : head + size])))
            start = head + size
        del self.waiting[:start]
        return whole

    def await_packet(self, kind: int) -> None:
        """Wait for a packet of this kind; nothing else may be under way."""
        while not any(first & 0xF0 == kind & 0xF0 for first, _ in self.packets()):
            pass

    def close(self) -> None:
        """Drop the connection."""
        self.socket.close()


class Listeners:
    """`count` bare subscribers in one epoll loop."""

    def __init__(self, port: int, count: int, topic: str) -> None:
        self.all = [Bare.connected(port, f"bare-{i}") for i in range(count)]
        self._selector = selectors.DefaultSelector()
        for bare in self.all:
            bare.send(subscribe_packet(topic))
        for bare in self.all:
            bare.await_packet(SUBACK)
            self._selector.register(bare.socket, selectors.EVENT_READ, bare)

    def until_all_heard(self, act: Callable[[], None], *, timeout_s: float = PATIENCE_S) -> float:
        """Call `act`, and return the seconds until every listener has one whole message. Raises TimeoutError."""
        missing = len(self.all)
        begun = time.monotonic()
        act()
        while missing:
            if time.monotonic() - begun > timeout_s:
                raise TimeoutError(f"{missing} bare listeners heard nothing")
            for key, _ in self._selector.select(timeout_s):
                bare: Bare = key.data
                for kind, body in bare.packets():
                    if kind & 0xF0 == PUBLISH:
                        bare.send(puback_packet(published(body)[1]))
                        missing -= 1
        return time.monotonic() - begun

    def close(self) -> None:
        """Drop every connection."""
        for bare in self.all:
            bare.close()
        self._selector.close()


def fan_out(port: int, count: int, topic: str, payload: bytes, *, rounds: int) -> list[float]:
    """Seconds from publishing `payload` until the last of `count` bare subscribers has it, `rounds` times."""
    listeners = Listeners(port, count, topic)
    speaker = Bare.connected(port, "bare-speaker")
    packet = publish_packet(topic, payload)
    try:
        times = []
        for _ in range(rounds):
            times.append(listeners.until_all_heard(lambda: speaker.send(packet)))
            speaker.await_packet(PUBACK)  # its number may be used again only now
        return times
    finally:
        listeners.close()
        speaker.close()
