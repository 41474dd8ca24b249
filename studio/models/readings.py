"""What people decided about how words are read. Rows are only added: the newest governs, the others are history."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from studio.db import UtcDateTime, one_of


class Scope(StrEnum):
    """Where a decision holds; a narrower one outranks a wider one."""

    BULLETIN = "bulletin"
    COMMUNE = "commune"
    PROVINCE = "province"


class NoteKind(StrEnum):
    """What can be noted about a text's reading."""

    ACCEPTED = "accepted"
    """This piece, which the rules are not sure of, is read right."""
    KEPT = "kept"
    """This line of the document's frame is to be spoken after all."""


class Pronunciation(SQLModel, table=True):
    """From `at` on, `written` is said as `spoken` within `scope`; `withdrawn`: no more, the rules read it again."""

    __table_args__ = (Index("ix_pronunciation_key", "scope", "bulletin_id", "written"),)

    id: int | None = Field(default=None, primary_key=True)
    scope: Scope = Field(sa_type=one_of(Scope))
    bulletin_id: int | None = Field(default=None, foreign_key="bulletin.id", index=True)
    """Null unless it holds in one bulletin only."""
    written: str = Field(max_length=100)
    spoken: str = Field(max_length=300)
    folded: str = Field(max_length=800)
    """Both as people type them in a search: drafts.folded()."""
    withdrawn: bool = False
    by: int = Field(foreign_key="user_account.id")
    at: datetime = Field(sa_type=UtcDateTime)


class ReadingNote(SQLModel, table=True):
    """Something noted about one bulletin's reading, or (`holds` false) taken back."""

    __tablename__ = "reading_note"

    id: int | None = Field(default=None, primary_key=True)
    bulletin_id: int = Field(foreign_key="bulletin.id", index=True)
    kind: NoteKind = Field(sa_type=one_of(NoteKind))
    source: str = Field(sa_type=Text)
    """The piece, or the line with single spaces."""
    message: str = Field(default="", sa_type=Text)
    """What the rules said they were not sure of."""
    holds: bool = True
    by: int = Field(foreign_key="user_account.id")
    at: datetime = Field(sa_type=UtcDateTime)
