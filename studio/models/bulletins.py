"""Bulletins: what was written, by whom, and what was decided."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from studio.db import UtcDateTime, one_of


class BulletinState(StrEnum):
    """Where a bulletin stands on its way to the air."""

    DRAFT = "draft"
    WAITING = "waiting"
    APPROVED = "approved"
    SENT_BACK = "sent_back"


class Verdict(StrEnum):
    """What happened to a bulletin that is worth remembering."""

    SENT = "sent"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    VOIDED = "voided"


class Bulletin(SQLModel, table=True):
    """A text to be heard by residents. Its words live in Revision; `revision` is the number of the newest."""

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=200)
    folded: str = Field(default="", max_length=400)
    """The title as people type it in a search: drafts.folded()."""
    state: BulletinState = Field(default=BulletinState.DRAFT, sa_type=one_of(BulletinState), index=True)
    revision: int = 1
    approved_sha256: str | None = Field(default=None, max_length=64, index=True)
    """The sound the leader approved; null unless the state is approved."""
    created_by: int = Field(foreign_key="user_account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class Revision(SQLModel, table=True):
    """One state of the words; never changed once written."""

    __table_args__ = (UniqueConstraint("bulletin_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    bulletin_id: int = Field(foreign_key="bulletin.id", index=True)
    number: int
    title: str = Field(max_length=200)
    text: str = Field(sa_type=Text)
    author_id: int = Field(foreign_key="user_account.id")
    written_at: datetime = Field(sa_type=UtcDateTime)


class Decision(SQLModel, table=True):
    """One line of a bulletin's history; never changed once written."""

    id: int | None = Field(default=None, primary_key=True)
    bulletin_id: int = Field(foreign_key="bulletin.id", index=True)
    revision: int
    verdict: Verdict = Field(sa_type=one_of(Verdict))
    by: int = Field(foreign_key="user_account.id")
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(default="", sa_type=Text)
    """Why it was sent back, or which bookings went with an approval that became void; Vietnamese."""
    sha256: str | None = Field(default=None, max_length=64)
