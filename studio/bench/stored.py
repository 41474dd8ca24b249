"""From a device's report to its committed row and its receipt: the real listener beside the barest one."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from edge_agent.wire import topics
from edge_agent.wire.documents import Receipt
from edge_agent.wire.link import Broker, PahoLink
from edge_agent.wire.signing import Keyring, public_x
from studio import keys
from studio.bench import bare_store
from studio.bench.boxes import STORY, Box, Boxes, airing_of
from studio.bench.commune import NOW, devices_of, insert_all, settle
from studio.bench.figures import Figure, percentile
from studio.bench.processes import beside, first_word
from studio.db import create_engine, migrate, reading, transaction
from studio.listener import Listener
from studio.live import Live
from studio.models.airings import AiringDevice

LOST_S = 2.0
"""A report without a receipt for so long came before anybody listened, and is said again; only to warm up."""
STORED_S = 60.0
"""Nothing takes so long: something is broken."""
RECEIPT_BYTES = 480
"""What our receipt weighs on the wire."""


@dataclass(frozen=True)
class Sizes:
    """How much is reported."""

    devices: int
    records: int
    """Reports in the batch of one device."""
    rounds: int
    """Bursts that are measured."""
    singles: int
    """Single reports that are measured."""


@dataclass(frozen=True)
class Times:
    """Seconds since the first byte was handed to the kernel."""

    row: float
    """Until the last row was committed."""
    receipt: float
    """Until the last receipt was there."""


class Rows:
    """Looks from outside how many rows a table has: only what is committed counts."""

    def __init__(self, database: Path, table: str) -> None:
        self._connection = sqlite3.connect(database, isolation_level=None)
        self._query = f"SELECT max(rowid) FROM {table}"  # noqa: S608  nothing is deleted there
        self._version, self._count = -1, 0

    def count(self) -> int:
        """How many there are now; costs microseconds when nothing was committed meanwhile."""
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if version != self._version:
            self._version = version
            self._count = self._connection.execute(self._query).fetchone()[0] or 0
        return self._count

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@dataclass
class Course:
    """The packets of a whole measurement, signed beforehand: devices sign on hardware of their own."""

    warm: Mapping[str, bytes]
    bursts: Sequence[Mapping[str, bytes]]
    singles: Sequence[Mapping[str, bytes]]

    @classmethod
    def of(cls, boxes: Sequence[Box], sizes: Sizes) -> "Course":
        """Let the boxes write and sign everything."""
        warm, *bursts = [
            {box.device: box.report(sizes.records) for box in boxes} for _ in range(sizes.rounds + 1)
        ]
        chosen = [boxes[n % len(boxes)] for n in range(sizes.singles)]
        return cls(warm, bursts, [{box.device: box.report(1)} for box in chosen])

    def run(self, boxes: Boxes, rows: Rows, records: int) -> tuple[list[Times], list[Times]]:
        """Measure bursts and singles; a batch makes `records` rows."""
        count = len(self.warm) * records
        _warm_up(boxes, rows, self.warm, count)
        bursts, singles = [], []
        for packets in self.bursts:
            count += len(packets) * records
            bursts.append(_until_stored(boxes, rows, packets, count, pause_s=0.001))
        for packets in self.singles:
            count += 1
            singles.append(_until_stored(boxes, rows, packets, count, pause_s=0.00005))
        return bursts, singles


def _warm_up(boxes: Boxes, rows: Rows, packets: Mapping[str, bytes], wanted: int) -> None:
    boxes.forget()
    deadline = time.monotonic() + STORED_S
    while rows.count() < wanted or len(boxes.answered) < len(packets):
        for device in packets.keys() - boxes.answered:
            boxes.say(device, packets[device])
        again = time.monotonic() + LOST_S
        if again > deadline:
            raise TimeoutError(f"{len(packets) - len(boxes.answered)} devices got no receipt")
        while len(boxes.answered) < len(packets) and time.monotonic() < again:
            boxes.listen(0.05)


def _until_stored(
    boxes: Boxes, rows: Rows, packets: Mapping[str, bytes], wanted: int, *, pause_s: float
) -> Times:
    boxes.forget()
    row = receipt = 0.0
    begun = time.monotonic()
    for device, packet in packets.items():
        boxes.say(device, packet)
    while not row or not receipt:
        boxes.listen(0.0)
        if not row and rows.count() >= wanted:
            row = time.monotonic() - begun
        if not receipt and len(boxes.answered) == len(packets):
            receipt = time.monotonic() - begun
        if time.monotonic() - begun > STORED_S:
            raise TimeoutError(f"{rows.count()} of {wanted} rows, {len(boxes.answered)} receipts")
        time.sleep(pause_s)  # two cores: the looker must leave one to those who work
    return Times(row, receipt)


def listen(port: int, database: Path, keys_directory: Path, told: Connection) -> None:
    """Run the studio's listener as `loa studio serve` does, until killed."""
    engine = create_engine(f"sqlite:///{database}")
    link = PahoLink(Broker("127.0.0.1", port, "studio"))
    link.subscribe(*topics.FROM_DEVICES)
    listener = Listener(link, engine, keys_directory=keys_directory, live=Live(), now=lambda: NOW)
    link.open()
    told.send("ready")
    listener.run(threading.Event())


def report_to_row(port: int, folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """Bursts and single reports, through the real listener and a real SQLite file, beside the barest program."""
    all_boxes = [Box(device) for device in devices_of(sizes.devices)]
    course = Course.of(all_boxes, sizes)
    with contextlib.closing(Boxes(port, all_boxes)) as boxes:
        floors = _of_the_barest(port, folder / "bare.db", course, boxes)
        ours = _of_ours(port, folder, course, boxes, all_boxes, sizes)
    yield from _of_bursts(ours[0], floors[0], sizes)
    yield from _of_singles(ours[1], floors[1])


def _of_the_barest(
    port: int, database: Path, course: Course, boxes: Boxes
) -> tuple[list[Times], list[Times]]:
    with beside(bare_store.store, port, database, b"\0" * RECEIPT_BYTES) as pipe:
        first_word(pipe)
        with contextlib.closing(Rows(database, bare_store.TABLE)) as rows:
            return course.run(boxes, rows, 1)


def _of_ours(
    port: int, folder: Path, course: Course, boxes: Boxes, all_boxes: Sequence[Box], sizes: Sizes
) -> tuple[list[Times], list[Times]]:
    database, keys_directory = folder / "studio.db", folder / "keys"
    ring = _prepare(database, keys_directory, all_boxes)
    with beside(listen, port, database, keys_directory) as pipe:
        first_word(pipe)
        with contextlib.closing(Rows(database, "journal_record")) as rows:
            times = course.run(boxes, rows, sizes.records)
    _check(ring, boxes, {box.device: box.last for box in all_boxes})
    return times


def _prepare(database: Path, keys_directory: Path, boxes: Sequence[Box]) -> Keyring:
    """A studio that knows these boxes and expects them at every airing they will tell of."""
    engine = create_engine(f"sqlite:///{database}")
    try:
        migrate(engine)
        with transaction(engine) as session:
            root = keys.initialise(session, keys_directory, now=NOW)
            settle(session, {box.device: public_x(box.key) for box in boxes}, zones=64)
            last = max(box.last for box in boxes)
            airings = [airing_of(n) for n in range(1, last + 1, len(STORY))]
            rows = ({"airing": airing, "device": box.device} for airing in airings for box in boxes)
            insert_all(session, AiringDevice(airing="", device=""), rows)
        with reading(engine) as session:
            return Keyring.pinned([root.x]).adopt(keys.load(session, keys_directory).key_list.encode())
    finally:
        engine.dispose()


def _check(ring: Keyring, boxes: Boxes, last: Mapping[str, int]) -> None:
    """What was measured was the work: the newest receipt holds, and says that all of it is stored."""
    for device, stored in last.items():
        told = ring.open(topics.device(device, "receipt"), boxes.receipts[device], now=NOW)
        if not isinstance(told, Receipt) or told.stored != stored or told.again_from is not None:
            raise AssertionError(f"{device}: not all of {stored} records are stored: {told}")


def _of_bursts(ours: Sequence[Times], floors: Sequence[Times], sizes: Sizes) -> Iterator[Figure]:
    reports = sizes.devices * sizes.records
    size = f"{reports} reports of {sizes.devices} devices at once"
    yield Figure(
        what=f"reports stored, median ({size})",
        value=reports / percentile((each.row for each in ours), 50),
        unit="reports/s",
        floor=reports / percentile((each.row for each in floors), 50),
    )
    yield Figure(
        what=f"last receipt, median ({size})",
        value=percentile((each.receipt for each in ours), 50),
        unit="s",
        floor=percentile((each.receipt for each in floors), 50),
    )


def _of_singles(ours: Sequence[Times], floors: Sequence[Times]) -> Iterator[Figure]:
    ways: dict[str, Callable[[Times], float]] = {"row": lambda t: t.row, "receipt": lambda t: t.receipt}
    for what, seconds in ways.items():
        for percent in (50, 95):
            yield Figure(
                what=f"one report to its {what}, p{percent} ({len(ours)} reports)",
                value=percentile(map(seconds, ours), percent) * 1000,
                unit="ms",
                floor=percentile(map(seconds, floors), percent) * 1000,
            )
