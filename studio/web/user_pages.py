"""«Người dùng»: the administrator adds people, gives new one-time passwords, shuts people out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from studio import users
from studio.errors import Conflict, Invalid, StudioError
from studio.models.users import Role
from studio.users import NewPassword
from studio.web.doors import InTransaction, Now, UserKeeper
from studio.web.pages import go, page

router = APIRouter(prefix="/nguoi-dung")
Text = Annotated[str, Form()]


@router.get("")
def listing(request: Request, session: InTransaction, _: UserKeeper) -> Response:
    """Show everybody, and the form for somebody new."""
    return _show(request, session)


@router.post("")
def add(
    request: Request,
    session: InTransaction,
    _: UserKeeper,
    now: Now,
    name: Text = "",
    full_name: Text = "",
    role: Annotated[Role, Form()] = Role.OFFICER,
) -> Response:
    """Add somebody; their one-time password is on this answer and nowhere else."""
    try:
        issued = users.create(session, name=name, full_name=full_name, role=role, now=now)
    except (Invalid, Conflict) as error:
        given = {"name": name, "full_name": full_name, "role": role}
        return _show(request, session, error=error, given=given)
    return _show(request, session, issued=issued)


@router.post("/{user_id}/cap-lai")
def reset(request: Request, user_id: int, session: InTransaction, _: UserKeeper) -> Response:
    """Give a new one-time password."""
    return _show(request, session, issued=users.reset_password(session, users.get(session, user_id)))


@router.post("/{user_id}/khoa")
def disable(request: Request, user_id: int, session: InTransaction, by: UserKeeper, now: Now) -> Response:
    """Shut somebody out at once."""
    user = users.get(session, user_id)
    users.set_disabled(session, user, disabled=True, by=by, now=now)
    return go(request, "/nguoi-dung", flash=f"Đã khóa tài khoản của {user.full_name}.")


@router.post("/{user_id}/mo")
def enable(request: Request, user_id: int, session: InTransaction, by: UserKeeper, now: Now) -> Response:
    """Let somebody in again."""
    user = users.get(session, user_id)
    users.set_disabled(session, user, disabled=False, by=by, now=now)
    return go(request, "/nguoi-dung", flash=f"Đã mở lại tài khoản của {user.full_name}.")


def _show(
    request: Request,
    session: Session,
    *,
    issued: NewPassword | None = None,
    error: StudioError | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    return page(
        request,
        "users.html",
        status=error.status if error else 200,
        people=users.listing(session),
        issued=issued,
        error=error,
        given=given or {"name": "", "full_name": "", "role": Role.OFFICER},
    )
