"""How long the pages of every day take, on the real application, beside a bare route of the same length."""

import http.client
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, event
from sqlmodel import Session
from starlette.responses import HTMLResponse
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from edge_agent.wire.signing import new_key, public_x
from studio import log_in
from studio.bench import month
from studio.bench.commune import NOW, devices_of, hamlets_of, settle
from studio.bench.figures import Figure, percentile
from studio.bench.processes import beside, first_word
from studio.db import create_engine, migrate, transaction
from studio.errors import Conflict
from studio.models.users import LogInKind, Role, User
from studio.services import Services
from studio.settings import StudioSettings
from studio.sounds import Sounds
from studio.web.app import create_app
from studio.web.doors import SESSION_COOKIE

PAGES = (
    "/",
    "/ban-tin",
    "/ban-tin/{bulletin}",
    "/lich-phat",
    "/luot-phat",
    "/luot-phat/{airing}",
    "/cum-loa",
    "/vung-phat",
)
BARE = "/-bare/"
WARM = 3
"""Visits before those that count."""


@dataclass(frozen=True)
class Sizes:
    """How much the pages have to show."""

    devices: int
    zones: int
    days: int
    visits: int
    """Visits of each page that are measured."""
    seed: int


class _Both:
    """The studio, and beside it a bare FastAPI whose one route returns so many characters of HTML."""

    def __init__(self, studio: FastAPI, engine: Engine) -> None:
        self.studio = studio
        self.bare = FastAPI(openapi_url=None)
        self.statements = 0
        event.listen(engine, "before_cursor_execute", self._count)

        @self.bare.get(BARE + "{length}")
        def same(length: int) -> HTMLResponse:
            return HTMLResponse("x" * length)

        @self.bare.get(BARE + "sql/statements")
        def statements() -> int:
            return self.statements

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.bare if str(scope.get("path", "")).startswith(BARE) else self.studio
        await app(scope, receive, send)

    def _count(self, *_about: Any) -> None:
        self.statements += 1

    def has(self, path: str) -> bool:
        """Whether the studio has such a page already."""
        scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
        return any(route.matches(scope)[0] is Match.FULL for route in self.studio.router.routes)


def serve(settings: StudioSettings, paths: list[str], told: Connection) -> None:
    """Serve the studio on a free port until killed; says the port, and which of `paths` there are."""
    engine = create_engine(settings.database_url)
    services = Services(
        settings=settings, engine=engine, sounds=Sounds(settings.sounds_directory), now=lambda: NOW
    )
    app = _Both(create_app(services), engine)
    # As studio/main.py does: asyncio takes away Nagle's delay only where the protocol is named.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        told.send((listening.getsockname()[1], [path for path in paths if app.has(path)]))
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none", interface="asgi3")
        uvicorn.Server(config).run([listening])


def page_times(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """p50 and p95 of each page, from the request's first byte to the answer's last."""
    settings = StudioSettings(
        data=folder, database=f"sqlite:///{folder / 'pages.db'}", sounds=folder / "sounds"
    )
    token, airing = _prepare(settings, sizes)
    named = {path: path.format(bulletin=1, airing=airing) for path in PAGES}
    with beside(serve, settings, list(named.values())) as pipe:
        port, there = first_word(pipe)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as browser:
            for path, address in named.items():
                if address in there:
                    yield from _visits(browser, path, address, token, sizes)


def _prepare(settings: StudioSettings, sizes: Sizes) -> tuple[str, str]:
    """A studio with a month behind it: the token of somebody logged in, and an airing of the whole commune."""
    engine = create_engine(settings.database_url)
    try:
        migrate(engine)
        devices, hamlets = devices_of(sizes.devices), hamlets_of(max(1, sizes.zones - 1))
        x = public_x(new_key())  # pages look at no signature
        with transaction(engine) as session:
            author, reader = (_person(session, name) for name in ("lan", "minh"))
            settle(session, dict.fromkeys(devices, x), zones=sizes.zones)
            assert author.id is not None
            airing = month.fill(
                session, devices=devices, hamlets=hamlets, author=author.id, days=sizes.days, seed=sizes.seed
            )
            token = log_in.start(session, reader, kind=LogInKind.BROWSER, settings=settings, now=NOW)
    finally:
        engine.dispose()
    return token, airing


def _person(session: Session, name: str) -> User:
    """A leader may see and do most, and has something to decide at the top of the first page."""
    user = User(name=name, full_name=name.title(), role=Role.LEADER, password_hash="", created_at=NOW)
    user.must_change_password = False
    session.add(user)
    session.flush()
    return user


def _visits(
    browser: http.client.HTTPConnection, path: str, address: str, token: str, sizes: Sizes
) -> Iterator[Figure]:
    cookie = {"Cookie": f"{SESSION_COOKIE}={token}"}
    before = int(_visit(browser, BARE + "sql/statements")[1])
    length = len(_visit(browser, address, cookie)[1])
    statements = int(_visit(browser, BARE + "sql/statements")[1]) - before
    times, floors = [], []
    for _ in range(WARM + sizes.visits):
        times.append(_visit(browser, address, cookie)[0])
        floors.append(_visit(browser, f"{BARE}{length}")[0])
    size = f"{sizes.devices} devices, {length / 1000:.0f} kB, {statements} SQL statements"
    for percent in (50, 95):
        yield Figure(
            what=f"page {path}, p{percent} ({size})",
            value=percentile(times[WARM:], percent) * 1000,
            unit="ms",
            floor=percentile(floors[WARM:], percent) * 1000,
        )


def _visit(
    browser: http.client.HTTPConnection, address: str, headers: Mapping[str, str] | None = None
) -> tuple[float, bytes]:
    begun = time.monotonic()
    browser.request("GET", address, headers=dict(headers or {}))
    answer = browser.getresponse()
    content = answer.read()
    took = time.monotonic() - begun
    if answer.status != 200:
        raise Conflict(f"Trang {address} trả lời mã {answer.status} nên không đo được; xem lỗi in ở trên.")
    return took, content
