"""How a bulletin is read now: by the rules, by what people decided, and what of it nobody has answered for yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from studio import pronunciations, rights, users
from studio.errors import Conflict, Invalid
from studio.models.bulletins import Bulletin, Revision
from studio.models.readings import NoteKind, Pronunciation, ReadingNote, Scope
from studio.models.recordings import Recording
from studio.models.users import User
from studio.rights import Action
from studio.word_forms import spoken_words, written_form
from tts.text.bulletin import Guide, read_bulletin
from tts.text.dictionary import Entry
from tts.text.furniture import furniture
from tts.text.reading import Reading

_GUIDE = TypeAdapter(Guide)


@dataclass(frozen=True)
class Acceptance:
    """Who said that a piece is read right."""

    who: str
    at: datetime


@dataclass(frozen=True)
class Question:
    """A piece that the rules are not sure of, wherever it stands in the text: `times` of them.

    `spoken` is how it is read as things stand. It is open until somebody accepts it, or decides how it is read.
    """

    source: str
    message: str
    spoken: str
    times: int
    accepted: Acceptance | None


@dataclass(frozen=True)
class BulletinReading:
    """A text, how it is read, and by which decisions.

    `frame` are the stretches of the text that frame the document, also those that are spoken after all.
    """

    text: str
    guide: Guide
    reading: Reading
    frame: tuple[tuple[int, int], ...]
    questions: tuple[Question, ...]

    @property
    def open(self) -> list[Question]:
        """What nobody has answered for yet."""
        return [question for question in self.questions if question.accepted is None]


def of(session: Session, bulletin: Bulletin) -> BulletinReading:
    """How the newest words of a bulletin are read as things stand."""
    text = _text(session, bulletin)
    return _read(session, bulletin, text, guide(session, text, bulletin_id=bulletin.id))


def as_recorded(session: Session, bulletin: Bulletin, recording: Recording) -> BulletinReading:
    """How its newest words were read for a recording of them, whatever was decided since."""
    return _read(session, bulletin, _text(session, bulletin), from_json(recording.guide))


def guide(session: Session, text: str, *, bulletin_id: int | None) -> Guide:
    """What people decided about a text, of a bulletin or (None) an emergency's: as much as touches its words."""
    dictionary = pronunciations.entries(session, text, bulletin_id=bulletin_id)
    if bulletin_id is None:
        return Guide(dictionary)
    kept = (note.source for note in _notes(session, bulletin_id).values() if note.kind is NoteKind.KEPT)
    return Guide(dictionary, tuple(sorted(kept)))


def as_json(guide: Guide) -> dict[str, Any]:
    """The guide as a recording keeps it."""
    kept: dict[str, Any] = _GUIDE.dump_python(guide, mode="json")
    return kept


def from_json(kept: Mapping[str, Any] | None) -> Guide:
    """The guide that a recording kept; one from before there were guides had none."""
    return _GUIDE.validate_python(kept) if kept else Guide()


def correct(
    session: Session, bulletin: Bulletin, written: str, spoken: str, *, scope: Scope, by: User, now: datetime
) -> Pronunciation:
    """Decide, looking at a bulletin (locked), how one of its words is said: there alone, or in a dictionary.

    Raises Invalid (also if the form is not in the text as a word of its own), Conflict, Forbidden.
    """
    pronunciations.insist_on_open(bulletin)
    written = written_form(written)
    if not _occurs(_text(session, bulletin), written, spoken_words(spoken)):
        raise Invalid(
            f"Bản tin không có «{written}» đứng riêng. Hãy chép đúng như trong bản tin, cả chữ hoa và dấu.",
            field="written",
        )
    only_here = bulletin if scope is Scope.BULLETIN else None
    return pronunciations.enter(session, written, spoken, scope=scope, bulletin=only_here, by=by, now=now)


def accept(
    session: Session, bulletin: Bulletin, source: str, message: str, *, by: User, now: datetime
) -> None:
    """Answer for a piece that the rules are not sure of: it is read right. `bulletin` is locked."""
    _answer(session, bulletin, source, message, holds=True, by=by, now=now)


def take_back(
    session: Session, bulletin: Bulletin, source: str, message: str, *, by: User, now: datetime
) -> None:
    """Answer for it no more."""
    _answer(session, bulletin, source, message, holds=False, by=by, now=now)


def keep(session: Session, bulletin: Bulletin, line: str, *, by: User, now: datetime) -> None:
    """Have a line of the document's frame spoken after all. `bulletin` is locked. Raises Invalid, Conflict."""
    _frame(session, bulletin, line, holds=True, by=by, now=now)


def leave_out(session: Session, bulletin: Bulletin, line: str, *, by: User, now: datetime) -> None:
    """Leave a line out again that was kept."""
    _frame(session, bulletin, line, holds=False, by=by, now=now)


def one_line(text: str) -> str:
    """A line of a text as notes name it: single spaces."""
    return " ".join(text.split())


def _answer(
    session: Session, bulletin: Bulletin, source: str, message: str, *, holds: bool, by: User, now: datetime
) -> None:
    _permit(bulletin, by)
    asked = {(question.source, question.message) for question in of(session, bulletin).questions}
    if (source, message) not in asked:
        raise Conflict("Chỗ này không còn trong danh sách, có lẽ bản tin vừa được sửa. Hãy tải lại trang.")
    _note(session, bulletin, NoteKind.ACCEPTED, source, message, holds=holds, by=by, now=now)


def _frame(session: Session, bulletin: Bulletin, line: str, *, holds: bool, by: User, now: datetime) -> None:
    _permit(bulletin, by)
    text, line = _text(session, bulletin), one_line(line)
    if line not in {one_line(text[start:end]) for start, end in furniture(text)}:
        raise Invalid(
            "Dòng này không phải là phần trình bày (quốc hiệu, nơi nhận, chữ ký…) của bản tin.", field="line"
        )
    _note(session, bulletin, NoteKind.KEPT, line, "", holds=holds, by=by, now=now)


def _read(session: Session, bulletin: Bulletin, text: str, guide: Guide) -> BulletinReading:
    reading = read_bulletin(text, guide)
    return BulletinReading(
        text, guide, reading, furniture(text), tuple(_questions(session, bulletin, reading))
    )


def _questions(session: Session, bulletin: Bulletin, reading: Reading) -> list[Question]:
    if not reading.warnings:
        return []
    assert bulletin.id is not None
    notes = _notes(session, bulletin.id)
    said = {span.start: span.spoken for span in reading.spans}
    names = users.names(session, {note.by for note in notes.values()})
    asked: dict[tuple[str, str], list[str]] = {}
    for unsure in reading.warnings:
        asked.setdefault((unsure.source, unsure.message), []).append(said.get(unsure.start, ""))
    questions = []
    for (source, message), spoken in asked.items():
        note = notes.get((NoteKind.ACCEPTED, source, message))
        accepted = Acceptance(names[note.by], note.at) if note else None
        questions.append(Question(source, message, spoken[0], len(spoken), accepted))
    return questions


def _occurs(text: str, written: str, spoken: str) -> bool:
    here = Entry(written, spoken, "thử")
    reading = read_bulletin(text, Guide((here,)))
    return any(span.rule == f"từ điển {here.whose}" for span in reading.spans)


def _permit(bulletin: Bulletin, by: User) -> None:
    rights.demand(by, Action.WRITE)
    pronunciations.insist_on_open(bulletin)


def _notes(session: Session, bulletin_id: int) -> dict[tuple[NoteKind, str, str], ReadingNote]:
    """The notes that hold, by kind, source and message."""
    query = select(ReadingNote).where(ReadingNote.bulletin_id == bulletin_id)
    newest = {
        (note.kind, note.source, note.message): note
        for note in session.exec(query.order_by(col(ReadingNote.id)))
    }
    return {key: note for key, note in newest.items() if note.holds}


def _note(
    session: Session,
    bulletin: Bulletin,
    kind: NoteKind,
    source: str,
    message: str,
    *,
    holds: bool,
    by: User,
    now: datetime,
) -> None:
    assert bulletin.id is not None
    assert by.id is not None
    if ((kind, source, message) in _notes(session, bulletin.id)) == holds:
        return  # said already
    session.add(
        ReadingNote(
            bulletin_id=bulletin.id, kind=kind, source=source, message=message, holds=holds, by=by.id, at=now
        )
    )
    session.flush()


def _text(session: Session, bulletin: Bulletin) -> str:
    query = select(Revision.text).where(
        Revision.bulletin_id == bulletin.id, Revision.number == bulletin.revision
    )
    return session.exec(query).one()
