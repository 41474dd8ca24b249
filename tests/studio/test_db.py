"""The database, held to one contract on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel, select

import studio.models
from studio.db import create_engine, migrate, reading, transaction
from studio.models.bulletins import Bulletin
from studio.models.users import Role, User

AT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables."""
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'new' / 'studio.db'}")
    else:
        engine = create_engine(request.getfixturevalue("cluster").new_database())
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty: Engine) -> Engine:
    migrate(empty)
    return empty


def someone(name: str = "lan", at: datetime = AT) -> User:
    return User(name=name, full_name="Lan", role=Role.OFFICER, password_hash="x", created_at=at)


def test_the_migrations_make_exactly_the_tables_of_the_models(engine: Engine) -> None:
    assert studio.models.__all__
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _same_type})
        assert compare_metadata(context, SQLModel.metadata) == []


def _same_type(*_: object) -> bool:
    return False  # a StrEnum and its String(32) differ in name only


def test_a_statement_that_fails_does_not_tell_what_was_to_be_written(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(someone())
    secret = someone()
    secret.password_hash = "$argon2id$bi-mat"
    with pytest.raises(IntegrityError) as failed, transaction(engine) as session:
        session.add(secret)
        session.flush()
    assert "bi-mat" not in str(failed.value), "what failed is logged"


def test_migrating_twice_or_at_once_is_harmless(empty: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        for migrated in [pool.submit(migrate, empty) for _ in range(4)]:
            migrated.result()
    assert {"user_account", "bulletin", "recording"} <= set(inspect(empty).get_table_names())


def test_times_come_back_aware_and_in_utc(engine: Engine) -> None:
    hanoi = timezone(timedelta(hours=7))
    with transaction(engine) as session:
        session.add(someone(at=datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=hanoi)))
    with reading(engine) as session:
        at = session.exec(select(User)).one().created_at
    assert at == AT.replace(microsecond=123456)
    assert at.utcoffset() == timedelta(0)


def test_times_are_compared_as_instants(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add_all([someone("sau", AT + timedelta(hours=1)), someone("trước", AT - timedelta(hours=1))])
    border = AT.astimezone(timezone(timedelta(hours=7)))
    with reading(engine) as session:
        later = session.exec(select(User.name).where(User.created_at > border)).all()
    assert later == ["sau"]


def test_a_naive_time_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="naive"), transaction(engine) as session:
        session.add(someone(at=datetime(2026, 11, 24)))  # noqa: DTZ001


def test_words_come_back_as_their_enum(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(someone())
    with reading(engine) as session:
        assert session.exec(select(User).where(User.role == Role.OFFICER)).one().role is Role.OFFICER


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(RuntimeError), transaction(engine) as session:
        session.add(someone())
        session.flush()
        raise RuntimeError
    with reading(engine) as session:
        assert session.exec(select(User)).all() == []


def test_a_row_that_names_nobody_is_refused(engine: Engine) -> None:
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.add(Bulletin(title="x", created_by=99, created_at=AT, changed_at=AT))


def test_writers_take_turns_and_lose_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(someone())

    def count_up() -> None:
        for _ in range(10):
            with transaction(engine) as session:
                user = session.exec(select(User).with_for_update()).one()
                user.failures += 1

    with ThreadPoolExecutor(4) as pool:
        for counted in [pool.submit(count_up) for _ in range(4)]:
            counted.result()
    with reading(engine) as session:
        assert session.exec(select(User)).one().failures == 40


def test_a_reader_does_not_wait_for_a_writer_and_sees_one_snapshot(engine: Engine) -> None:
    with transaction(engine) as writing:
        writing.add(someone())
        writing.flush()
        with reading(engine) as session:
            assert session.exec(select(User)).all() == []


def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'studio.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()
