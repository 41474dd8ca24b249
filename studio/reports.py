"""Reports: what devices say they did, stored once, in whatever order and however often it comes."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import Field, ValidationError
from sqlalchemy import insert
from sqlmodel import Session, col, select, tuple_

from edge_agent.wire.accounts import Report, ReportBatch, digest
from edge_agent.wire.words import Message, Playback, Sha256
from studio.models.airings import AiringDevice
from studio.models.journals import Journal, JournalRecord

log = logging.getLogger(__name__)
Key = TypeVar("Key")

RANK = {
    None: 0,
    Playback.STARTED: 1,
    Playback.SKIPPED: 2,
    Playback.FAILED: 3,
    Playback.PARTIAL: 4,
    Playback.FINISHED: 5,
}
"""How far along each word is; nothing heard is furthest behind."""
SOME = 300
"""Keys in one query."""


def further(known: Playback | None, told: Playback) -> Playback:
    """Keep whichever is further along, so that order and repetition do not matter."""
    return told if known is None or RANK[told] > RANK[known] else known


@dataclass(frozen=True)
class Stored:
    """What is stored of one journal now: what its device is to be told."""

    device: str
    journal: str
    stored: int
    """Every record up to this number is stored."""
    again_from: int | None
    """The first record that is missing before later ones that are here."""


@dataclass(frozen=True)
class Storing:
    """What came of storing some batches."""

    journals: tuple[Stored, ...] = ()
    """Each journal that was heard of, once."""
    airings: frozenset[str] = frozenset()
    """Airings of which something new is known."""


class _Link(Message):
    """As much of a record as the chain needs."""

    n: int = Field(ge=1, le=2**31 - 1)
    previous: Sha256


@dataclass
class _Said:
    """All that was said of one journal in this round."""

    texts: dict[int, str] = field(default_factory=dict)
    conflicts: set[int] = field(default_factory=set)

    def add(self, n: int, text: str) -> None:
        if self.texts.setdefault(n, text) != text:
            self.conflicts.add(n)


def store(session: Session, batches: Iterable[ReportBatch], *, now: datetime) -> Storing:
    """Store every record of these verified batches, in few statements, and note what became of the airings.

    Records that are here already are harmless; a gap is asked for again; a record that does not follow from the one
    before it is stored all the same, and its journal is marked broken.
    """
    said: defaultdict[tuple[str, str], _Said] = defaultdict(_Said)
    reports: list[tuple[str, Report]] = []
    for batch in batches:
        for text in batch.records:
            link = _link(text)
            if link is None:
                log.warning("%s sent a record without a number", batch.device)
                continue
            said[batch.device, batch.journal].add(link.n, text)
            if (report := _report(text)) is not None:
                reports.append((batch.device, report))
    journals = _journals(session, said, now)
    session.flush()
    _keep_texts(session, said, journals, now)
    beyond = _beyond(session, journals)
    stored = tuple(_walk(journals[key], beyond.get(key, {}), now) for key in sorted(said))
    airings = _outcomes(session, reports, now)
    session.flush()
    return Storing(stored, airings)


def _link(text: str) -> _Link | None:
    try:
        return _Link.model_validate_json(text)
    except ValidationError:
        return None  # its number shows as a gap


def _report(text: str) -> Report | None:
    try:
        return Report.model_validate_json(text)
    except ValidationError as error:
        # Of a newer device, perhaps: kept word for word, for a studio that knows more.
        log.warning("a record that is no report: %s", error.errors(include_url=False, include_input=False))
        return None


def _journals(
    session: Session, said: Iterable[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], Journal]:
    keys = list(said)
    found: dict[tuple[str, str], Journal] = {}
    for some in _slices(keys):
        rows = session.exec(
            select(Journal).where(tuple_(col(Journal.device), col(Journal.journal)).in_(some))
        )
        found |= {(row.device, row.journal): row for row in rows}
    for device, journal in keys:
        if (device, journal) not in found:
            found[device, journal] = Journal(device=device, journal=journal, heard_at=now)
            session.add(found[device, journal])
    return found


def _keep_texts(
    session: Session,
    said: dict[tuple[str, str], _Said],
    journals: dict[tuple[str, str], Journal],
    now: datetime,
) -> None:
    """Insert the records that are new; mark the journals in which one came with other words."""
    held: dict[tuple[str, str, int], str] = {}
    wanted = [(*key, n) for key, each in said.items() for n in each.texts]
    record = tuple_(col(JournalRecord.device), col(JournalRecord.journal), col(JournalRecord.n))
    for some in _slices(wanted):
        for row in session.exec(select(JournalRecord).where(record.in_(some))):
            held[row.device, row.journal, row.n] = row.text
    fresh: list[dict[str, object]] = []
    for (device, journal), each in said.items():
        for n, text in each.texts.items():
            known = held.get((device, journal, n))
            if known is None:
                row = JournalRecord(device=device, journal=journal, n=n, text=text, received_at=now)
                fresh.append(row.model_dump())
            elif known != text:
                each.conflicts.add(n)
        for n in each.conflicts:
            _break(journals[device, journal], n)
    if fresh:
        session.execute(insert(JournalRecord), fresh)


def _beyond(
    session: Session, journals: dict[tuple[str, str], Journal]
) -> dict[tuple[str, str], dict[int, str]]:
    """The records of these journals that no walk has reached yet."""
    found: defaultdict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    same = (col(JournalRecord.device) == Journal.device) & (col(JournalRecord.journal) == Journal.journal)
    wanted = tuple_(col(Journal.device), col(Journal.journal))
    for some in _slices(sorted(journals)):
        query = select(JournalRecord).join(Journal, same).where(wanted.in_(some))
        for row in session.exec(query.where(col(JournalRecord.n) > col(Journal.stored))):
            found[row.device, row.journal][row.n] = row.text
    return found


def _walk(row: Journal, beyond: dict[int, str], now: datetime) -> Stored:
    """Go on from the last record without a gap, checking the chain on the way."""
    row.heard_at = now
    while (text := beyond.pop(row.stored + 1, None)) is not None:
        link = _link(text)
        if link is None or link.previous != row.last_digest:
            _break(row, row.stored + 1)
        row.stored += 1
        row.last_digest = digest(text)
    return Stored(row.device, row.journal, row.stored, row.stored + 1 if beyond else None)


def _break(row: Journal, n: int) -> None:
    row.broken_at = n if row.broken_at is None else min(n, row.broken_at)


def _outcomes(session: Session, reports: Sequence[tuple[str, Report]], now: datetime) -> frozenset[str]:
    """Bring each airing × device as far as the furthest word of it; return the airings that changed."""
    told: defaultdict[tuple[str, str], list[Report]] = defaultdict(list)
    for device, report in reports:
        told[report.airing, device].append(report)
    rows: dict[tuple[str, str], AiringDevice] = {}
    key = tuple_(col(AiringDevice.airing), col(AiringDevice.device))
    for some in _slices(list(told)):
        for row in session.exec(select(AiringDevice).where(key.in_(some))):
            rows[row.airing, row.device] = row
    changed: set[str] = set()
    for (airing, device), words in told.items():
        row = rows.get((airing, device)) or AiringDevice(airing=airing, device=device, expected=False)
        session.add(row)
        news = [_note(row, report, now) for report in words]
        if any(news):
            changed.add(airing)
    return frozenset(changed)


def _note(row: AiringDevice, report: Report, now: datetime) -> bool:
    """Take over what a report tells; say whether it is further than what was known."""
    # A later record need not repeat when and how it began.
    row.started_at = row.started_at or report.started_at
    if row.start_error_ms is None:
        row.start_error_ms = report.start_error_ms
    if further(row.playback, report.playback) is row.playback:
        return False
    row.playback, row.reason = report.playback, report.reason[:64].replace("\0", "")
    row.detail = report.detail[:500].replace("\0", "")  # PostgreSQL takes no NUL in a text
    row.told_at, row.at = now, report.at
    row.position_s, row.volume = report.position_s, report.volume
    row.clock, row.clock_error_s = report.clock, report.clock_error_s
    row.passed = [word[:40] for word in report.passed[:10]]
    return True


def _slices(keys: list[Key]) -> Iterable[list[Key]]:
    return (keys[n : n + SOME] for n in range(0, len(keys), SOME))
