"""The journal: what this device did, numbered and chained, on the disk before it is sent.

SQLite, `synchronous=FULL`: when `write` returns the record is on the disk. A journal that is spoilt is moved aside and
a new one begun under a new name, so no number is ever used twice. A disk that is full, or cannot be read just now,
spoils nothing: that is an OSError, and the journal is as it was.
"""

import contextlib
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Set
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_agent.durable import Durable
from edge_agent.facts import Told
from edge_agent.wire.accounts import NO_RECORD, Report, digest
from edge_agent.wire.words import Playback

log = logging.getLogger(__name__)

KEEP = timedelta(days=60)
"""Records are kept so long, and longer while no receipt has covered them."""

_TROUBLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
}
"""What SQLite says of the disk, not of what stands on it (https://sqlite.org/rescode.html)."""

_TABLES = (
    "CREATE TABLE record (n INTEGER PRIMARY KEY, airing TEXT NOT NULL, at TEXT NOT NULL, text TEXT NOT NULL)",
    "CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)


class Journal:
    """Open with `Journal.at`."""

    def __init__(self, database: sqlite3.Connection, durable: Durable) -> None:
        self._database, self._durable = database, durable
        self._facts: dict[str, str] = dict(database.execute("SELECT name, value FROM fact").fetchall())
        newest = database.execute("SELECT n, text FROM record ORDER BY n DESC LIMIT 1").fetchone()
        self.last: int = newest[0] if newest else 0
        """Number of the newest record; 0: none yet."""
        self._previous = digest(newest[1]) if newest else NO_RECORD
        self.told: dict[str, Told] = {}
        """The last word on each airing."""
        self.reports: dict[str, Report] = {}
        """The last record of each airing that has not ended."""
        for (text,) in database.execute("SELECT text FROM record ORDER BY n"):
            self._remember(Report.model_validate_json(text))

    @classmethod
    def at(cls, path: Path, durable: Durable, *, label: str) -> "Journal":
        """Open the journal at `path`; where it is spoilt it is moved aside, named with `label`, and begun anew.

        Raises OSError where the disk is full or cannot be read: nothing is moved then.
        """
        try:
            return cls._opened(path, durable)
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            log.error("the journal is spoilt and is begun anew: %s", error)
        # The file before its log: SQLite throws away a log that stands beside an empty file.
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            if each.exists():
                each.rename(each.with_name(f"{each.name}.hong-{label}"))
        with _as_os_error():
            return cls._opened(path, durable)

    @classmethod
    def _opened(cls, path: Path, durable: Durable) -> "Journal":
        with _disk_trouble(path):
            database = _connected(path)
            try:
                if _has_begun(database):
                    return cls(database, durable)
                return cls._new(database, durable, rebuilt=_had_another(path))
            except BaseException:
                database.close()
                raise

    @classmethod
    def _new(cls, database: sqlite3.Connection, durable: Durable, *, rebuilt: bool) -> "Journal":
        database.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            database.execute(table)
        facts = {"id": secrets.token_hex(8), "receipted": "0", "rebuilt": str(int(rebuilt))}
        database.executemany("INSERT INTO fact VALUES (?, ?)", list(facts.items()))
        durable.commit(database, "journal.new")
        return cls(database, durable)

    @property
    def id(self) -> str:
        """Its name; a new SD card, or a lost database, means a new one."""
        return self._facts["id"]

    @property
    def rebuilt(self) -> bool:
        """Whether there was a journal before this one, which was lost."""
        return self._facts["rebuilt"] == "1"

    @property
    def since(self) -> datetime | None:
        """When it was begun; null while the time has not been known since."""
        return _time(self._facts.get("since"))

    @property
    def receipted(self) -> int:
        """The studio has stored every record up to this number."""
        return int(self._facts["receipted"])

    @property
    def receipt_at(self) -> datetime | None:
        """When the newest receipt was signed."""
        return _time(self._facts.get("receipt_at"))

    def settle(self, now: datetime) -> None:
        """Note when it was begun: the first time that was known since; again where that was wrong. Raises OSError."""
        self._note({"since": now.astimezone(UTC).isoformat()}, "journal.settle")

    def receipt(self, stored: int, issued_at: datetime) -> None:
        """Note what the studio says it has stored. Raises OSError."""
        self._note(
            {"receipted": str(min(stored, self.last)), "receipt_at": issued_at.isoformat()}, "journal.receipt"
        )

    def write(self, make: Callable[[int, str], Report]) -> Report:
        """Put a record on the disk: `make` gets its number and the digest of the one before. Raises OSError."""
        report = make(self.last + 1, self._previous)
        text = report.wire_json()
        with self._change(f"journal.{report.playback}"):
            self._database.execute(
                "INSERT INTO record VALUES (?, ?, ?, ?)",
                (report.n, report.airing, report.at.isoformat(), text),
            )
        self.last, self._previous = report.n, digest(text)
        self._remember(report)
        return report

    def texts(self, after: int, limit: int) -> list[tuple[int, str]]:
        """The records above number `after`, as they were written, at most `limit`, oldest first. Raises OSError."""
        with _as_os_error():
            rows = self._database.execute(
                "SELECT n, text FROM record WHERE n > ? ORDER BY n LIMIT ?", (after, limit)
            )
            return [(int(n), str(text)) for n, text in rows]

    def prune(self, now: datetime, *, planned: Set[str]) -> int:
        """Forget what is old, receipted and in no plan any more; the newest stays, for the chain.

        Returns how many; raises OSError.
        """
        before = (now - KEEP).astimezone(UTC).isoformat()
        with _as_os_error():
            rows = self._database.execute(
                "SELECT n, airing FROM record WHERE at < ? AND n <= ? AND n < ?",
                (before, self.receipted, self.last),
            ).fetchall()
        old = [(n, airing) for n, airing in rows if airing not in planned]
        if old:
            with self._change("journal.prune"):
                self._database.executemany("DELETE FROM record WHERE n = ?", [(n,) for n, _ in old])
        for _, airing in old:
            if airing in self.told and self.told[airing].ended:
                del self.told[airing]
        return len(old)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _note(self, facts: dict[str, str], name: str) -> None:
        with self._change(name):
            self._database.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", list(facts.items()))
        self._facts.update(facts)

    @contextlib.contextmanager
    def _change(self, name: str) -> Iterator[None]:
        """Commit what is done inside, or undo it and raise OSError."""
        with _as_os_error():
            try:
                yield
                self._durable.commit(self._database, name)
            except sqlite3.Error:
                self._database.rollback()
                raise

    def _remember(self, report: Report) -> None:
        self.told[report.airing] = Told(report.playback, report.reason, report.position_s or 0.0)
        if report.playback == Playback.STARTED:
            self.reports[report.airing] = report
        else:
            self.reports.pop(report.airing, None)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@contextlib.contextmanager
def _as_os_error() -> Iterator[None]:
    """Callers know one error of the disk, whatever part of it complains."""
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(f"{error}") from error


@contextlib.contextmanager
def _disk_trouble(path: Path) -> Iterator[None]:
    """Tell a disk that is full, busy or failing from a file that is spoilt: only the former is an OSError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # without the extended part
        if code in _TROUBLE:
            raise OSError(f"không mở được nhật ký {path}, vì đĩa đầy hoặc hỏng: {error}") from error
        raise


def _had_another(path: Path) -> bool:
    """Whether one was moved aside and the process died before the next had begun."""
    return any(path.parent.glob(f"{path.name}.hong-*"))


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    try:
        path.chmod(0o600)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
    except (sqlite3.Error, OSError):
        database.close()
        raise
    return database


def _has_begun(database: sqlite3.Connection) -> bool:
    """Whether a journal stands in it; False where the process died before the first commit.

    Raises sqlite3.DatabaseError where what stands in it cannot be read.
    """
    (sound,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise sqlite3.DatabaseError(sound)
    if database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        return False
    names = {name for (name,) in database.execute("SELECT name FROM fact")}
    if not {"id", "receipted", "rebuilt"} <= names:
        raise sqlite3.DatabaseError("it has no name")
    return True
