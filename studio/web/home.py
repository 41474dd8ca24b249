"""«Hôm nay»: what waits for me, what airs today."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from studio.web.doors import LOGGED_IN
from studio.web.pages import page

router = APIRouter()


@router.get("/", dependencies=[LOGGED_IN])
def home(request: Request) -> Response:
    """Show the day."""
    return page(request, "home.html")
