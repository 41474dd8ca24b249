"""The database: one engine for SQLite or PostgreSQL, transactions, aware times, migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, DateTime, Dialect, Engine, String, TypeDecorator, event, text
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.engine import make_url
from sqlmodel import Session, SQLModel

from studio.errors import Conflict

MIGRATIONS = Path(__file__).with_name("migrations")
SQLModel.metadata.naming_convention = {  # a constraint without a name cannot be changed by a later migration
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
_MIGRATING = 0x10A  # key of PostgreSQL's advisory lock: two processes never migrate at once


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, UTC in and out on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the database UTC; SQLite keeps no offset, so it gets none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: the database takes aware times only")
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the program UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _OneOf(TypeDecorator[StrEnum]):
    """A word of a StrEnum, kept as its text."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        return None if value is None else self.words(value)


def one_of(words: type[StrEnum]) -> Any:
    """Make the column type of a StrEnum: `Field(sa_type=one_of(State))`. In migrations it is `sa.String(32)`."""
    return _OneOf(words)


def create_engine(url: str) -> Engine:
    """Open the database at `url` (`sqlite:///path` or `postgresql://…`). Touches nothing until first use."""
    address = make_url(url)
    # What fails is logged, and parameters may be hashes of passwords and tokens.
    settings: dict[str, Any] = {"pool_size": 10, "max_overflow": 40, "hide_parameters": True}
    if address.get_backend_name() == "postgresql":
        return sqlalchemy_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True, **settings)
    engine = sqlalchemy_engine(address, **settings)
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin ourselves: the driver would begin late, and deferred
    cursor = connection.cursor()
    # FULL, because a receipt and an approval must outlive a power cut the moment we have said so.
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}").fetchall()
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    # A deferred transaction that turns to writing fails at once when somebody else wrote meanwhile; no waiting helps.
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Give a session that may write; commits at the end, rolls back if anything is raised."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that only reads: one snapshot, and it never waits for a writer."""
    with Session(engine.execution_options(reads=True), expire_on_commit=False) as session, session.begin():
        yield session


def migrate(engine: Engine) -> None:
    """Bring the tables to what this version needs, all or nothing. May be called by several processes at once.

    Raises Conflict for a database of a newer version.
    """
    if (path := engine.url.database) and engine.dialect.name == "sqlite":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:  # recreating a table (SQLite's ALTER) must not cascade; only works outside a transaction
            _pragma(connection, "foreign_keys=OFF")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
                _upgrade(connection)
                if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("a migration broke a foreign key; nothing was changed")
        finally:
            if sqlite:
                _pragma(connection, "foreign_keys=ON")


def _upgrade(connection: Connection) -> None:
    try:
        command.upgrade(_alembic(connection), "head")
    except CommandError as error:  # it stands at a step we do not have
        raise Conflict(
            "Cơ sở dữ liệu này đã được một bản Loa mới hơn dùng. Hãy cài lại bản Loa đó, "
            "hoặc khôi phục bản sao lưu của bản Loa này."
        ) from error


def _pragma(connection: Connection, pragma: str) -> None:
    raw: Any = connection.connection.dbapi_connection
    raw.execute(f"PRAGMA {pragma}")


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
