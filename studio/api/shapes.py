"""What the API says about people, bulletins and recordings. Times are aware UTC, lengths seconds."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from studio.bulletins import Line
from studio.models.bulletins import Bulletin, BulletinState, Revision, Verdict
from studio.models.recordings import Recording, RecordingState
from studio.models.users import Role, User


class Shape(BaseModel):
    """Made from rows, never the other way round."""

    model_config = ConfigDict(frozen=True, from_attributes=True, use_attribute_docstrings=True)


class Person(Shape):
    """Somebody who works here."""

    id: int
    """Number."""
    name: str
    """Log-in name."""
    full_name: str
    """What others read."""
    role: Role
    """What they are here for."""
    must_change_password: bool
    """Whether nothing else works until the password is changed."""

    @classmethod
    def of(cls, user: User) -> Self:
        """From the row."""
        return cls.model_validate(user)


class RecordingShape(Shape):
    """One order to speak a revision, and what came of it."""

    id: int
    """Number."""
    bulletin_id: int | None
    """Of which bulletin; null for an emergency's words."""
    revision: int | None
    """Of which revision."""
    engine: str
    """Which engine speaks."""
    voice: str | None
    """Which of its voices; null: the usual one."""
    state: RecordingState
    """How far it is."""
    stage: str
    """What is being done: `reading`, `speaking`, `mastering`."""
    done: int
    """Sentences done in this stage."""
    total: int
    """Sentences of this stage."""
    sha256: str | None
    """Name of the finished sound: `/sounds/<sha256>.ogg`."""
    seconds: float | None
    """Length."""
    size_bytes: int | None
    """Size of the file."""
    lufs: float | None
    """Integrated loudness."""
    peak_dbtp: float | None
    """Decoded true peak."""
    reason: str
    """Why it failed, or what is not as it should be; Vietnamese."""
    asked_at: datetime
    """When it was ordered."""
    ended_at: datetime | None
    """When it ended."""

    @classmethod
    def of(cls, recording: Recording) -> Self:
        """From the row."""
        return cls.model_validate(recording)


class BulletinShape(Shape):
    """A bulletin in a list."""

    id: int
    """Number."""
    title: str
    """Its name; not spoken."""
    state: BulletinState
    """Where it stands."""
    revision: int
    """Number of the newest revision; an edit names it as `based_on`."""
    approved_sha256: str | None
    """The sound that may be aired; null unless approved."""
    created_at: datetime
    """When it was begun."""
    changed_at: datetime
    """When anything last happened to it."""

    @classmethod
    def of(cls, bulletin: Bulletin) -> Self:
        """From the row."""
        return cls.model_validate(bulletin)


class FullBulletin(BulletinShape):
    """A bulletin with its newest words and recording."""

    text: str
    """What is spoken."""
    author_id: int
    """Who wrote the newest revision."""
    recording: RecordingShape | None
    """The newest order for these words."""

    @classmethod
    def whole(cls, bulletin: Bulletin, words: Revision, recording: Recording | None) -> Self:
        """From the rows."""
        return cls(
            **BulletinShape.of(bulletin).model_dump(),
            text=words.text,
            author_id=words.author_id,
            recording=recording and RecordingShape.of(recording),
        )


class HistoryLine(Shape):
    """One decision about a bulletin."""

    verdict: Verdict
    """What was decided."""
    revision: int
    """About which revision."""
    by: int
    """By whom."""
    who: str
    """Their full name."""
    at: datetime
    """When."""
    reason: str
    """Why it was sent back, or which bookings were withdrawn with a void approval."""
    sha256: str | None
    """About which sound."""

    @classmethod
    def of(cls, line: Line) -> Self:
        """From the row."""
        return cls(**line.decision.model_dump(exclude={"id", "bulletin_id"}), who=line.who)
