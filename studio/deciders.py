"""Who may decide about a bulletin: a leader, and never about what they took part in since its last approval."""

from sqlmodel import Session, col, select

from studio import rights
from studio.models.bulletins import Bulletin, Decision, Revision, Verdict
from studio.models.users import User
from studio.rights import Action


def may_decide(session: Session, bulletin: Bulletin, user: User) -> bool:
    """Say whether this person may approve or send back."""
    return rights.may(user, Action.APPROVE) and not objection(session, bulletin, user)


def objection(session: Session, bulletin: Bulletin, user: User) -> str:
    """Why a leader may not decide about this bulletin, in Vietnamese; empty: they may.

    Words that nobody has approved yet belong to everybody who wrote one of their revisions: a small change by
    somebody else on top does not make them that one's. Before the first approval that is also who began it.
    """
    approved = _last_approval(session, bulletin)
    written = select(Revision.number).where(
        Revision.bulletin_id == bulletin.id,
        Revision.author_id == user.id,
        Revision.number > (approved.revision if approved else 0),
    )
    numbers = [str(number) for number in session.exec(written.order_by(col(Revision.number)))]
    if numbers:
        return f"Bạn đã viết nội dung chưa được duyệt của bản tin này (lần sửa {', '.join(numbers)}){_ASK}"
    if approved is None and bulletin.created_by == user.id:
        return f"Bạn đã tạo bản tin này{_ASK}"
    sent = select(Decision.id).where(
        Decision.bulletin_id == bulletin.id,
        Decision.verdict == Verdict.SENT,
        Decision.by == user.id,
        col(Decision.id) > ((approved.id if approved else None) or 0),
    )
    return f"Bạn đã gửi duyệt bản tin này{_ASK}" if session.exec(sent).first() is not None else ""


_ASK = " nên không thể tự duyệt hay trả lại. Hãy nhờ lãnh đạo khác."


def _last_approval(session: Session, bulletin: Bulletin) -> Decision | None:
    query = select(Decision).where(Decision.bulletin_id == bulletin.id, Decision.verdict == Verdict.APPROVED)
    return session.exec(query.order_by(col(Decision.id).desc())).first()
