"""What people decide about readings, on PostgreSQL, several at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

from studio import bulletins, pronunciations, readings, recordings, speaking
from studio.db import create_engine, migrate, reading, transaction
from studio.drafts import Draft
from studio.errors import Conflict
from studio.models.readings import Scope
from studio.models.users import Role
from tests.support.postgres import Cluster


@pytest.fixture
def engine(cluster: Cluster) -> Iterator[Engine]:
    engine = create_engine(cluster.new_database())
    migrate(engine)
    yield engine
    engine.dispose()


def test_of_many_who_undo_the_same_decision_one_does_and_the_others_are_told(
    engine: Engine, person: Any, clock: Any
) -> None:
    lan = person("lan", Role.OFFICER)
    with transaction(engine) as session:
        pronunciations.enter(session, "XQZT", "nhóm một", scope=Scope.COMMUNE, by=lan, now=clock())
        newest = pronunciations.enter(session, "XQZT", "nhóm hai", scope=Scope.COMMUNE, by=lan, now=clock())
    assert newest.id is not None

    def undo(_: int) -> bool:
        try:
            with transaction(engine) as session:
                pronunciations.undo(session, newest.id or 0, by=lan, now=clock())
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(undo, range(4))) == [False, False, False, True]
    with reading(engine) as session:
        assert [line.entry.spoken for line in pronunciations.history(session, newest)] == [
            "nhóm một",
            "nhóm hai",
            "nhóm một",
        ]


def test_a_correction_and_a_send_at_once_never_leave_an_unheard_reading_waiting(
    engine: Engine, person: Any, clock: Any
) -> None:
    lan = person("lan", Role.OFFICER)

    def prepared() -> int:
        with transaction(engine) as session:
            bulletin = bulletins.write(session, Draft(title="T", text="CA xã mời họp."), by=lan, now=clock())
            recordings.order(session, bulletin, engine="tone", by=lan.id, now=clock())
            job = speaking.claim(session, "một", now=clock())
            assert job is not None
            sound = speaking.Sound("a" * 64, 3.0, 9, -16.0, -2.0, "công an xã mời họp.")
            assert speaking.finish(session, job, "một", sound, now=clock())
            assert bulletin.id is not None
            return bulletin.id

    def send(bulletin_id: int) -> bool:
        try:
            with transaction(engine) as session:
                bulletins.send(session, bulletin_id, by=lan, now=clock())
        except Conflict:
            return False
        return True

    def correct(bulletin_id: int) -> bool:
        try:
            with transaction(engine) as session:
                bulletin = bulletins.get(session, bulletin_id, to_change=True)
                readings.correct(
                    session, bulletin, "CA", "công an viên", scope=Scope.BULLETIN, by=lan, now=clock()
                )
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            bulletin_id = prepared()
            sent, corrected = pool.submit(send, bulletin_id), pool.submit(correct, bulletin_id)
            assert sent.result() != corrected.result(), "one of them sees the other"
