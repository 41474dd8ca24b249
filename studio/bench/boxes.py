"""Simulated devices that report: real keys, real signatures, bare connections, so that ours is the only cost."""

import selectors
from collections.abc import Iterable
from dataclasses import dataclass, field

from joserfc.jwk import OKPKey

from edge_agent.wire import topics
from edge_agent.wire.accounts import NO_RECORD, Report, ReportBatch, digest
from edge_agent.wire.signing import new_key, sign
from edge_agent.wire.words import ClockTrust, Playback, airing_id
from studio.bench.bare import (
    PUBACK,
    PUBLISH,
    SUBACK,
    Bare,
    puback_packet,
    publish_packet,
    published,
    subscribe_packet,
)
from studio.bench.commune import NOW

JOURNAL = "journal-1"
STORY = (Playback.STARTED, Playback.FINISHED)
"""What a device writes of each airing."""


def airing_of(record: int) -> str:
    """The airing of which a device tells in its record of that number."""
    return airing_id(f"b{(record - 1) // len(STORY):010d}", NOW)


@dataclass
class Box:
    """One device and its journal."""

    device: str
    key: OKPKey = field(default_factory=new_key)
    last: int = 0
    """Number of its newest record."""
    _last_text: str | None = None

    def report(self, records: int) -> bytes:
        """Write so many records, and sign the batch of them: the packet to publish."""
        texts = []
        for n in range(self.last + 1, self.last + records + 1):
            told = Report(
                n=n,
                previous=NO_RECORD if self._last_text is None else digest(self._last_text),
                airing=airing_of(n),
                playback=STORY[(n - 1) % len(STORY)],
                at=NOW,
                started_at=NOW,
                start_error_ms=12.5,
                volume=80,
                clock=ClockTrust.TRUSTED,
                clock_error_s=0.02,
            )
            self._last_text = told.wire_json()
            texts.append(self._last_text)
        self.last += records
        batch = ReportBatch(kind="report", device=self.device, journal=JOURNAL, records=tuple(texts))
        return publish_packet(topics.of(batch), sign(batch, self.key), number=1 + self.last % 65535)


class Boxes:
    """A connection for each box, listening for its receipts, all in one epoll loop."""

    def __init__(self, port: int, boxes: Iterable[Box]) -> None:
        self._selector = selectors.DefaultSelector()
        self._all: dict[str, Bare] = {}
        self.receipts: dict[str, bytes] = {}
        """The newest receipt of each device."""
        self.answered: set[str] = set()
        """Devices that got a receipt since `forget`."""
        for box in boxes:
            bare = self._all[box.device] = Bare.connected(port, box.device)
            bare.send(subscribe_packet(topics.device(box.device, "receipt")))
        for device, bare in self._all.items():
            bare.await_packet(SUBACK)
            self._selector.register(bare.socket, selectors.EVENT_READ, (device, bare))

    def say(self, device: str, packet: bytes) -> None:
        """Publish what a device reports."""
        self._all[device].send(packet)

    def forget(self) -> None:
        """Begin to count receipts anew."""
        self.answered.clear()

    def listen(self, timeout_s: float) -> None:
        """Take in what has come; wait for it at most so long."""
        for key, _ in self._selector.select(timeout_s):
            device, bare = key.data
            for kind, body in bare.packets():
                if kind & 0xF0 == PUBLISH:
                    _, number, self.receipts[device] = published(body)
                    self.answered.add(device)
                    bare.send(puback_packet(number))
                else:
                    assert kind == PUBACK

    def close(self) -> None:
        """Drop every connection."""
        for bare in self._all.values():
            bare.close()
        self._selector.close()
