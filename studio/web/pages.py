"""Pages: the templates, what every page knows, going elsewhere with a word of what was done."""

from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from starlette.responses import HTMLResponse, RedirectResponse, Response

from studio import rights
from studio.rights import Action
from studio.services import Services
from studio.web import csrf

HERE = Path(__file__).parent
FLASH_COOKIE = "loa_nhan"
_DAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")

MENU = (
    ("/", "Hôm nay", "sun", Action.READ),
    ("/ban-tin", "Bản tin", "page", Action.READ),
    ("/tu-dien", "Từ điển", "book", Action.READ),
    ("/lich-phat", "Lịch phát", "calendar", Action.READ),
    ("/luot-phat", "Lượt phát", "wave", Action.READ),
    ("/cum-loa", "Cụm loa", "horn", Action.READ),
    ("/vung-phat", "Vùng phát", "map", Action.READ),
    ("/nguoi-dung", "Người dùng", "people", Action.USERS),
)
"""Address, name, sign (in _parts.html) and who sees it."""


def page(request: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """Render a template. It knows besides `facts`: user, may(action), csrf, settings, now, menu, flash, path."""
    services = cast(Services, request.app.state.services)
    user = getattr(request.state, "user", None)
    known: dict[str, Any] = {
        "request": request,
        "user": user,
        "may": lambda action: user is not None and rights.may(user, Action(action)),
        "role_names": rights.ROLE_NAMES,
        "csrf": csrf.token(request),
        "settings": services.settings,
        "now": services.now(),
        "zone_info": services.settings.zone_info,
        "menu": [m for m in MENU if user is not None and rights.may(user, m[3])],
        "flash": _flash(request),
        "path": request.url.path,
        "error": None,
    }
    response = HTMLResponse(_TEMPLATES.get_template(template).render(known | facts), status)
    response.headers["Cache-Control"] = "no-store"
    csrf.set_guest(request, response, secure=is_secure(request))
    if known["flash"]:
        response.delete_cookie(FLASH_COOKIE)
    return response


def go(request: Request, to: str, *, flash: str = "") -> Response:
    """Send the browser on to a page of ours (303), with a word to be shown there once. Works under htmx too."""
    # A header is ASCII; RedirectResponse sees to that by itself, in the same way.
    here = {"HX-Redirect": quote(to, safe=":/%#?=@[]!$&'()*+,;")}
    response = Response(None, 204, here) if is_htmx(request) else RedirectResponse(to, 303)
    return _with_flash(request, response, flash)


def stay(request: Request, at: str, *, flash: str = "") -> Response:
    """Show the page anew that the browser is on: where it was scrolled to under htmx, else at the anchor in `at`."""
    response = Response(None, 204, {"HX-Refresh": "true"}) if is_htmx(request) else RedirectResponse(at, 303)
    return _with_flash(request, response, flash)


def _with_flash(request: Request, response: Response, flash: str) -> Response:
    if flash:
        response.set_cookie(
            FLASH_COOKIE, quote(flash), max_age=60, httponly=True, samesite="lax", secure=is_secure(request)
        )
    return response


def is_htmx(request: Request) -> bool:
    """Say whether htmx asks for a fragment rather than a person for a page."""
    return "HX-Request" in request.headers


def is_secure(request: Request) -> bool:
    """Say whether cookies may demand HTTPS."""
    services = cast(Services, request.app.state.services)
    return request.url.scheme == "https" or services.settings.url.startswith("https:")


def _flash(request: Request) -> str:
    return "" if is_htmx(request) else unquote(request.cookies.get(FLASH_COOKIE, ""))


@pass_context
def _clock(context: Context, at: datetime | None, *, seconds: bool = False) -> str:
    """17:05 in the station's time zone."""
    return "" if at is None else _local(context, at).strftime("%H:%M:%S" if seconds else "%H:%M")


@pass_context
def _day(context: Context, at: datetime | None) -> str:
    """Thứ Hai 24/11/2025 in the station's time zone."""
    if at is None:
        return ""
    local = _local(context, at)
    return f"{_DAYS[local.weekday()]} {local:%d/%m/%Y}"


@pass_context
def _moment(context: Context, at: datetime | None) -> str:
    """17:05 hôm nay, or 17:05 ngày 24/11/2025."""
    if at is None:
        return ""
    local, today = _local(context, at), _local(context, context["now"])
    if local.date() == today.date():
        return f"{local:%H:%M} hôm nay"
    return f"{local:%H:%M} ngày {local:%d/%m/%Y}"


def _lasting(seconds: float | None) -> str:
    """2 phút 05 giây."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} phút {rest:02d} giây" if minutes else f"{rest} giây"


def _number(value: float | None, digits: int = 0) -> str:
    """1.234,5: as Vietnam writes it."""
    if value is None:
        return ""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def _local(context: Context, at: datetime) -> datetime:
    try:
        return at.astimezone(cast(ZoneInfo, context["zone_info"]))
    except OverflowError:  # the last day of the calendar, out of an old row: no reason to show no page
        return at


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": _clock,
        "day": _day,
        "moment": _moment,
        "lasting": _lasting,
        "number": _number,
    }
    return environment


_TEMPLATES = _environment()
