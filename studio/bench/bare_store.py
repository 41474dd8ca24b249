"""The barest program that stores what devices report: the floor beside which studio/listener.py is measured."""

import contextlib
import sqlite3
from multiprocessing.connection import Connection
from pathlib import Path

from edge_agent.wire import topics
from studio.bench.bare import (
    PUBLISH,
    SUBACK,
    Bare,
    puback_packet,
    publish_packet,
    published,
    subscribe_packet,
)

TABLE = "raw"


def store(port: int, database: Path, answer: bytes, told: Connection) -> None:
    """Insert every report as it comes, a transaction for what one read gave, then acknowledge, then say `answer`.

    Works until it is killed; says «ready» once it is subscribed.
    """
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as kept:
        # As durable as studio/db.py: what was acknowledged outlives a power cut.
        kept.execute("PRAGMA journal_mode=WAL")
        kept.execute("PRAGMA synchronous=FULL")
        kept.execute(f"CREATE TABLE {TABLE} (topic TEXT, payload BLOB)")
        bare = Bare.connected(port, "bare-store")
        bare.send(subscribe_packet(topics.REPORTS))
        bare.await_packet(SUBACK)
        told.send("ready")
        count = 0
        while True:
            some = [published(body) for kind, body in bare.packets() if kind & 0xF0 == PUBLISH]
            if not some:
                continue
            kept.execute("BEGIN IMMEDIATE")
            kept.executemany(f"INSERT INTO {TABLE} VALUES (?, ?)", [(t, p) for t, _, p in some])  # noqa: S608
            kept.execute("COMMIT")
            said = b"".join(puback_packet(number) for _, number, _ in some)
            for topic, _, _ in some:
                count += 1
                receipt = topic.removesuffix("report") + "receipt"
                said += publish_packet(receipt, answer, number=1 + count % 65535)
            bare.send(said)
