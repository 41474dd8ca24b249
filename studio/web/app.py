"""The web application: which routes there are, and what surrounds them."""

from fastapi import APIRouter, Depends, FastAPI
from starlette.staticfiles import StaticFiles

from studio.api import airings as airings_api
from studio.api import bodies
from studio.api import bookings as bookings_api
from studio.api import bulletins as bulletins_api
from studio.api import commands as commands_api
from studio.api import enrolments as enrolments_api
from studio.api import imports as imports_api
from studio.api import people as people_api
from studio.api import places as places_api
from studio.api import readings as readings_api
from studio.services import Services
from studio.web import (
    airing_pages,
    answers,
    booking_pages,
    bulletin_pages,
    bulletin_steps,
    csrf,
    device_commands,
    device_settings,
    devices,
    dictionary_pages,
    home,
    import_pages,
    log_ins,
    play_now_pages,
    reading_pages,
    sound_files,
    streams,
    user_pages,
    zones,
)
from studio.web.pages import HERE
from studio.web.shell import LARGEST_BODY, LimitBody, SafeHeaders

PAGES: tuple[APIRouter, ...] = (
    home.router,
    log_ins.router,
    import_pages.router,
    bulletin_pages.router,
    bulletin_steps.router,
    reading_pages.router,
    dictionary_pages.router,
    user_pages.router,
    devices.router,
    device_settings.router,
    device_commands.router,
    zones.router,
    booking_pages.router,
    play_now_pages.router,
    airing_pages.router,
    streams.router,
)
"""Routers of pages; every one of them is guarded against forged forms."""
API: tuple[APIRouter, ...] = (
    people_api.router,
    bulletins_api.router,
    readings_api.router,
    imports_api.router,
    bookings_api.router,
    airings_api.router,
    places_api.router,
    enrolments_api.router,
    commands_api.router,
    streams.router,
)
"""Routers of the API, each without the prefix /api/v1."""


def create_app(services: Services) -> FastAPI:
    """Make the application; `app.state.services` is what every route works with."""
    app = FastAPI(
        title="Loa",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        form_limits={"max_part_size": LARGEST_BODY},
    )
    app.state.services = services
    for router in PAGES:
        app.include_router(router, include_in_schema=False, dependencies=[Depends(csrf.check)])
    for router in API:
        app.include_router(router, prefix="/api/v1", dependencies=[Depends(bodies.check)])
    app.include_router(sound_files.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    answers.install(app)
    app.add_middleware(LimitBody)
    app.add_middleware(SafeHeaders)
    return app
