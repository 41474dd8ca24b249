"""The barest MQTT 5 program that takes part in a fan-out: the floor beside which our agents are measured.

It speaks just enough of MQTT 5 (OASIS standard, 2019) to subscribe at QoS 1, count whole messages and acknowledge
them. No checks, no reconnection, no threads: one epoll loop over raw sockets.
"""

import selectors
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90
_QOS1 = 0x02


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


def connect_packet(client_id: str) -> bytes:
    """CONNECT with a clean start, no will, no user."""
    return _packet(
        CONNECT, _text("MQTT") + bytes([5, 0x02]) + struct.pack("!H", 0) + b"\0" + _text(client_id)
    )


def subscribe_packet(topic: str) -> bytes:
    """SUBSCRIBE to one topic at QoS 1."""
    return _packet(SUBSCRIBE, struct.pack("!H", 1) + b"\0" + _text(topic) + b"\x01")


def publish_packet(topic: str, payload: bytes, number: int = 1) -> bytes:
    """PUBLISH at QoS 1."""
    return _packet(PUBLISH | _QOS1, _text(topic) + struct.pack("!H", number) + b"\0" + payload)


@dataclass
class Bare:
    """One connection, with the packets that have come in whole."""

    socket: socket.socket
    waiting: bytearray = field(default_factory=bytearray)

    def packets(self) -> list[tuple[int, bytes]]:
        """Read what is there and return the whole packets."""
        self.waiting += self.socket.recv(1 << 20)
        whole = []
        while (cut := _cut(self.waiting)) is not None:
            head, end = cut
            whole.append((self.waiting[0], bytes(self.waiting[head:end])))
            del self.waiting[:end]
        return whole


def _cut(data: bytearray) -> tuple[int, int] | None:
    """Where the body of the first packet begins and ends; None while it is not whole."""
    length = 0
    for i in range(1, min(5, len(data))):
        length |= (data[i] & 0x7F) << (7 * (i - 1))
        if not data[i] & 0x80:
            end = i + 1 + length
            return (i + 1, end) if len(data) >= end else None
    return None


def _connected(port: int, client_id: str) -> Bare:
    bare = Bare(socket.create_connection(("127.0.0.1", port)))
    bare.socket.sendall(connect_packet(client_id))
    while not any(kind == CONNACK for kind, _ in bare.packets()):
        pass
    return bare


class Listeners:
    """`count` bare subscribers in one epoll loop."""

    def __init__(self, port: int, count: int, topic: str) -> None:
        self.all = [_connected(port, f"bare-{i}") for i in range(count)]
        self._selector = selectors.DefaultSelector()
        for bare in self.all:
            bare.socket.sendall(subscribe_packet(topic))
        for bare in self.all:
            while not any(kind == SUBACK for kind, _ in bare.packets()):
                pass
            self._selector.register(bare.socket, selectors.EVENT_READ, bare)

    def until_all_heard(self, act: Callable[[], None], *, timeout_s: float = 60.0) -> float:
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
                        after = 2 + struct.unpack("!H", body[:2])[0]
                        bare.socket.sendall(_packet(PUBACK, body[after : after + 2]))
                        missing -= 1
        return time.monotonic() - begun

    def close(self) -> None:
        """Drop every connection."""
        for bare in self.all:
            bare.socket.close()
        self._selector.close()


def fan_out(port: int, count: int, topic: str, payload: bytes, *, rounds: int) -> list[float]:
    """Seconds from publishing `payload` until the last of `count` bare subscribers has it, `rounds` times."""
    listeners = Listeners(port, count, topic)
    speaker = _connected(port, "bare-speaker")
    packet = publish_packet(topic, payload)
    try:
        return [listeners.until_all_heard(lambda: speaker.socket.sendall(packet)) for _ in range(rounds)]
    finally:
        listeners.close()
        speaker.socket.close()
