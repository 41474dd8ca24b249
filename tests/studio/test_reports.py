"""Reports are stored once and count once, in every order and however often they come."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlmodel import col, select

from edge_agent.wire.accounts import ReportBatch
from edge_agent.wire.words import Playback
from studio import reports
from studio.db import reading, transaction
from studio.models.airings import AiringDevice
from studio.models.journals import Journal, JournalRecord
from tests.support.journal import WrittenJournal
from tests.support.places import Commune, commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
STARTED, SKIPPED, FAILED, PARTIAL, FINISHED = (
    Playback.STARTED,
    Playback.SKIPPED,
    Playback.FAILED,
    Playback.PARTIAL,
    Playback.FINISHED,
)
STORIES: dict[str, tuple[list[Playback], Playback]] = {
    "heard": ([STARTED, FINISHED], FINISHED),
    "cut": ([STARTED, PARTIAL], PARTIAL),
    "broke": ([STARTED, FAILED], FAILED),
    "passed over": ([SKIPPED], SKIPPED),
    "still on air": ([STARTED], STARTED),
    "cut, then gone on with": ([STARTED, PARTIAL, STARTED, FINISHED], FINISHED),
    "skipped as stale after a power cut in the middle": ([STARTED, PARTIAL, SKIPPED], PARTIAL),
    "could not, then did": ([FAILED, STARTED, FINISHED], FINISHED),
}
"""What a device tells in order, and the one state that must come of it: written by hand, from design.md §3."""


def airing(n: int = 0) -> str:
    return f"baaaaaaaaa{n % 10}@{NOW + timedelta(minutes=n):%Y%m%dT%H%M%SZ}"


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Commune:
    return commune(engine, tmp_path / "keys", now=NOW, devices_in={"loa-1": "ap-1", "loa-2": "ap-2"})


def store(place: Commune, *batches: ReportBatch) -> reports.Storing:
    with transaction(place.engine) as session:
        return reports.store(session, batches, now=NOW)


def told(journal: WrittenJournal, *playbacks: Playback, of: str = airing()) -> WrittenJournal:
    for playback in playbacks:
        journal.note(of, playback, NOW)
    return journal


def state(place: Commune, of: str = airing(), device: str = "loa-1") -> Playback | None:
    with reading(place.engine) as session:
        row = session.get(AiringDevice, (of, device))
        return row.playback if row else None


@pytest.mark.parametrize("story", sorted(STORIES))
def test_every_order_and_repetition_ends_the_same(place: Commune, story: str) -> None:
    playbacks, expected = STORIES[story]
    numbers = range(1, len(playbacks) + 1)
    orders = {*permutations(numbers), *permutations([*numbers, *numbers][: 4 if len(playbacks) < 4 else 5])}
    for n, order in enumerate(sorted(order for order in orders if set(order) == set(numbers))):
        journal = told(WrittenJournal("loa-1", f"journal-{n}"), *playbacks, of=airing(n))
        for number in order:  # one batch each, as if every record were sent alone
            last = store(place, journal.batch(number))
        assert state(place, airing(n)) == expected, order
        assert last.journals[0].stored == len(playbacks)
    with reading(place.engine) as session:
        assert session.exec(select(Journal).where(col(Journal.broken_at).is_not(None))).all() == []


@pytest.mark.parametrize("order", sorted(set(permutations([1, 1, 2, 2, 3]))))
def test_many_records_in_one_batch_in_any_order(place: Commune, order: tuple[int, ...]) -> None:
    journal = told(WrittenJournal("loa-1"), STARTED, PARTIAL, SKIPPED)
    done = store(place, journal.batch(*order))
    assert [(j.stored, j.again_from) for j in done.journals] == [(3, None)]
    assert state(place) == PARTIAL


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(list(Playback)), min_size=1, max_size=8))
def test_what_is_kept_is_one_that_was_told_and_none_told_is_further(words: list[Playback]) -> None:
    ladder = ["started", "skipped", "failed", "partial", "finished"]
    known: Playback | None = None
    for word in words:
        known = reports.further(known, word)
    assert known is not None
    assert str(known) == max((str(word) for word in words), key=ladder.index)


def test_a_gap_is_asked_for_again_and_closed(place: Commune) -> None:
    journal = told(WrittenJournal("loa-1"), STARTED, FINISHED, SKIPPED, STARTED, FINISHED)
    assert store(place, journal.batch(1)).journals[0].again_from is None
    gap = store(place, journal.batch(4, 5)).journals[0]
    assert (gap.stored, gap.again_from) == (1, 2)
    closed = store(place, journal.batch(2, 3)).journals[0]
    assert (closed.stored, closed.again_from) == (5, None)
    with reading(place.engine) as session:
        row = session.get(Journal, ("loa-1", "journal-1"))
        assert row is not None
        assert row.broken_at is None
        texts = session.exec(select(JournalRecord.text).order_by(col(JournalRecord.n))).all()
    assert list(texts) == journal.records, "byte for byte"


def test_a_studio_that_lost_records_asks_for_them(place: Commune) -> None:
    journal = told(WrittenJournal("loa-1"), STARTED, FINISHED, SKIPPED)
    done = store(place, journal.batch(3)).journals[0]
    assert (done.stored, done.again_from) == (0, 1)


def test_a_changed_record_breaks_the_chain_and_shows(place: Commune) -> None:
    journal = told(WrittenJournal("loa-1"), STARTED, SKIPPED, SKIPPED)
    forged = WrittenJournal("loa-1", records=[journal.records[0].replace("started", "finished")])
    store(place, forged.batch(1))
    done = store(place, journal.batch(2, 3)).journals[0]
    assert done.stored == 3, "what is told is stored all the same"
    with reading(place.engine) as session:
        row = session.get(Journal, ("loa-1", "journal-1"))
        assert row is not None
        assert row.broken_at == 2


def test_a_record_told_twice_with_other_words_shows(place: Commune) -> None:
    told_first, told_later = (told(WrittenJournal("loa-1"), word) for word in (SKIPPED, FINISHED))
    store(place, told_first.batch())
    store(place, told_later.batch())
    with reading(place.engine) as session:
        row = session.get(Journal, ("loa-1", "journal-1"))
        assert row is not None
        assert row.broken_at == 1
        assert session.exec(select(JournalRecord.text)).one() == told_first.records[0]


def test_a_new_card_starts_a_new_journal(place: Commune) -> None:
    store(place, told(WrittenJournal("loa-1", "old-card"), STARTED).batch())
    done = store(place, told(WrittenJournal("loa-1", "new-card"), FINISHED).batch())
    assert done.journals == (reports.Stored("loa-1", "new-card", 1, None),)
    assert state(place) == FINISHED


def test_devices_do_not_mix(place: Commune) -> None:
    one = told(WrittenJournal("loa-1"), STARTED, FINISHED)
    two = told(WrittenJournal("loa-2"), SKIPPED)
    store(place, one.batch(), two.batch())
    assert (state(place), state(place, device="loa-2")) == (FINISHED, SKIPPED)


def test_a_word_of_a_newer_device_is_kept_and_blocks_nothing(place: Commune) -> None:
    journal = told(WrittenJournal("loa-1"), STARTED, FINISHED)
    newer = journal.records[0].replace('"started"', '"hummed"')
    done = store(
        place,
        ReportBatch(
            kind="report", device="loa-1", journal="journal-1", records=(newer, "{}", "không phải JSON")
        ),
    )
    assert done.journals[0].stored == 1
    with reading(place.engine) as session:
        assert session.exec(select(JournalRecord.text)).one() == newer


def test_how_it_began_is_kept_whichever_record_said_so(place: Commune) -> None:
    journal = WrittenJournal("loa-1")
    journal.note(airing(), STARTED, NOW, started_at=NOW, start_error_ms=12.5)
    journal.note(airing(), FINISHED, NOW + timedelta(seconds=30), position_s=30.0, volume=70)
    store(place, journal.batch(2))
    store(place, journal.batch(1))
    with reading(place.engine) as session:
        row = session.get(AiringDevice, (airing(), "loa-1"))
    assert row is not None
    assert (row.playback, row.started_at, row.start_error_ms) == (FINISHED, NOW, 12.5)
    assert (row.position_s, row.volume, row.expected) == (30.0, 70, False)


def test_a_thousand_reports_are_a_handful_of_statements(place: Commune) -> None:
    journals = [WrittenJournal("loa-1", f"journal-{n:04}") for n in range(250)]
    for n, journal in enumerate(journals):
        told(journal, STARTED, FINISHED, of=airing(n))
    statements: list[str] = []
    event.listen(place.engine, "before_cursor_execute", lambda *args: statements.append(str(args[2])))
    store(place, *(journal.batch() for journal in journals))
    assert len(statements) < 20, statements
