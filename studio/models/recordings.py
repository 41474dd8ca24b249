"""Recordings: the spoken sound of one revision of a bulletin, and the work of making it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from studio.db import UtcDateTime, one_of


class RecordingState(StrEnum):
    """How far the speaking has come."""

    WANTED = "wanted"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Recording(SQLModel, table=True):
    """One order to speak. Once done it never changes: `sha256` names its sound.

    It is for a revision of a bulletin, or (an emergency) for words of its own.
    """

    id: int | None = Field(default=None, primary_key=True)
    bulletin_id: int | None = Field(default=None, foreign_key="bulletin.id", index=True)
    revision: int | None = None
    words: str | None = Field(default=None, sa_type=Text)
    """What to say when there is no bulletin; short enough to ride in a message, and without the chime."""
    engine: str = Field(max_length=40)
    voice: str | None = Field(default=None, max_length=80)
    preset: str = Field(default="quiet", max_length=20)
    """For which place it is mastered: a name of tts.presets."""
    twice: bool = False
    """Whether document and telephone numbers are said twice."""
    state: RecordingState = Field(default=RecordingState.WANTED, sa_type=one_of(RecordingState), index=True)
    stage: str = Field(default="", max_length=80)
    done: int = 0
    total: int = 0
    attempts: int = 0
    """How often it was begun; an engine that crashes each time must not crash for ever."""
    worker: str | None = Field(default=None, max_length=120)
    """Which speaker works on it."""
    heard_from_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When that speaker last said so."""
    sha256: str | None = Field(default=None, max_length=64, index=True)
    master_sha256: str | None = Field(default=None, max_length=64)
    """The full-band master (FLAC) that the sound was made from."""
    seconds: float | None = None
    size_bytes: int | None = None
    lufs: float | None = None
    peak_dbtp: float | None = None
    reason: str = Field(default="", sa_type=Text)
    """Why it failed, or what is not as it should be in the finished sound, in Vietnamese."""
    asked_by: int = Field(foreign_key="user_account.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Hearing(SQLModel, table=True):
    """What was heard in a finished recording; apart from it, because pages that ask how far it is need none of this."""

    recording_id: int = Field(primary_key=True, foreign_key="recording.id")
    quality: dict[str, Any] = Field(sa_type=JSON)
    """A tts.qa.Quality."""
    timings: list[dict[str, Any]] = Field(sa_type=JSON)
    """Each a tts.qa.Timing: sentence, start, end, syllables."""
    overview: bytes
    """The wave in outline: a peak of one byte (0 to 255, linear) for each 1/20 s."""
