"""Recordings: ordering the sound of a bulletin's revision, and the work of speaking it, claimed by rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult
from sqlmodel import Session, col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from studio import readings
from studio.drafts import refuse_binary
from studio.errors import Conflict, NotFound
from studio.models.bulletins import Bulletin, BulletinState, Revision
from studio.models.recordings import Hearing, Recording, RecordingState
from tts.text.bulletin import Guide

ATTEMPTS = 3
"""So often an order is begun; then it is given up, so that a text that crashes an engine does not do so for ever."""
SILENT_FOR = timedelta(minutes=2)
"""A speaker not heard from for so long is dead, and its work is taken back."""

STATE_NAMES = {
    RecordingState.WANTED: "Đang chờ đọc",
    RecordingState.WORKING: "Đang đọc",
    RecordingState.DONE: "Đã có bản ghi",
    RecordingState.FAILED: "Đọc không được",
    RecordingState.CANCELLED: "Đã hủy",
}
"""What staff call the states."""

_OPEN = (RecordingState.WANTED, RecordingState.WORKING)


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


def order(
    session: Session,
    bulletin: Bulletin,
    *,
    engine: str,
    voice: str | None = None,
    preset: str = "quiet",
    twice: bool = False,
    by: int,
    now: datetime,
) -> Recording:
    """Ask for the sound of the bulletin's newest revision; the same order twice is one.

    `preset` is a name of tts.presets; `twice` repeats document and telephone numbers. Raises Conflict.
    """
    if bulletin.state in (BulletinState.WAITING, BulletinState.APPROVED):
        raise Conflict(
            "Bản tin đang chờ duyệt hoặc đã duyệt nên không ghi âm lại được. Hãy rút lại hoặc sửa bản tin trước."
        )
    assert bulletin.id is not None
    newest = latest(session, bulletin)
    if newest is not None and newest.state in _OPEN:
        if (newest.engine, newest.voice, newest.preset, newest.twice) == (engine, voice, preset, twice):
            return newest
        _cancel(newest, now)
    recording = Recording(
        bulletin_id=bulletin.id,
        revision=bulletin.revision,
        engine=engine,
        voice=voice,
        preset=preset,
        twice=twice,
        asked_by=by,
        asked_at=now,
    )
    session.add(recording)
    session.flush()
    return recording


def order_emergency(
    session: Session,
    words: str,
    *,
    engine: str,
    voice: str | None = None,
    preset: str = "quiet",
    by: int,
    now: datetime,
) -> Recording:
    """Ask for the sound of an emergency's words (cleaned by drafts.plain); spoken before everything else.

    Raises Invalid for words that are no text.
    """
    refuse_binary(words, "words")
    recording = Recording(words=words, engine=engine, voice=voice, preset=preset, asked_by=by, asked_at=now)
    session.add(recording)
    session.flush()
    return recording


def get(session: Session, recording_id: int) -> Recording:
    """Find a recording; raises NotFound."""
    recording = session.get(Recording, recording_id)
    if recording is None:
        raise NotFound("Không có bản ghi này.")
    return recording


def latest(session: Session, bulletin: Bulletin) -> Recording | None:
    """The newest order for the bulletin's newest revision, in whatever state."""
    return session.exec(_of(bulletin)).first()


def is_open(session: Session, bulletin: Bulletin) -> bool:
    """Say whether the sound of the newest revision is still to come: the one that is there may be another then."""
    newest = latest(session, bulletin)
    return newest is not None and newest.state in _OPEN


def finished(session: Session, bulletin: Bulletin) -> Recording | None:
    """The newest finished recording of the bulletin's newest revision: what the leader hears."""
    return session.exec(_of(bulletin).where(Recording.state == RecordingState.DONE)).first()


def heard(session: Session, recording: Recording) -> Hearing | None:
    """What was heard in a finished recording; none in one from before hearings were kept."""
    return session.get(Hearing, recording.id)


def cancel(session: Session, recording: Recording, *, now: datetime) -> None:
    """Stop asking for it; a speaker at work on it notices within a sentence. Raises Conflict if it has ended."""
    if recording.state not in _OPEN:
        raise Conflict("Việc đọc bản tin này đã kết thúc, không hủy được nữa.")
    _cancel(recording, now)
    session.add(recording)
    session.flush()


def cancel_open(session: Session, bulletin: Bulletin, *, now: datetime) -> None:
    """Stop asking for any sound of this bulletin: its words have changed."""
    query = select(Recording).where(Recording.bulletin_id == bulletin.id, col(Recording.state).in_(_OPEN))
    for recording in session.exec(query):
        _cancel(recording, now)


# What follows is for speakers.


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


def _of(bulletin: Bulletin) -> SelectOfScalar[Recording]:
    newest_first = select(Recording).order_by(col(Recording.id).desc())
    return newest_first.where(Recording.bulletin_id == bulletin.id, Recording.revision == bulletin.revision)


def _wanted(only_emergencies: bool) -> SelectOfScalar[Recording]:
    wanted = select(Recording).where(Recording.state == RecordingState.WANTED)
    if only_emergencies:
        wanted = wanted.where(col(Recording.words).is_not(None))
    return wanted.order_by(col(Recording.words).is_(None), col(Recording.id)).limit(1)


def _cancel(recording: Recording, now: datetime) -> None:
    recording.state, recording.ended_at = RecordingState.CANCELLED, now


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
