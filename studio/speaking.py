"""The work of speaking: claimed by rows, told of, ended. For speakers; ordering it: studio.recordings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult
from sqlmodel import Session, col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from studio import readings
from studio.models.bulletins import Revision
from studio.models.recordings import Hearing, Recording, RecordingState
from tts.text.bulletin import Guide

ATTEMPTS = 3
"""So often an order is begun; then it is given up, so that a text that crashes an engine does not do so for ever."""
SILENT_FOR = timedelta(minutes=2)
"""A speaker not heard from for so long is dead, and its work is taken back."""


@dataclass(frozen=True)
class Job:
    """What a speaker has claimed."""

    recording_id: int
    text: str
    engine: str
    voice: str | None
    emergency: bool
    guide: Guide
    """How people want it read, as of the claim."""
    preset: str = "quiet"
    twice: bool = False


@dataclass(frozen=True)
class Heard:
    """What was heard in a sound, as models.recordings.Hearing keeps it."""

    quality: dict[str, Any]
    timings: list[dict[str, Any]]
    overview: bytes


@dataclass(frozen=True)
class Sound:
    """What came of it."""

    sha256: str
    seconds: float
    size_bytes: int
    lufs: float
    peak_dbtp: float
    spoken: str
    """The reading that was spoken."""
    faults: str = ""
    master_sha256: str | None = None
    heard: Heard | None = None


def is_wanted(session: Session, *, only_emergencies: bool = False) -> bool:
    """Say whether there is anything to speak."""
    return session.exec(_wanted(only_emergencies)).first() is not None


def claim(session: Session, worker: str, *, only_emergencies: bool = False, now: datetime) -> Job | None:
    """Take the oldest order nobody works on, emergencies first; of two speakers only one gets it."""
    recording = session.exec(_wanted(only_emergencies).with_for_update(skip_locked=True)).first()
    if recording is None or recording.id is None:
        return None
    words = recording.words
    if words is None:
        written = select(Revision.text).where(Revision.bulletin_id == recording.bulletin_id)
        words = session.exec(written.where(Revision.number == recording.revision)).one()
    guide = readings.guide(session, words, bulletin_id=recording.bulletin_id)
    taken = session.exec(
        update(Recording)
        .where(col(Recording.id) == recording.id, col(Recording.state) == RecordingState.WANTED)
        .values(
            state=RecordingState.WORKING,
            worker=worker,
            heard_from_at=now,
            guide=readings.as_json(guide),
            attempts=recording.attempts + 1,
            done=0,
            total=0,
            stage="",
        )
    )
    if taken.rowcount != 1:
        return None
    return Job(
        recording.id, words, recording.engine, recording.voice,
        emergency=recording.words is not None, guide=guide, preset=recording.preset, twice=recording.twice,
    )  # fmt: skip


def told(
    session: Session, job: Job, worker: str, *, done: int, total: int, stage: str, now: datetime
) -> bool:
    """Write down how far it is; False means that nobody wants it any more."""
    return _change(session, job, worker, done=done, total=total, stage=stage[:80], heard_from_at=now)


def heard_from(session: Session, job: Job, worker: str, *, now: datetime) -> bool:
    """Write down that the speaker lives, though one sentence takes it long; False if nobody wants it any more."""
    return _change(session, job, worker, heard_from_at=now)


def finish(session: Session, job: Job, worker: str, sound: Sound, *, now: datetime) -> bool:
    """Write down the sound, which is on disk already; False if it was cancelled meanwhile."""
    done = _change(
        session,
        job,
        worker,
        state=RecordingState.DONE,
        sha256=sound.sha256,
        master_sha256=sound.master_sha256,
        seconds=sound.seconds,
        size_bytes=sound.size_bytes,
        lufs=sound.lufs,
        peak_dbtp=sound.peak_dbtp,
        spoken=sound.spoken,
        reason=sound.faults,
        ended_at=now,
    )
    if done and sound.heard is not None:
        session.add(Hearing(recording_id=job.recording_id, **vars(sound.heard)))
        session.flush()
    return done


def fail(session: Session, job: Job, worker: str, reason: str, *, now: datetime) -> bool:
    """Write down why there is no sound, in Vietnamese."""
    return _change(session, job, worker, state=RecordingState.FAILED, reason=reason, ended_at=now)


def take_back(session: Session, worker: str, *, now: datetime) -> int:
    """At the start of speaker `worker`: what it, or a dead one, left half done is wanted again. Returns how many."""
    left = select(Recording).where(Recording.state == RecordingState.WORKING)
    left = left.where((col(Recording.worker) == worker) | (col(Recording.heard_from_at) < now - SILENT_FOR))
    taken = list(session.exec(left.with_for_update(skip_locked=True)))
    for recording in taken:
        recording.worker = None
        recording.state = RecordingState.WANTED
        if recording.attempts >= ATTEMPTS:
            recording.state, recording.ended_at = RecordingState.FAILED, now
            recording.reason = (
                f"Bộ đọc «{recording.engine}» đã dừng đột ngột {recording.attempts} lần khi đọc bản tin này. "
                "Hãy sửa nội dung hoặc chọn giọng khác rồi đọc lại."
            )
    session.flush()
    return len(taken)


def _wanted(only_emergencies: bool) -> SelectOfScalar[Recording]:
    wanted = select(Recording).where(Recording.state == RecordingState.WANTED)
    if only_emergencies:
        wanted = wanted.where(col(Recording.words).is_not(None))
    return wanted.order_by(col(Recording.words).is_(None), col(Recording.id)).limit(1)


def _change(session: Session, job: Job, worker: str, **values: object) -> bool:
    changed: CursorResult[tuple[()]] = session.exec(
        update(Recording)
        .where(
            col(Recording.id) == job.recording_id,
            col(Recording.state) == RecordingState.WORKING,
            col(Recording.worker) == worker,
        )
        .values(**values)
    )
    return changed.rowcount == 1
