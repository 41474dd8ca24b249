"""The journal: what is on the disk survives, and what is broken on it is seen."""

import contextlib
import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from edge_agent.durable import Durable
from edge_agent.facts import Told
from edge_agent.journal import Journal
from edge_agent.wire.accounts import NO_RECORD, Report, digest
from edge_agent.wire.words import Playback
from tests.support.agent_world import NOON

LAW = "law@20261124T050000Z"


def journal(folder: Path) -> Journal:
    return Journal.at(folder / "journal.db", Durable(), label="x")


def note(journal: Journal, playback: Playback, airing: str = LAW, **more: object) -> Report:
    def make(n: int, previous: str) -> Report:
        fields = {"n": n, "previous": previous, "airing": airing, "playback": playback, "at": NOON}
        return Report.model_validate(fields | more)

    return journal.write(make)


def test_records_are_numbered_chained_and_kept_as_written(tmp_path: Path) -> None:
    book = journal(tmp_path)
    note(book, Playback.STARTED)
    note(book, Playback.FINISHED, position_s=3.5)
    name = book.id
    book.close()
    book = journal(tmp_path)
    assert (book.id, book.last, book.rebuilt) == (name, 2, False)
    (one, first), (two, second) = book.texts(0, 10)
    assert (one, two) == (1, 2)
    assert Report.model_validate_json(first).previous == NO_RECORD
    assert Report.model_validate_json(second).previous == digest(first)
    assert book.told[LAW] == Told(Playback.FINISHED, "", 3.5)
    note(book, Playback.SKIPPED, "other@20261124T050000Z")
    assert Report.model_validate_json(book.texts(2, 1)[0][1]).previous == digest(second)
    book.close()


def test_a_journal_that_cannot_be_read_is_moved_aside_and_no_number_is_used_twice(tmp_path: Path) -> None:
    book = journal(tmp_path)
    name = book.id
    book.close()
    path = tmp_path / "journal.db"
    path.write_bytes(path.read_bytes()[:3000] + os.urandom(9000))
    book = journal(tmp_path)
    assert book.rebuilt and book.id != name and book.last == 0
    assert (tmp_path / "journal.db.hong-x").exists()
    book.close()
    book = journal(tmp_path)
    assert book.rebuilt, "it remembers that there was one before"
    book.close()


def test_a_journal_that_died_at_its_birth_is_not_a_lost_one(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "journal.db").execute("PRAGMA journal_mode=WAL").connection.close()
    book = journal(tmp_path)
    assert not book.rebuilt
    book.close()


def fill(disk: Path) -> None:
    with (disk / "fill").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)


@pytest.mark.parametrize("disk", ["256k"], indirect=True)
def test_a_full_disk_at_the_start_spoils_no_journal(disk: Path) -> None:
    book = journal(disk)
    book.settle(NOON)
    note(book, Playback.STARTED)
    name = book.id
    book.close()
    fill(disk)
    with pytest.raises(OSError, match="đĩa đầy"):
        journal(disk)
    (disk / "fill").unlink()
    book = journal(disk)
    assert (book.id, book.last, book.rebuilt) == (name, 1, False)
    assert list(disk.glob("*.hong-*")) == []
    book.close()


@pytest.mark.parametrize("disk", ["256k"], indirect=True)
def test_what_a_full_disk_does_not_take_is_undone_and_may_be_tried_again(disk: Path) -> None:
    book = journal(disk)
    note(book, Playback.SKIPPED)
    fill(disk)
    with pytest.raises(OSError):
        while True:
            book.receipt(1, NOON)
    with pytest.raises(OSError):
        note(book, Playback.SKIPPED)
    assert book.last == 1
    (disk / "fill").unlink()
    book.receipt(1, NOON + timedelta(hours=1))
    assert note(book, Playback.SKIPPED).n == 2
    book.close()
    book = journal(disk)
    assert (book.last, book.receipted, book.receipt_at) == (2, 1, NOON + timedelta(hours=1))
    book.close()


def test_a_death_while_the_journal_was_moved_aside_does_not_hide_that_there_was_one(tmp_path: Path) -> None:
    book = journal(tmp_path)
    note(book, Playback.STARTED)
    name = book.id
    # Its log is left behind, as by a process that was killed.
    log = (tmp_path / "journal.db-wal").read_bytes()
    book.close()
    (tmp_path / "journal.db").rename(tmp_path / "journal.db.hong-y")
    (tmp_path / "journal.db-wal").write_bytes(log)
    book = journal(tmp_path)
    assert book.rebuilt and book.id != name and book.last == 0
    book.close()


def test_old_records_go_when_they_are_receipted_and_in_no_plan(tmp_path: Path) -> None:
    book = journal(tmp_path)
    for n in range(6):
        note(book, Playback.SKIPPED, f"b{n}@20261124T050000Z")
    late = NOON + timedelta(days=61)
    assert book.prune(late, planned=set()) == 0, "nothing is receipted"
    book.receipt(4, NOON)
    assert book.prune(NOON + timedelta(days=59), planned=set()) == 0, "not old enough"
    assert book.prune(late, planned={"b1@20261124T050000Z"}) == 3
    assert [n for n, _ in book.texts(0, 10)] == [2, 5, 6]
    assert "b1@20261124T050000Z" in book.told and "b0@20261124T050000Z" not in book.told
    book.receipt(6, NOON)
    book.prune(late, planned=set())
    assert [n for n, _ in book.texts(0, 10)] == [6], "the newest stays, for the chain"
    book.close()
