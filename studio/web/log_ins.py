"""Log in, log out, change the password."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from studio import log_in, users
from studio.errors import Invalid, NotLoggedIn, TooMany
from studio.models.users import LogInKind
from studio.web.doors import NEWCOMER, SESSION_COOKIE, InTransaction, MaybeLogIn, Newcomer, Now, TheServices
from studio.web.pages import go, is_secure, page

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/dang-nhap")
def ask(request: Request, found: MaybeLogIn, tiep: str = "/") -> Response:
    """Show the form, or go on if somebody is logged in."""
    return go(request, _ours(tiep)) if found else page(request, "log_in.html", tiep=_ours(tiep), name="")


@router.post("/dang-nhap")
def enter(
    request: Request, services: TheServices, now: Now, name: Text = "", password: Text = "", tiep: Text = "/"
) -> Response:
    """Log in and go where the person wanted to go."""
    try:
        token = log_in.log_in(
            services.engine, name, password, kind=LogInKind.BROWSER, settings=services.settings, now=now
        )
    except (NotLoggedIn, TooMany) as error:
        return page(request, "log_in.html", status=error.status, error=error, tiep=_ours(tiep), name=name)
    response = go(request, _ours(tiep))
    _remember(request, response, token)
    return response


@router.post("/dang-xuat")
def leave(request: Request, session: InTransaction) -> Response:
    """Log out: the row goes, not only the cookie."""
    if token := request.cookies.get(SESSION_COOKIE):
        log_in.log_out(session, token)
    response = go(request, "/dang-nhap", flash="Bạn đã đăng xuất.")
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/doi-mat-khau", dependencies=[NEWCOMER])
def ask_new(request: Request) -> Response:
    """Show the form for a new password."""
    return page(request, "password.html")


@router.post("/doi-mat-khau")
def change(
    request: Request,
    services: TheServices,
    session: InTransaction,
    user: Newcomer,
    now: Now,
    old: Text = "",
    new: Text = "",
    again: Text = "",
) -> Response:
    """Change the password; every other log-in of this person ends."""
    try:
        if new != again:
            raise Invalid("Hai lần nhập mật khẩu mới không giống nhau.", field="again")
        users.change_password(session, user, old=old, new=new)
    except Invalid as error:
        return page(request, "password.html", status=error.status, error=error)
    token = log_in.start(session, user, kind=LogInKind.BROWSER, settings=services.settings, now=now)
    response = go(request, "/", flash="Đã đổi mật khẩu.")
    _remember(request, response, token)
    return response


def _remember(request: Request, response: Response, token: str) -> None:
    response.set_cookie(SESSION_COOKIE, token, httponly=True, samesite="lax", secure=is_secure(request))


def _ours(address: str) -> str:
    """Only a path of this site: nobody is led elsewhere by a link to the log-in page."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"
