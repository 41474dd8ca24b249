"""Recordings: the sound of a bulletin's revision is ordered, found and given up. Making it: studio.speaking."""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from studio.drafts import refuse_binary
from studio.errors import Conflict, NotFound
from studio.models.bulletins import Bulletin, BulletinState
from studio.models.recordings import Hearing, Recording, RecordingState

STATE_NAMES = {
    RecordingState.WANTED: "Đang chờ đọc",
    RecordingState.WORKING: "Đang đọc",
    RecordingState.DONE: "Đã có bản ghi",
    RecordingState.FAILED: "Đọc không được",
    RecordingState.CANCELLED: "Đã hủy",
}
"""What staff call the states."""

_OPEN = (RecordingState.WANTED, RecordingState.WORKING)


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


def _of(bulletin: Bulletin) -> SelectOfScalar[Recording]:
    newest_first = select(Recording).order_by(col(Recording.id).desc())
    return newest_first.where(Recording.bulletin_id == bulletin.id, Recording.revision == bulletin.revision)


def _cancel(recording: Recording, now: datetime) -> None:
    recording.state, recording.ended_at = RecordingState.CANCELLED, now
