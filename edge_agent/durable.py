"""The one place through which everything passes that outlives the process: commits, files, messages.

Each passing has a name and is told to a watcher before and after, so that a test can end the process at any of them and
see that nothing is lost. The product's watcher does nothing.
"""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from edge_agent.wire.link import Delivery, Link

Watch = Callable[[str], None]
"""Hears a name before the act and the name with `.done` after it."""


def nobody(_point: str) -> None:
    """The watcher of the product."""


class Durable:
    """Commits, writes and publishes."""

    def __init__(self, watch: Watch = nobody) -> None:
        self._watch = watch

    def commit(self, database: sqlite3.Connection, name: str) -> None:
        """Commit; with `synchronous=FULL` it is on the disk when this returns. Raises sqlite3.Error."""
        self._watch(f"{name}.commit")
        database.commit()
        self._watch(f"{name}.commit.done")

    def write(self, path: Path, data: bytes, name: str, *, mode: int = 0o600) -> None:
        """Put `data` at `path` so that after a power cut there is the old file or the new one. Raises OSError."""
        draft = path.with_name(path.name + ".draft")
        self._watch(f"{name}.write")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                self._watch(f"{name}.fsync")
                os.fsync(file.fileno())
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        self.rename(draft, path, name)

    def rename(self, draft: Path, path: Path, name: str) -> None:
        """Give a file that is already on the disk its name, for good. Raises OSError."""
        self._watch(f"{name}.rename")
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._watch(f"{name}.rename.done")

    def sync(self, descriptor: int, name: str) -> None:
        """Bring an open file to the disk. Raises OSError."""
        self._watch(f"{name}.fsync")
        os.fsync(descriptor)
        self._watch(f"{name}.fsync.done")

    def publish(self, link: Link, topic: str, payload: bytes, *, retain: bool = False) -> Delivery:
        """Hand a message to the broker. Raises LinkDown."""
        name = f"publish.{topic.rsplit('/', 1)[-1]}"
        self._watch(name)
        delivery = link.publish(topic, payload, retain=retain)
        self._watch(f"{name}.done")
        return delivery
