"""What changes from second to second: presence in memory, and what pages that are open are to be told.

Threads say what changed; pages look once a second. Nothing crosses from a thread into the event loop.
"""

import secrets
import threading
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Update, bindparam, update
from sqlmodel import SQLModel

from edge_agent.wire.accounts import Presence
from edge_agent.wire.words import ClockTrust
from studio.db import transaction
from studio.models.places import Device

KEPT = timedelta(days=2)
"""How long a topic that no longer changes may still be asked for."""


class Live:
    """Shared by the listener, the jobs and the pages; every method may be called from any thread.

    A topic is `device:<id>` or `airing:<id>`; a cursor says up to where a page has been told.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._run = secrets.token_hex(4)
        self._count = 0
        self._changed: dict[str, tuple[int, datetime]] = {}
        self._seen: dict[str, dict[str, Any]] = {}
        self._latest: dict[str, tuple[Presence, datetime]] = {}
        self._closed = False
        self.link_up: bool | None = None
        """Whether the studio is connected to its broker; None: nobody has looked yet."""

    def change(self, *topics: str, now: datetime) -> None:
        """Say that pages showing these topics are to be told."""
        with self._lock:
            self._change(topics, now)

    def hear(self, device: str, *, now: datetime) -> None:
        """Note that a device has said something."""
        with self._lock:
            self._seen.setdefault(device, {"id": device}).update(last_seen_at=now, online=True)
            self._change([f"device:{device}"], now)

    def presence(self, told: Presence, *, now: datetime) -> bool:
        """Take over how a device is. Returns False for an old presence that a broker said once more."""
        with self._lock:
            known = self._latest.get(told.device)
            if known is not None and _is_old(told, *known):
                return False
            row = self._seen.setdefault(told.device, {"id": told.device})
            row["online"] = told.online
            if told.at is not None:
                # A retained presence may be older than this studio's connection: its own time counts, if known.
                sure = told.clock is not ClockTrust.UNKNOWN
                row["last_seen_at"] = min(now, told.at) if sure else now
                row["presence"] = told.model_dump(mode="json", exclude_defaults=True)
                self._latest[told.device] = (told, now)
            self._change([f"device:{told.device}"], now)
            return True

    def flush(self, engine: Engine) -> int:
        """Write what was heard since the last time into the devices' rows, in bulk. Returns how many rows."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return 0
        try:
            with transaction(engine) as session:
                # Rows with the same columns go in one statement.
                for columns in {tuple(sorted(row.keys() - {"id"})) for row in seen.values()}:
                    rows = [row for row in seen.values() if tuple(sorted(row.keys() - {"id"})) == columns]
                    session.connection().execute(_update(columns), [_values(row) for row in rows])
        except BaseException:
            with self._lock:  # what came meanwhile is newer
                self._seen = {device: row | self._seen.get(device, {}) for device, row in seen.items()} | {
                    device: row for device, row in self._seen.items() if device not in seen
                }
            raise
        return len(seen)

    def forget(self, *, now: datetime) -> None:
        """Drop topics that have not changed for long. A job calls it now and then."""
        with self._lock:
            self._changed = {t: at for t, at in self._changed.items() if now - at[1] < KEPT}

    @property
    def cursor(self) -> str:
        """Where a page that is being made now stands."""
        with self._lock:
            return f"{self._run}.{self._count}"

    def since(self, cursor: str, wanted: Collection[str]) -> tuple[str, list[str]]:
        """The new cursor, and the topics of `wanted` that changed after the old one, the latest last.

        `device:*` and `airing:*` want all of their kind. A cursor of another run of the studio, or none, gets all.
        """
        with self._lock:
            run, _, count = cursor.partition(".")
            after = int(count) if run == self._run and count.isdecimal() else 0
            found = [
                (n, topic)
                for topic, (n, _) in self._changed.items()
                if n > after and (topic in wanted or f"{topic.partition(':')[0]}:*" in wanted)
            ]
            return f"{self._run}.{self._count}", [topic for _, topic in sorted(found)]

    def close(self) -> None:
        """Let every open stream end."""
        self._closed = True

    @property
    def closed(self) -> bool:
        """Whether streams are to end."""
        return self._closed

    def _change(self, topics: Collection[str], now: datetime) -> None:
        for topic in topics:
            self._count += 1
            self._changed[topic] = (self._count, now)


def _is_old(told: Presence, known: Presence, known_since: datetime) -> bool:
    """A last will has no time; a device that does not know the time may have been set back.

    A clock that was ahead binds nobody: what was known then is as old as its arrival.
    """
    if told.at is None or known.at is None or told.clock is ClockTrust.UNKNOWN:
        return False
    return told.at < min(known.at, known_since)


def _update(columns: Collection[str]) -> Update:
    table = SQLModel.metadata.tables[str(Device.__tablename__)]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    return update(table).where(table.c.id == bindparam("device_id")).values(values)


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {"device_id": row["id"]} | {f"new_{name}": row[name] for name in row.keys() - {"id"}}
