"""What people decide on a bulletin's page about how it is read: corrections, answers, lines of the frame."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from studio import bulletins, pronunciations, readings
from studio.errors import Conflict, Invalid, StudioError
from studio.models.bulletins import Bulletin
from studio.models.readings import Scope
from studio.models.users import User
from studio.web.doors import CurrentUser, InTransaction, Now, Writer
from studio.web.pages import is_htmx, page, stay

router = APIRouter(prefix="/ban-tin/{bulletin_id}/cach-doc")
Text = Annotated[str, Form()]


@router.get("/sua")
def correction(
    request: Request,
    bulletin_id: int,
    session: InTransaction,
    user: CurrentUser,
    written: Annotated[str, Query(alias="chu", max_length=1000)] = "",
) -> Response:
    """Show how a piece of the text is said, who decided it, and the form to say it otherwise."""
    bulletin = bulletins.get(session, bulletin_id)
    pronunciations.insist_on_open(bulletin)
    written = readings.one_line(written)
    spans = readings.of(session, bulletin).reading.spans
    span = next((span for span in spans if readings.one_line(span.source) == written), None)
    # A word among others that are said as they are written is said so too.
    said = readings.one_line((span.spoken if span else written).lower()).strip(" ,.")
    return _form(
        request, session, bulletin, user, written=written, spoken=said, rule=span.rule if span else ""
    )


@router.post("/sua")
def correct(
    request: Request,
    bulletin_id: int,
    session: InTransaction,
    user: CurrentUser,
    now: Now,
    written: Text = "",
    spoken: Text = "",
    scope: Annotated[Scope, Form()] = Scope.BULLETIN,
) -> Response:
    """Decide how it is said."""
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    try:
        entry = readings.correct(session, bulletin, written, spoken, scope=scope, by=user, now=now)
    except (Invalid, Conflict) as error:
        return _form(
            request, session, bulletin, user, written=written, spoken=spoken, scope=scope, error=error
        )
    return _back(request, bulletin_id, f"Đã lưu: «{entry.written}» đọc là «{entry.spoken}».")


@router.post("/hoan-tac")
def undo(
    request: Request,
    bulletin_id: int,
    session: InTransaction,
    user: CurrentUser,
    now: Now,
    entry: Annotated[int, Form()],
) -> Response:
    """Take the newest decision about a form back."""
    undone = pronunciations.undo(session, entry, by=user, now=now)
    said = "theo quy tắc" if undone.withdrawn else f"là «{undone.spoken}»"
    return _back(request, bulletin_id, f"Đã hoàn tác: «{undone.written}» lại đọc {said}.")


@router.post("/dung-roi")
def accept(
    request: Request,
    bulletin_id: int,
    session: InTransaction,
    user: Writer,
    now: Now,
    source: Text,
    message: Text,
) -> Response:
    """Answer for a piece that the machine is not sure of."""
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    readings.accept(session, bulletin, source, message, by=user, now=now)
    return _back(request, bulletin_id)


@router.post("/xem-lai")
def take_back(
    request: Request,
    bulletin_id: int,
    session: InTransaction,
    user: Writer,
    now: Now,
    source: Text,
    message: Text,
) -> Response:
    """Answer for it no more."""
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    readings.take_back(session, bulletin, source, message, by=user, now=now)
    return _back(request, bulletin_id)


@router.post("/giu-dong")
def keep(
    request: Request, bulletin_id: int, session: InTransaction, user: Writer, now: Now, line: Text
) -> Response:
    """Have a line of the document's frame spoken after all."""
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    readings.keep(session, bulletin, line, by=user, now=now)
    return _back(request, bulletin_id)


@router.post("/bo-dong")
def leave_out(
    request: Request, bulletin_id: int, session: InTransaction, user: Writer, now: Now, line: Text
) -> Response:
    """Leave it out again."""
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    readings.leave_out(session, bulletin, line, by=user, now=now)
    return _back(request, bulletin_id)


def _form(
    request: Request,
    session: Session,
    bulletin: Bulletin,
    user: User,
    *,
    written: str,
    spoken: str,
    rule: str = "",
    scope: Scope | None = None,
    error: StudioError | None = None,
) -> Response:
    assert bulletin.id is not None
    scopes = pronunciations.scopes_of(user)
    return page(
        request,
        "_correction.html" if is_htmx(request) else "correction.html",
        status=error.status if error else 200,
        bulletin=bulletin,
        written=written,
        spoken=spoken,
        rule=rule,
        scopes=[(each, pronunciations.SCOPE_NAMES[each]) for each in scopes],
        scope=scope or next(iter(scopes), None),
        known=pronunciations.about(session, written, bulletin_id=bulletin.id),
        scope_names=pronunciations.SCOPE_NAMES,
        changeable=scopes,
        error=error,
    )


def _back(request: Request, bulletin_id: int, flash: str = "") -> Response:
    return stay(request, f"/ban-tin/{bulletin_id}#cach-doc", flash=flash)
