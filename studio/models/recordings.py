"""Recordings: the spoken sound of one revision of a bulletin, and the work of making it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Text
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
    seconds: float | None = None
    size_bytes: int | None = None
    lufs: float | None = None
    peak_dbtp: float | None = None
    reason: str = Field(default="", sa_type=Text)
    """Why it failed, or what is not as it should be in the finished sound, in Vietnamese."""
    asked_by: int = Field(foreign_key="user_account.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
