"""A form counts only if our own page wrote it: it must bring a token that only this browser's cookie yields."""

import hmac
import secrets

from fastapi import Request
from starlette.responses import Response

from studio.errors import Forbidden
from studio.log_in import csrf_token
from studio.web.doors import SAFE, SESSION_COOKIE

GUEST_COOKIE = "loa_khach"
FIELD = "csrf"
HEADER = "X-CSRF-Token"


def token(request: Request) -> str:
    """The token that forms of this answer carry. A guest without a cookie gets one with the answer."""
    return csrf_token(_secret(request) or _new_guest(request))


def set_guest(request: Request, response: Response, *, secure: bool) -> None:
    """Give the browser the cookie of a guest, if token() had to make one."""
    if guest := getattr(request.state, "guest", None):
        response.set_cookie(GUEST_COOKIE, guest, httponly=True, samesite="lax", secure=secure)


async def check(request: Request) -> None:
    """Dependency of every page that changes something; raises Forbidden."""
    if request.method in SAFE:
        return
    given = request.headers.get(HEADER)
    if given is None:
        request.state.form = await request.form()  # what was written is given back where it cannot be taken
        field = request.state.form.get(FIELD)
        given = field if isinstance(field, str) else ""
    secret = _secret(request)
    if secret is None or not hmac.compare_digest(given.encode(), csrf_token(secret).encode()):
        raise Forbidden(
            "Trang này đã cũ hoặc phiên làm việc đã hết hạn. Hãy quay lại, tải lại trang rồi gửi lần nữa."
        )


def _secret(request: Request) -> str | None:
    return request.cookies.get(SESSION_COOKIE) or request.cookies.get(GUEST_COOKIE)


def _new_guest(request: Request) -> str:
    if not hasattr(request.state, "guest"):
        request.state.guest = secrets.token_urlsafe(24)
    return str(request.state.guest)
