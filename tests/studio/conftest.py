"""A studio on a real SQLite file, with a clock that tests set."""

import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from studio import passwords, users
from studio.db import create_engine, migrate, transaction
from studio.models.users import Role, User
from studio.services import Services
from studio.settings import StudioSettings
from studio.sounds import Sounds
from studio.web.app import create_app
from tests.support.postgres import Cluster

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that moves only when told."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "studio.db"
    engine = create_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A real PostgreSQL; `cluster.new_database()` gives the URL of an empty database."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> StudioSettings:
    return StudioSettings(data=tmp_path / "data", engine="espeak")


@pytest.fixture
def engine(settings: StudioSettings, template_database: Path) -> Iterator[Engine]:
    settings.data.mkdir(parents=True)
    shutil.copy(template_database, settings.data / "studio.db")
    engine = create_engine(settings.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def services(settings: StudioSettings, engine: Engine, clock: Clock) -> Services:
    return Services(settings=settings, engine=engine, sounds=Sounds(settings.sounds_directory), now=clock)


@dataclass
class Browser:
    """A person at a browser: keeps cookies and brings the CSRF token along, as our forms do."""

    client: httpx.Client

    def get(self, address: str, *, status: int = 200) -> str:
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    def post(self, address: str, *, status: int = 200, **fields: str) -> str:
        answer = self.client.post(address, data={"csrf": self.csrf(), **fields})
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    def csrf(self) -> str:
        found = re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', self.client.get("/doi-mat-khau").text)
        assert found
        return str(found.group(1))

    def log_in(self, name: str, password: str, *, status: int = 200) -> str:
        return self.post("/dang-nhap", status=status, name=name, password=password)


class Server:
    """A real uvicorn for all tests; each test puts its own application behind it."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(self._serve, log_level="error", lifespan="off", ws="none", interface="asgi3")
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, args=([self._socket],), daemon=True)
        self._thread.start()
        while not self._uvicorn.started:
            time.sleep(0.005)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)

    def stop(self) -> None:
        self._uvicorn.should_exit = self._uvicorn.force_exit = True
        self._thread.join(10)
        self._socket.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def open_client(server: Server, services: Services) -> Iterator[Callable[[], httpx.Client]]:
    """Make HTTP clients of this test's studio, each with its own cookies."""
    server.app = create_app(services)
    opened: list[httpx.Client] = []

    def open_one() -> httpx.Client:
        opened.append(httpx.Client(base_url=server.url, follow_redirects=True, timeout=30))
        return opened[-1]

    yield open_one
    for client in opened:
        client.close()
    server.app = None


@pytest.fixture
def browser(open_client: Callable[[], httpx.Client]) -> Callable[[], Browser]:
    return lambda: Browser(open_client())


PASSWORD = "chim hót đầu xuân"


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def person(engine: Engine, clock: Clock, password_hash: str) -> Callable[..., User]:
    def make(name: str, role: Role) -> User:
        with transaction(engine) as session:
            user = users.create(session, name=name, full_name=name.title(), role=role, now=clock()).user
            user.must_change_password, user.password_hash = False, password_hash
            session.add(user)
        return user

    return make


@pytest.fixture
def logged_in(browser: Callable[[], Browser], person: Callable[..., User]) -> Callable[..., Browser]:
    """`logged_in("lan", Role.OFFICER)`: a browser in which that new person is logged in."""

    def enter(name: str, role: Role) -> Browser:
        person(name, role)
        one = browser()
        one.log_in(name, PASSWORD)
        return one

    return enter
