"""Bulletins: written, edited, spoken, sent for approval, decided. Services flush; the request commits."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from studio import bookings, deciders, readings, recordings, rights
from studio.drafts import Draft, clean, folded, refuse_binary
from studio.errors import Conflict, Forbidden, Invalid, NotFound
from studio.models.bulletins import Bulletin, BulletinState, Decision, Revision, Verdict
from studio.models.users import User
from studio.plain_text import plain
from studio.readings import Question
from studio.rights import Action

LONGEST_REASON = 2_000

STATE_NAMES = {
    BulletinState.DRAFT: "Đang soạn",
    BulletinState.WAITING: "Chờ duyệt",
    BulletinState.APPROVED: "Đã duyệt",
    BulletinState.SENT_BACK: "Bị trả lại",
}
"""What staff call the states."""
VERDICT_NAMES = {
    Verdict.SENT: "Gửi duyệt",
    Verdict.WITHDRAWN: "Rút lại",
    Verdict.APPROVED: "Duyệt",
    Verdict.SENT_BACK: "Trả lại",
    Verdict.VOIDED: "Mất hiệu lực duyệt vì bản tin được sửa",
}
"""What staff call the lines of a history."""


class Edited(Conflict):
    """Somebody else saved first; `theirs` is what they wrote. Nothing of either is lost."""

    def __init__(self, theirs: Revision, who: str) -> None:
        super().__init__(
            f"{who} vừa lưu bản tin này (lần sửa {theirs.number}) trong lúc bạn đang viết. Bản của bạn chưa được lưu: "
            "hãy so hai bản bên dưới, gộp lại rồi lưu lần nữa."
        )
        self.theirs = theirs


@dataclass(frozen=True)
class Line:
    """One line of a bulletin's history."""

    decision: Decision
    who: str


def write(session: Session, draft: Draft, *, by: User, now: datetime) -> Bulletin:
    """Begin a bulletin; raises Invalid or Forbidden."""
    rights.demand(by, Action.WRITE)
    draft = clean(draft)
    bulletin = Bulletin(
        title=draft.title,
        folded=folded(draft.title),
        created_by=_id(by),
        created_at=now,
        changed_at=now,
    )
    session.add(bulletin)
    session.flush()
    _add_revision(session, bulletin, draft, by=by, now=now)
    return bulletin


def edit(
    session: Session, bulletin_id: int, draft: Draft, *, based_on: int, by: User, now: datetime
) -> Bulletin:
    """Write a new revision on top of revision `based_on`. An approval is void, for other words will be heard.

    What was booked of the approved sound and has not begun is withdrawn with it; the history names the bookings.
    Raises Edited if somebody was quicker; Invalid; Forbidden.
    """
    rights.demand(by, Action.WRITE)
    bulletin = get(session, bulletin_id, to_change=True)
    newest = current(session, bulletin)
    if bulletin.revision != based_on:
        author = session.get(User, newest.author_id)
        raise Edited(newest, author.full_name if author else "Người khác")
    draft = clean(draft)
    if draft == Draft(title=newest.title, text=newest.text):
        return bulletin
    if bulletin.state is BulletinState.APPROVED:
        _void(session, bulletin, by=by, now=now)
    elif bulletin.state is BulletinState.WAITING:
        _note(session, bulletin, Verdict.WITHDRAWN, by=by, now=now)
    recordings.cancel_open(session, bulletin, now=now)
    bulletin.revision += 1
    bulletin.title, bulletin.folded = draft.title, folded(draft.title)
    _to(bulletin, BulletinState.DRAFT, now)
    _add_revision(session, bulletin, draft, by=by, now=now)
    return bulletin


def send(session: Session, bulletin_id: int, *, by: User, now: datetime) -> Bulletin:
    """Send for approval: there must be a sound to hear, read as things stand, and nobody's question left open.

    Raises Conflict or Forbidden.
    """
    rights.demand(by, Action.WRITE)
    bulletin = get(session, bulletin_id, to_change=True)
    _must_be(bulletin, BulletinState.DRAFT, BulletinState.SENT_BACK)
    if recordings.is_open(session, bulletin):
        raise Conflict(
            "Bản tin đang được đọc nên chưa gửi duyệt được. Hãy đợi đọc xong rồi nghe lại, hoặc hủy việc đọc."
        )
    recording = recordings.finished(session, bulletin)
    if recording is None:
        raise Conflict("Chưa gửi duyệt được: nội dung này chưa có bản ghi âm. Hãy bấm «Đọc bản tin» trước.")
    reading = readings.of(session, bulletin)
    if reading.open:
        raise Conflict(
            f"Còn {len(reading.open)} chỗ máy không chắc cách đọc: {_named(reading.open)}. "
            "Hãy sửa cách đọc hoặc bấm «Đúng rồi» cho từng chỗ rồi gửi duyệt."
        )
    if recording.spoken != reading.reading.spoken:
        raise Conflict("Cách đọc đã đổi từ lúc ghi âm; hãy bấm «Đọc lại» và nghe trước khi gửi duyệt.")
    _to(bulletin, BulletinState.WAITING, now)
    _note(session, bulletin, Verdict.SENT, by=by, now=now, sha256=recording.sha256)
    return bulletin


def withdraw(session: Session, bulletin_id: int, *, by: User, now: datetime) -> Bulletin:
    """Take a bulletin back before it was decided. Raises Conflict or Forbidden."""
    rights.demand(by, Action.WRITE)
    bulletin = get(session, bulletin_id, to_change=True)
    _must_be(bulletin, BulletinState.WAITING)
    _to(bulletin, BulletinState.DRAFT, now)
    _note(session, bulletin, Verdict.WITHDRAWN, by=by, now=now)
    return bulletin


def approve(session: Session, bulletin_id: int, *, sha256: str, by: User, now: datetime) -> Bulletin:
    """Let this sound go on air: the leader approves what they heard, named by its SHA-256.

    Raises Forbidden for whoever took part (studio.deciders), Conflict if it does not wait or sounds otherwise by now.
    """
    bulletin = _to_decide(session, bulletin_id, by)
    recording = recordings.finished(session, bulletin)
    if recording is None or recording.sha256 != sha256:
        raise Conflict("Âm thanh của bản tin đã thay đổi từ lúc bạn mở trang. Hãy tải lại trang và nghe lại.")
    _to(bulletin, BulletinState.APPROVED, now)
    bulletin.approved_sha256 = sha256
    _note(session, bulletin, Verdict.APPROVED, by=by, now=now, sha256=sha256)
    return bulletin


def send_back(session: Session, bulletin_id: int, *, reason: str, by: User, now: datetime) -> Bulletin:
    """Refuse, saying why. Raises Invalid without a reason, Forbidden, Conflict."""
    bulletin = _to_decide(session, bulletin_id, by)
    reason = plain(reason).strip()
    if not reason:
        raise Invalid("Hãy ghi lý do trả lại để người soạn biết cần sửa gì.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"Lý do dài quá {LONGEST_REASON} ký tự.", field="reason")
    refuse_binary(reason, "reason")
    _to(bulletin, BulletinState.SENT_BACK, now)
    _note(session, bulletin, Verdict.SENT_BACK, by=by, now=now, reason=reason)
    return bulletin


def get(session: Session, bulletin_id: int, *, to_change: bool = False) -> Bulletin:
    """Find a bulletin; `to_change` locks its row until the transaction ends. Raises NotFound."""
    bulletin = session.get(Bulletin, bulletin_id, with_for_update=to_change or None)
    if bulletin is None:
        raise NotFound("Không có bản tin này.")
    return bulletin


def current(session: Session, bulletin: Bulletin) -> Revision:
    """The newest words of a bulletin."""
    query = select(Revision).where(Revision.bulletin_id == bulletin.id, Revision.number == bulletin.revision)
    return session.exec(query).one()


def listing(
    session: Session,
    *,
    state: BulletinState | None = None,
    search: str = "",
    limit: int = 100,
    offset: int = 0,
) -> list[Bulletin]:
    """Bulletins whose title has these words, with or without accents; the last changed first."""
    query = select(Bulletin).order_by(col(Bulletin.changed_at).desc(), col(Bulletin.id).desc())
    if state is not None:
        query = query.where(Bulletin.state == state)
    if words := folded(search):
        query = query.where(col(Bulletin.folded).contains(words, autoescape=True))
    return list(session.exec(query.limit(limit).offset(offset)))


def counts(session: Session) -> dict[BulletinState, int]:
    """How many bulletins stand where."""
    found = session.exec(select(Bulletin.state, func.count()).group_by(col(Bulletin.state)))
    known: dict[str, int] = dict(found.all())
    return {state: known.get(state, 0) for state in BulletinState}


def history(session: Session, bulletin: Bulletin) -> list[Line]:
    """Every decision, the newest first."""
    query = select(Decision, User.full_name).join(User, col(User.id) == Decision.by)
    query = query.where(Decision.bulletin_id == bulletin.id).order_by(col(Decision.id).desc())
    return [Line(decision, who) for decision, who in session.exec(query)]


def _named(questions: list[Question]) -> str:
    named = ", ".join(f"«{question.source}»" for question in questions[:5])
    return f"{named} và {len(questions) - 5} chỗ khác" if len(questions) > 5 else named


def _to_decide(session: Session, bulletin_id: int, by: User) -> Bulletin:
    rights.demand(by, Action.APPROVE)
    bulletin = get(session, bulletin_id, to_change=True)
    _must_be(bulletin, BulletinState.WAITING)
    if refusal := deciders.objection(session, bulletin, by):
        raise Forbidden(refusal)
    return bulletin


def _void(session: Session, bulletin: Bulletin, *, by: User, now: datetime) -> None:
    assert bulletin.id is not None
    lost = bookings.to_come_of(session, bulletin.id, now=now)
    names = ", ".join(f"«{booking.title}»" for booking in lost)
    reason = f"Lịch phát {names} bị hủy." if lost else ""
    _note(session, bulletin, Verdict.VOIDED, by=by, now=now, reason=reason, sha256=bulletin.approved_sha256)
    _to(bulletin, BulletinState.DRAFT, now)
    for booking in lost:
        bookings.withdraw(session, booking.id, by=by, now=now)


def _must_be(bulletin: Bulletin, *states: BulletinState) -> None:
    if bulletin.state not in states:
        wanted = " hoặc ".join(f"«{STATE_NAMES[state]}»" for state in states)
        raise Conflict(
            f"Bản tin đang ở trạng thái «{STATE_NAMES[bulletin.state]}»; việc này cần trạng thái {wanted}."
        )


def _to(bulletin: Bulletin, state: BulletinState, now: datetime) -> None:
    bulletin.state, bulletin.changed_at, bulletin.approved_sha256 = state, now, None


def _note(
    session: Session,
    bulletin: Bulletin,
    verdict: Verdict,
    *,
    by: User,
    now: datetime,
    reason: str = "",
    sha256: str | None = None,
) -> None:
    assert bulletin.id is not None
    session.add(
        Decision(
            bulletin_id=bulletin.id,
            revision=bulletin.revision,
            verdict=verdict,
            by=_id(by),
            at=now,
            reason=reason,
            sha256=sha256,
        )
    )
    session.flush()


def _add_revision(session: Session, bulletin: Bulletin, draft: Draft, *, by: User, now: datetime) -> None:
    assert bulletin.id is not None
    session.add(
        Revision(
            bulletin_id=bulletin.id,
            number=bulletin.revision,
            title=draft.title,
            text=draft.text,
            author_id=_id(by),
            written_at=now,
        )
    )
    session.flush()


def _id(user: User) -> int:
    assert user.id is not None, "somebody who is not in the database decides nothing"
    return user.id
