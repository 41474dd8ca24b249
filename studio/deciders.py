"""Who may decide about a bulletin: a leader, and never about what they took part in since its last approval."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from studio import rights
from studio.models.bulletins import Bulletin, Decision, Revision, Verdict
from studio.models.readings import Pronunciation, ReadingNote
from studio.models.users import User
from studio.rights import Action


def decidable(session: Session, bulletins: Sequence[Bulletin], user: User) -> list[Bulletin]:
    """Those of these bulletins that this person may approve or send back, as far as it depends on who took part."""
    if not rights.may(user, Action.APPROVE):
        return []
    objections = _objections(session, bulletins, user)
    return [each for each in bulletins if not objections[each.id]]


def objection(session: Session, bulletin: Bulletin, user: User) -> str:
    """Why a leader may not decide about this bulletin, in Vietnamese; empty: they may.

    Words that nobody has approved yet belong to everybody who wrote one of their revisions: a small change by
    somebody else on top does not make them that one's. Before the first approval that is also who began it.
    """
    return _objections(session, [bulletin], user)[bulletin.id]


def _objections(session: Session, bulletins: Sequence[Bulletin], user: User) -> dict[int | None, str]:
    ids = [each.id for each in bulletins]
    approvals = _decisions(session, ids, Decision.verdict == Verdict.APPROVED)
    sent = _decisions(session, ids, Decision.verdict == Verdict.SENT, Decision.by == user.id)
    written = select(Revision.bulletin_id, Revision.number).where(
        col(Revision.bulletin_id).in_(ids), Revision.author_id == user.id
    )
    revisions = list(session.exec(written.order_by(col(Revision.number))))
    read = _about_readings(session, ids, user)
    return {
        each.id: _objection(
            each,
            user,
            written=[number for of, number in revisions if of == each.id],
            sent=[decision for decision in sent if decision.bulletin_id == each.id],
            read=[at for of, at in read if of == each.id],
            approved=next((a for a in reversed(approvals) if a.bulletin_id == each.id), None),
        )
        for each in bulletins
    }


def _objection(
    bulletin: Bulletin,
    user: User,
    *,
    written: Sequence[int],
    sent: Sequence[Decision],
    read: Sequence[datetime],
    approved: Decision | None,
) -> str:
    since = approved.revision if approved else 0
    numbers = [str(number) for number in written if number > since]
    if numbers:
        return f"Bạn đã viết nội dung chưa được duyệt của bản tin này (lần sửa {', '.join(numbers)}){_ASK}"
    if approved is None and bulletin.created_by == user.id:
        return f"Bạn đã tạo bản tin này{_ASK}"
    last, at = (approved.id or 0, approved.at) if approved else (0, None)
    if any(at is None or each > at for each in read):
        return f"Bạn đã quyết định cách đọc trong bản tin này{_ASK}"
    return f"Bạn đã gửi duyệt bản tin này{_ASK}" if any((each.id or 0) > last for each in sent) else ""


_ASK = " nên không thể tự duyệt hay trả lại. Hãy nhờ lãnh đạo khác."


def _decisions(session: Session, of: Sequence[int | None], *conditions: Any) -> list[Decision]:
    query = select(Decision).where(col(Decision.bulletin_id).in_(of), *conditions)
    return list(session.exec(query.order_by(col(Decision.id))))


def _about_readings(
    session: Session, of: Sequence[int | None], user: User
) -> list[tuple[int | None, datetime]]:
    """When this person decided how which of these bulletins is read. Dictionaries do not count: they are for all."""
    found: list[tuple[int | None, datetime]] = []
    for table in (Pronunciation, ReadingNote):
        query = select(col(table.bulletin_id), col(table.at)).where(
            col(table.bulletin_id).in_(of), table.by == user.id
        )
        found += session.exec(query)
    return found
