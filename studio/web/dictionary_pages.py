"""«Từ điển phát âm»: what the commune and the province decided about how words are said."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from studio import bulletins, pronunciations
from studio.errors import Conflict, Invalid, StudioError
from studio.models.readings import Pronunciation, Scope
from studio.models.users import User
from studio.pronunciations import SHARED, Search
from studio.web.doors import LOGGED_IN, CurrentUser, InTransaction, Now
from studio.web.pages import go, page

router = APIRouter(prefix="/tu-dien")
Text = Annotated[str, Form()]
PAGE_SIZE = 50


@router.get("")
def listing(
    request: Request,
    session: InTransaction,
    user: CurrentUser,
    search: Annotated[str, Query(alias="tim", max_length=200)] = "",
    scope: Annotated[Scope | None, Query(alias="cua")] = None,
    withdrawn: Annotated[bool, Query(alias="thoi-dung")] = False,
    number: Annotated[int, Query(alias="trang", ge=1, le=10_000)] = 1,
) -> Response:
    """Show the entries by form, and the form for a new one."""
    return _show(request, session, user, search=search, scope=scope, withdrawn=withdrawn, number=number)


@router.post("")
def add(
    request: Request,
    session: InTransaction,
    user: CurrentUser,
    now: Now,
    written: Text = "",
    spoken: Text = "",
    scope: Annotated[Scope, Form()] = Scope.COMMUNE,
) -> Response:
    """Decide how a form is said in every bulletin."""
    try:
        entry = pronunciations.enter(session, written, spoken, scope=_shared(scope), by=user, now=now)
    except (Invalid, Conflict) as error:
        given = {"written": written, "spoken": spoken, "scope": scope}
        return _show(request, session, user, error=error, given=given)
    return go(request, "/tu-dien", flash=f"Đã lưu: «{entry.written}» đọc là «{entry.spoken}».")


@router.get("/{entry_id}", dependencies=[LOGGED_IN])
def show(request: Request, entry_id: int, session: InTransaction, user: CurrentUser) -> Response:
    """Show one form in one scope with its history and what can be done about it."""
    return _entry(request, session, user, pronunciations.get(session, entry_id))


@router.post("/{entry_id}")
def correct(
    request: Request, entry_id: int, session: InTransaction, user: CurrentUser, now: Now, spoken: Text = ""
) -> Response:
    """Say it otherwise from now on."""
    entry = pronunciations.get(session, entry_id)
    try:
        changed = pronunciations.again(session, entry, spoken, by=user, now=now)
    except (Invalid, Conflict) as error:
        return _entry(request, session, user, entry, error=error, given=spoken)
    return go(
        request, f"/tu-dien/{changed.id}", flash=f"Đã lưu: «{changed.written}» đọc là «{changed.spoken}»."
    )


@router.post("/{entry_id}/hoan-tac")
def undo(request: Request, entry_id: int, session: InTransaction, user: CurrentUser, now: Now) -> Response:
    """Take the newest decision back."""
    entry = pronunciations.undo(session, entry_id, by=user, now=now)
    return go(request, f"/tu-dien/{entry.id}", flash="Đã hoàn tác lần sửa gần nhất.")


@router.post("/{entry_id}/thoi-dung")
def withdraw(
    request: Request, entry_id: int, session: InTransaction, user: CurrentUser, now: Now
) -> Response:
    """Strike it out."""
    entry = pronunciations.withdraw(session, entry_id, by=user, now=now)
    return go(request, f"/tu-dien/{entry.id}", flash=f"Đã thôi dùng «{entry.written}».")


def _shared(scope: Scope) -> Scope:
    if scope not in SHARED:
        raise Invalid("Cách đọc của riêng một bản tin được sửa ở trang bản tin đó.", field="scope")
    return scope


def _show(
    request: Request,
    session: Session,
    user: User,
    *,
    search: str = "",
    scope: Scope | None = None,
    withdrawn: bool = False,
    number: int = 1,
    error: StudioError | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    wanted = Search(search, SHARED if scope is None else [scope], withdrawn)
    open_to = [each for each in pronunciations.scopes_of(user) if each in SHARED]
    return page(
        request,
        "dictionary.html",
        status=error.status if error else 200,
        found=pronunciations.listing(session, wanted, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE),
        total=pronunciations.count(session, wanted),
        size=PAGE_SIZE,
        number=number,
        search=search,
        scope=scope,
        withdrawn=withdrawn,
        filtered=bool(search or scope or withdrawn or number > 1),
        tabs=[(each, pronunciations.SCOPE_NAMES[each]) for each in SHARED],
        scope_names=pronunciations.SCOPE_NAMES,
        open_to=[(each, pronunciations.SCOPE_NAMES[each]) for each in open_to],
        given=given or {"written": "", "spoken": "", "scope": Scope.COMMUNE},
        error=error,
    )


def _entry(
    request: Request,
    session: Session,
    user: User,
    entry: Pronunciation,
    *,
    error: StudioError | None = None,
    given: str | None = None,
) -> Response:
    history = pronunciations.history(session, entry)
    newest = history[0].entry
    bulletin = bulletins.get(session, newest.bulletin_id) if newest.bulletin_id is not None else None
    return page(
        request,
        "dictionary_entry.html",
        status=error.status if error else 200,
        entry=newest,
        history=history,
        bulletin=bulletin,
        given=newest.spoken if given is None else given,
        changeable=newest.scope in pronunciations.scopes_of(user)
        and (bulletin is None or pronunciations.may_change(bulletin)),
        scope_names=pronunciations.SCOPE_NAMES,
        error=error,
    )
