"""What rows and locks must do on PostgreSQL too: the whole way of a bulletin, and work claimed by many at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

from studio import booking_drafts, bulletins, recordings, speaking
from studio.bulletins import Edited
from studio.db import create_engine, migrate, reading, transaction
from studio.drafts import Draft
from studio.models.bulletins import BulletinState
from studio.models.users import Role
from studio.speaking import Sound
from tests.support.postgres import Cluster

DRAFT = Draft(title="Mời họp", text="Mời bà con đến nhà văn hóa.")
SPOKEN = "mời bà con đến nhà văn hóa."


@pytest.fixture
def engine(cluster: Cluster) -> Iterator[Engine]:
    engine = create_engine(cluster.new_database())
    migrate(engine)
    yield engine
    engine.dispose()


def test_the_whole_way_to_the_air(engine: Engine, person: Any, clock: Any) -> None:
    lan, hung = person("lan", Role.OFFICER), person("hung", Role.LEADER)
    with transaction(engine) as session:
        bulletin = bulletins.write(session, DRAFT, by=lan, now=clock())
        recordings.order(session, bulletin, engine="tone", by=lan.id, now=clock())
    assert bulletin.id is not None
    with transaction(engine) as session:
        job = speaking.claim(session, "một", now=clock())
    assert job is not None
    with transaction(engine) as session:
        assert speaking.finish(session, job, "một", Sound("a" * 64, 3.0, 9, -16.0, -2.0, SPOKEN), now=clock())
    with transaction(engine) as session:
        bulletins.send(session, bulletin.id, by=lan, now=clock())
    with transaction(engine) as session:
        bulletins.approve(session, bulletin.id, sha256="a" * 64, by=hung, now=clock())
    with reading(engine) as session:
        assert booking_drafts.approved(session, bulletin.id)[1].sha256 == "a" * 64
        assert bulletins.listing(session, state=BulletinState.APPROVED, search="MỜI")[0].id == bulletin.id
        assert [line.who for line in bulletins.history(session, bulletin)] == ["Hung", "Lan"]


def test_of_many_speakers_at_once_each_order_goes_to_one(engine: Engine, person: Any, clock: Any) -> None:
    lan = person("lan", Role.OFFICER)
    with transaction(engine) as session:
        for _ in range(12):
            bulletin = bulletins.write(session, DRAFT, by=lan, now=clock())
            recordings.order(session, bulletin, engine="tone", by=lan.id, now=clock())

    def work(name: str) -> list[int]:
        mine: list[int] = []
        while True:
            with transaction(engine) as session:
                job = speaking.claim(session, name, now=clock())
            if job is None:
                return mine
            mine.append(job.recording_id)

    with ThreadPoolExecutor(4) as pool:
        taken = [each for names in pool.map(work, ["một", "hai", "ba", "bốn"]) for each in names]
    assert len(taken) == len(set(taken)) == 12


def test_of_two_who_save_in_the_same_moment_one_is_told(engine: Engine, person: Any, clock: Any) -> None:
    lan = person("lan", Role.OFFICER)
    with transaction(engine) as session:
        bulletin_id = bulletins.write(session, DRAFT, by=lan, now=clock()).id
    assert bulletin_id is not None

    def save(number: int) -> bool:
        draft = Draft(title="Mời họp", text=f"Bản thứ {number}.")
        try:
            with transaction(engine) as session:
                bulletins.edit(session, bulletin_id, draft, based_on=1, by=lan, now=clock())
        except Edited:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(save, range(4))) == [False, False, False, True]
