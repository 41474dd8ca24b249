"""How the studio says no: a page for people, problem+json (RFC 9457) for programs."""

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError, StatementError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from studio.errors import Invalid, NotLoggedIn, StudioError
from studio.web.doors import MustChangePassword
from studio.web.pages import go, is_htmx, page

log = logging.getLogger(__name__)

_STATUS_WORDS = {
    400: "Yêu cầu không đọc được.",
    404: "Không có trang này.",
    405: "Địa chỉ này không nhận cách gửi đó.",
    413: "Dữ liệu gửi lên quá lớn.",
    415: "Dữ liệu gửi lên không đúng kiểu.",
    503: "Cơ sở dữ liệu đang bận hoặc ổ đĩa đã đầy. Chưa có gì thay đổi; hãy thử lại sau ít phút.",
}
_WHAT_IS_WRONG = {
    "missing": "còn thiếu",
    "string_too_short": "quá ngắn",
    "string_too_long": "quá dài",
    "int_parsing": "phải là số nguyên",
    "int_type": "phải là số nguyên",
    "string_type": "phải là chữ",
    "bool_parsing": "phải là đúng hoặc sai",
    "enum": "không có trong các lựa chọn",
    "literal_error": "không có trong các lựa chọn",
    "json_invalid": "không phải JSON hợp lệ",
    "extra_forbidden": "là trường không có",
    "greater_than_equal": "quá nhỏ",
    "less_than_equal": "quá lớn",
    "date_parsing": "phải là ngày, dạng 2026-11-24",
    "date_from_datetime_parsing": "phải là ngày, dạng 2026-11-24",
    "time_parsing": "phải là giờ, dạng 17:30",
    "datetime_from_date_parsing": "phải là thời điểm, dạng 2026-11-24T17:30:00+07:00",
    "timezone_aware": "phải ghi rõ múi giờ",
}


SAFE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What keeps a browser safe, on every answer."""


WORDS = {
    "title": "Tiêu đề",
    "text": "Nội dung",
    "words": "Nội dung thông báo",
    "reason": "Lý do",
    "pasted": "Trang đã dán",
}
"""Fields that people write at length in; after an error they get back what they wrote. Never a password."""


def problem(error: StudioError) -> JSONResponse:
    """Make the answer that a program gets."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
    }
    if error.field:
        body["field"] = error.field
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse(body, error.status, headers, media_type="application/problem+json")


def refuse(request: Request, error: StudioError) -> Response:
    """Make the answer that whoever asked gets: program, htmx or browser."""
    if request.url.path.startswith("/api/"):
        return problem(error)
    kept = _written(request)
    if isinstance(error, NotLoggedIn) and request.url.path != "/dang-nhap" and not kept:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        after = f"?tiep={quote(here)}" if request.method == "GET" and not is_htmx(request) else ""
        return go(request, f"/dang-nhap{after}")
    if isinstance(error, MustChangePassword):
        return go(request, "/doi-mat-khau")
    if is_htmx(request):
        response = page(request, "_error.html", status=error.status, error=error)
        response.headers.update({"HX-Retarget": "#flash", "HX-Reswap": "innerHTML"})
        return response
    return page(request, "error.html", status=error.status, error=error, kept=kept)


def _written(request: Request) -> list[tuple[str, str]]:
    """What the form that is refused held of words, each with the name of its field."""
    form = getattr(request.state, "form", {})
    given = [(label, form.get(name)) for name, label in WORDS.items()]
    return [(label, words) for label, words in given if isinstance(words, str) and words.strip()]


def install(app: FastAPI) -> None:
    """Let every error of the application end in refuse()."""

    @app.exception_handler(StudioError)
    def ours(request: Request, error: StudioError) -> Response:
        return refuse(request, error)

    @app.exception_handler(RequestValidationError)
    def form(request: Request, error: RequestValidationError) -> Response:
        return refuse(request, _invalid(error.errors()))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        return refuse(request, _with_status(error.status_code))

    @app.exception_handler(OperationalError)
    def database(request: Request, error: OperationalError) -> Response:
        log.error("the database refused: %s", error.orig)
        return refuse(request, _with_status(503))

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> Response:
        log.exception("unexpected, at %s %s", request.method, request.url.path, exc_info=error)
        failed = StudioError(
            "Máy chủ gặp lỗi ngoài dự kiến. Lỗi đã được ghi lại; hãy thử lại hoặc báo kỹ thuật viên."
        )
        failed.status, failed.title = 500, "Lỗi máy chủ"
        response = refuse(request, failed)
        response.headers.update(SAFE_HEADERS)  # this answer is made outside of all middleware
        return response

    @app.exception_handler(OverflowError)
    @app.exception_handler(UnicodeEncodeError)
    @app.exception_handler(StatementError)
    def impossible(request: Request, error: Exception) -> Response:
        """Answer to numbers, dates and characters that no calendar or database has, wherever that came out."""
        cause = error.orig if isinstance(error, StatementError) else error
        if not isinstance(error, DataError) and not isinstance(cause, OverflowError | UnicodeEncodeError):
            return unknown(request, error)
        log.warning("refused as impossible, at %s %s", request.method, request.url.path, exc_info=error)
        return refuse(
            request,
            Invalid(
                "Có số quá lớn, ngày quá xa hoặc ký tự không phải là chữ trong dữ liệu gửi lên. Hãy sửa rồi gửi lại."
            ),
        )


def _invalid(errors: Sequence[Any]) -> Invalid:
    said, first = [], None
    for each in errors:
        field = ".".join(str(part) for part in each["loc"][1:]) or "nội dung"
        first = first or field
        own = (each.get("ctx") or {}).get("error")
        own = own if isinstance(own, Exception) else None  # pydantic's own words are English
        said.append(f"{field}: {own or _WHAT_IS_WRONG.get(each['type'], 'không hợp lệ')}")
    return Invalid("Hãy sửa: " + "; ".join(said) + ".", field=first)


def _with_status(status: int) -> StudioError:
    error = StudioError(_STATUS_WORDS.get(status, "Yêu cầu chưa thực hiện được."))
    error.status = status
    error.title = "Không tìm thấy" if status == 404 else error.title
    return error
