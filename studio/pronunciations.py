"""The pronunciation dictionary: how a written form is said, where, decided by whom; nothing in it is ever lost."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, false, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from studio import rights, users
from studio.drafts import folded
from studio.errors import Conflict, NotFound
from studio.models.bulletins import Bulletin, BulletinState
from studio.models.readings import Pronunciation, Scope
from studio.models.users import User
from studio.rights import Action
from studio.word_forms import spoken_words, written_form
from tts.text.dictionary import Entry

SCOPE_NAMES = {
    Scope.BULLETIN: "Chỉ bản tin này",
    Scope.COMMUNE: "Từ điển của xã",
    Scope.PROVINCE: "Từ điển của tỉnh",
}
"""What staff call the scopes, the narrowest first."""
WHOSE = {Scope.BULLETIN: "của bản tin này", Scope.COMMUNE: "của xã", Scope.PROVINCE: "của tỉnh"}
"""What an audit trail calls them, after «từ điển»."""
SHARED = (Scope.COMMUNE, Scope.PROVINCE)
"""The scopes that are dictionaries of many bulletins."""

_WEIGHT = {scope: weight for weight, scope in enumerate(SCOPE_NAMES)}
_RIGHT = {
    Scope.BULLETIN: Action.WRITE,
    Scope.COMMUNE: Action.COMMUNE_DICTIONARY,
    Scope.PROVINCE: Action.PROVINCE_DICTIONARY,
}
_OPEN = (BulletinState.DRAFT, BulletinState.SENT_BACK)


@dataclass(frozen=True)
class Line:
    """One row of the dictionary, and who wrote it."""

    entry: Pronunciation
    who: str


def scopes_of(user: User) -> list[Scope]:
    """Where this person may decide, the narrowest first."""
    return [scope for scope, action in _RIGHT.items() if rights.may(user, action)]


def may_change(bulletin: Bulletin) -> bool:
    """Say whether what is decided about this bulletin's reading can still be changed: nothing of it was sent off."""
    return bulletin.state in _OPEN


def insist_on_open(bulletin: Bulletin) -> None:
    """Raise Conflict for a bulletin that waits or is approved: its reading is part of what is decided about."""
    if not may_change(bulletin):
        raise Conflict(
            "Bản tin đang chờ duyệt hoặc đã duyệt nên không đổi cách đọc được. Hãy rút lại, hoặc sửa nội dung trước."
        )


def enter(
    session: Session,
    written: str,
    spoken: str,
    *,
    scope: Scope,
    bulletin: Bulletin | None = None,
    by: User,
    now: datetime,
) -> Pronunciation:
    """Decide that `written` is said as `spoken`; the same again changes nothing.

    `bulletin` is the one it holds in, only for that scope, and locked. Raises Invalid, Forbidden, Conflict.
    """
    _permit(scope, bulletin, by)
    written, spoken = written_form(written), spoken_words(spoken)
    known = find(session, written, scope=scope, bulletin_id=bulletin.id if bulletin else None)
    if known is not None and not known.withdrawn and known.spoken == spoken:
        return known
    entry = Pronunciation(
        scope=scope,
        bulletin_id=bulletin.id if bulletin else None,
        written=written,
        spoken=spoken,
        folded=folded(f"{written} {spoken}"),
        by=_id(by),
        at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def again(session: Session, entry: Pronunciation, spoken: str, *, by: User, now: datetime) -> Pronunciation:
    """Decide anew about the form of `entry`, where it holds. Raises Invalid, Forbidden, Conflict."""
    bulletin = None
    if entry.bulletin_id is not None:
        bulletin = session.get(Bulletin, entry.bulletin_id, with_for_update=True)
    return enter(session, entry.written, spoken, scope=entry.scope, bulletin=bulletin, by=by, now=now)


def undo(session: Session, entry_id: int, *, by: User, now: datetime) -> Pronunciation:
    """Take the newest decision about a form back: what held before it holds again. Raises Conflict, Forbidden."""
    newest = _newest(session, entry_id, by)
    before = session.exec(_of_the_same(newest).where(col(Pronunciation.id) < newest.id)).first()
    if before is None:
        return _again(session, newest, spoken=newest.spoken, withdrawn=True, by=by, now=now)
    return _again(session, newest, spoken=before.spoken, withdrawn=before.withdrawn, by=by, now=now)


def withdraw(session: Session, entry_id: int, *, by: User, now: datetime) -> Pronunciation:
    """Strike an entry out: the rules read the form again. Raises Conflict, Forbidden."""
    newest = _newest(session, entry_id, by)
    if newest.withdrawn:
        raise Conflict("Mục này đã được bỏ khỏi từ điển rồi.")
    return _again(session, newest, spoken=newest.spoken, withdrawn=True, by=by, now=now)


def get(session: Session, entry_id: int) -> Pronunciation:
    """Find a row; raises NotFound."""
    entry = session.get(Pronunciation, entry_id)
    if entry is None:
        raise NotFound("Không có mục từ điển này.")
    return entry


def find(
    session: Session, written: str, *, scope: Scope, bulletin_id: int | None = None
) -> Pronunciation | None:
    """The row that governs a form in a scope; it may say that the entry was withdrawn."""
    return session.exec(_about(written, scope, bulletin_id)).first()


def history(session: Session, entry: Pronunciation) -> list[Line]:
    """Everything ever decided about this form in this scope, the newest first."""
    return _with_names(session, session.exec(_of_the_same(entry)).all())


def about(session: Session, written: str, *, bulletin_id: int) -> list[Line]:
    """What governs a form in this bulletin and in the dictionaries, the narrowest first; also what was withdrawn."""
    found = [
        find(session, written, scope=scope, bulletin_id=bulletin_id if scope is Scope.BULLETIN else None)
        for scope in Scope
    ]
    return _with_names(session, [entry for entry in found if entry is not None])


@dataclass(frozen=True)
class Search:
    """Which entries are looked for: by their letters or by how they are said, with or without accents."""

    words: str = ""
    scopes: Collection[Scope] = SHARED
    withdrawn: bool = False


def listing(session: Session, wanted: Search, *, limit: int = 100, offset: int = 0) -> list[Line]:
    """What governs, by form."""
    query = _governing(wanted).order_by(func.lower(Pronunciation.written), col(Pronunciation.id))
    return _with_names(session, session.exec(query.limit(limit).offset(offset)).all())


def count(session: Session, wanted: Search) -> int:
    """How many there are."""
    return session.exec(select(func.count()).select_from(_governing(wanted).subquery())).one()


def entries(session: Session, text: str, *, bulletin_id: int | None) -> tuple[Entry, ...]:
    """The entries that a text has, by weight: this bulletin's, the commune's, the province's."""
    of_this = col(Pronunciation.bulletin_id) == bulletin_id if bulletin_id is not None else false()
    holds = or_(col(Pronunciation.scope).in_(SHARED), of_this)
    newest = select(func.max(Pronunciation.id)).where(holds).group_by(*_KEY)
    rows = select(col(Pronunciation.scope), Pronunciation.written, Pronunciation.spoken).where(
        col(Pronunciation.id).in_(newest), col(Pronunciation.withdrawn).is_(False)
    )
    flat = " ".join(text.split())
    found = sorted(
        (_WEIGHT[scope], written, spoken, scope)
        for scope, written, spoken in session.exec(rows)
        if written in flat
    )
    return tuple(Entry(written, spoken, WHOSE[scope]) for _, written, spoken, scope in found)


_KEY = (col(Pronunciation.scope), col(Pronunciation.bulletin_id), col(Pronunciation.written))


def _governing(wanted: Search) -> SelectOfScalar[Pronunciation]:
    newest = select(func.max(Pronunciation.id)).group_by(*_KEY)
    query = select(Pronunciation).where(
        col(Pronunciation.id).in_(newest),
        col(Pronunciation.scope).in_(wanted.scopes),
        Pronunciation.withdrawn == wanted.withdrawn,
    )
    if words := folded(wanted.words):
        query = query.where(col(Pronunciation.folded).contains(words, autoescape=True))
    return query


def _about(written: str, scope: Scope, bulletin_id: int | None) -> SelectOfScalar[Pronunciation]:
    same = select(Pronunciation).where(
        Pronunciation.scope == scope,
        Pronunciation.written == written,
        Pronunciation.bulletin_id == bulletin_id,
    )
    return same.order_by(col(Pronunciation.id).desc())


def _of_the_same(entry: Pronunciation) -> SelectOfScalar[Pronunciation]:
    return _about(entry.written, entry.scope, entry.bulletin_id)


def _newest(session: Session, entry_id: int, by: User) -> Pronunciation:
    entry = get(session, entry_id)
    bulletin = None
    if entry.bulletin_id is not None:
        bulletin = session.get(Bulletin, entry.bulletin_id, with_for_update=True)
    _permit(entry.scope, bulletin, by)
    session.refresh(entry, with_for_update=True)  # of two who undo the same, the second is told
    if session.exec(_of_the_same(entry)).first() is not entry:
        raise Conflict("Mục này vừa được sửa tiếp. Hãy tải lại trang để xem cách đọc hiện nay.")
    return entry


def _permit(scope: Scope, bulletin: Bulletin | None, by: User) -> None:
    assert (scope is Scope.BULLETIN) == (bulletin is not None)
    rights.demand(by, _RIGHT[scope])
    if bulletin is not None:
        insist_on_open(bulletin)


def _again(
    session: Session, newest: Pronunciation, *, spoken: str, withdrawn: bool, by: User, now: datetime
) -> Pronunciation:
    entry = Pronunciation(
        scope=newest.scope,
        bulletin_id=newest.bulletin_id,
        written=newest.written,
        spoken=spoken,
        folded=folded(f"{newest.written} {spoken}"),
        withdrawn=withdrawn,
        by=_id(by),
        at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def _with_names(session: Session, found: Sequence[Pronunciation]) -> list[Line]:
    names = users.names(session, {entry.by for entry in found})
    return [Line(entry, names[entry.by]) for entry in found]


def _id(user: User) -> int:
    assert user.id is not None
    return user.id
