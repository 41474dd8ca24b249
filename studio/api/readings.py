"""/bulletins/{id}/reading, /pronunciations: how text is read, what people decided about it, how it was heard."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from studio import bulletins, pronunciations, readings, recordings
from studio.api.shapes import Shape
from studio.errors import Invalid, NotFound
from studio.models.bulletins import Bulletin
from studio.models.readings import Scope
from studio.pronunciations import SHARED, Line, Search
from studio.readings import BulletinReading, Question
from studio.web.doors import LOGGED_IN, CurrentUser, InTransaction, Now, Writer
from tts.qa import Quality, Timing

router = APIRouter(tags=["readings"])


class SpanShape(Shape):
    """One piece of the text and what is said for it."""

    start: int
    """Where it begins, in characters of the text."""
    end: int
    """Where it ends."""
    source: str
    """The piece."""
    rule: str
    """By which rule or dictionary it is read; Vietnamese. `như viết`: as it is written; `không đọc`: not spoken."""
    spoken: str
    """What is said; empty: nothing."""


class QuestionShape(Shape):
    """A piece that the rules are not sure of. Open ones keep a bulletin from being sent for approval."""

    source: str
    """The piece."""
    message: str
    """What is not sure; Vietnamese."""
    spoken: str
    """How it is read as things stand."""
    times: int
    """How often it is in the text."""
    accepted_by: str | None
    """Who answered for it; null: open."""
    accepted_at: datetime | None
    """When."""

    @classmethod
    def of(cls, question: Question) -> Self:
        """From the service's answer."""
        return cls(
            source=question.source,
            message=question.message,
            spoken=question.spoken,
            times=question.times,
            accepted_by=question.accepted.who if question.accepted else None,
            accepted_at=question.accepted.at if question.accepted else None,
        )


class ReadingShape(Shape):
    """How the newest words of a bulletin are read."""

    spoken: str
    """What is spoken, a paragraph a line."""
    spans: list[SpanShape]
    """The audit trail: in order, they cover the text from its first character to its last."""
    questions: list[QuestionShape]
    """What the rules are not sure of."""
    frame: list[str]
    """Lines that frame the document and are not spoken unless kept."""
    kept: list[str]
    """Those of them that are spoken after all."""

    @classmethod
    def of(cls, read: BulletinReading) -> Self:
        """From the service's answer."""
        return cls(
            spoken=read.reading.spoken,
            spans=[SpanShape.model_validate(span) for span in read.reading.spans],
            questions=[QuestionShape.of(question) for question in read.questions],
            frame=[readings.one_line(read.text[start:end]) for start, end in read.frame],
            kept=list(read.guide.kept),
        )


class PronunciationShape(Shape):
    """One decision about how a form is said. Decisions are only ever added; the newest governs."""

    id: int
    """Number."""
    scope: Scope
    """Where it holds."""
    bulletin_id: int | None
    """In which bulletin only; null for the dictionaries."""
    written: str
    """The form, as it stands in a text."""
    spoken: str
    """The words to say."""
    withdrawn: bool
    """Whether the form is read by the rules again."""
    by: int
    """Who decided."""
    who: str
    """Their full name."""
    at: datetime
    """When."""

    @classmethod
    def of(cls, line: Line) -> Self:
        """From the row."""
        return cls(**line.entry.model_dump(exclude={"folded"}), who=line.who)


class HearingShape(Shape):
    """What was heard in a finished recording."""

    quality: Quality
    """Loudness, peak, silence and pace as measured, and what is wrong with them."""
    timings: list[Timing]
    """When each sentence is heard."""


class Correction(BaseModel):
    """How a form is to be said. The page of a bulletin may decide for any scope."""

    written: str = Field(max_length=1000)
    spoken: str = Field(max_length=1000)
    scope: Scope


class Answer(BaseModel):
    """A question as the reading names it, and whether somebody answers for it."""

    source: str
    message: str
    accepted: bool


class FrameLine(BaseModel):
    """A line as the reading names it, and whether it is spoken."""

    line: str
    kept: bool


@router.get("/bulletins/{bulletin_id}/reading", dependencies=[LOGGED_IN])
def reading(bulletin_id: int, session: InTransaction) -> ReadingShape:
    """Show how the newest words are read as things stand."""
    return _reading(session, bulletins.get(session, bulletin_id))


@router.post("/bulletins/{bulletin_id}/corrections")
def correct(
    bulletin_id: int, given: Correction, session: InTransaction, user: CurrentUser, now: Now
) -> ReadingShape:
    """Decide how a form of this text is said, there alone or in a dictionary.

    409 once it is sent for approval, 422 if the form is not in the text.
    """
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    readings.correct(session, bulletin, given.written, given.spoken, scope=given.scope, by=user, now=now)
    return _reading(session, bulletin)


@router.put("/bulletins/{bulletin_id}/answers")
def answer(bulletin_id: int, given: Answer, session: InTransaction, user: Writer, now: Now) -> ReadingShape:
    """Answer for a piece that the rules are not sure of, or no more. 409 if it is not asked."""
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    act = readings.accept if given.accepted else readings.take_back
    act(session, bulletin, given.source, given.message, by=user, now=now)
    return _reading(session, bulletin)


@router.put("/bulletins/{bulletin_id}/frame")
def frame(bulletin_id: int, given: FrameLine, session: InTransaction, user: Writer, now: Now) -> ReadingShape:
    """Have a line of the document's frame spoken, or left out. 422 if it is none."""
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    act = readings.keep if given.kept else readings.leave_out
    act(session, bulletin, given.line, by=user, now=now)
    return _reading(session, bulletin)


@router.get("/recordings/{recording_id}/hearing", dependencies=[LOGGED_IN])
def hearing(recording_id: int, session: InTransaction) -> HearingShape:
    """Show what was heard in a recording. 404 before it is finished, or if it is from before this was kept."""
    heard = recordings.heard(session, recordings.get(session, recording_id))
    if heard is None:
        raise NotFound("Bản ghi này chưa có số đo.")
    return HearingShape.model_validate(heard)


@router.get("/pronunciations", dependencies=[LOGGED_IN])
def listing(
    session: InTransaction,
    scope: Scope | None = None,
    search: str = "",
    withdrawn: bool = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[PronunciationShape]:
    """List what governs, by form; the dictionaries only, unless `scope` asks for what bulletins decided."""
    wanted = Search(search, SHARED if scope is None else [scope], withdrawn)
    found = pronunciations.listing(session, wanted, limit=limit, offset=offset)
    return [PronunciationShape.of(line) for line in found]


@router.post("/pronunciations", status_code=201)
def enter(given: Correction, session: InTransaction, user: CurrentUser, now: Now) -> PronunciationShape:
    """Decide how a form is said in every bulletin of the commune or the province."""
    if given.scope not in SHARED:
        raise Invalid("Cách đọc của riêng một bản tin được sửa ở /bulletins/{id}/corrections.", field="scope")
    entry = pronunciations.enter(session, given.written, given.spoken, scope=given.scope, by=user, now=now)
    return PronunciationShape.of(pronunciations.history(session, entry)[0])


@router.get("/pronunciations/{pronunciation_id}/history", dependencies=[LOGGED_IN])
def history(pronunciation_id: int, session: InTransaction) -> list[PronunciationShape]:
    """List everything ever decided about that form in that scope, the newest first."""
    entry = pronunciations.get(session, pronunciation_id)
    return [PronunciationShape.of(line) for line in pronunciations.history(session, entry)]


@router.post("/pronunciations/{pronunciation_id}/undo")
def undo(pronunciation_id: int, session: InTransaction, user: CurrentUser, now: Now) -> PronunciationShape:
    """Take the newest decision back: what held before it holds again. 409 if it is not the newest."""
    entry = pronunciations.undo(session, pronunciation_id, by=user, now=now)
    return PronunciationShape.of(pronunciations.history(session, entry)[0])


@router.delete("/pronunciations/{pronunciation_id}")
def withdraw(
    pronunciation_id: int, session: InTransaction, user: CurrentUser, now: Now
) -> PronunciationShape:
    """Strike it out: the rules read the form again. 409 if it is not the newest, or withdrawn already."""
    entry = pronunciations.withdraw(session, pronunciation_id, by=user, now=now)
    return PronunciationShape.of(pronunciations.history(session, entry)[0])


def _reading(session: Session, bulletin: Bulletin) -> ReadingShape:
    return ReadingShape.of(readings.of(session, bulletin))
