"""What surrounds every route: the transaction, errors without a traceback, the front door."""

import subprocess
import sys
import threading
import time
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlmodel import text

from studio import bulletins, recordings
from studio.db import reading, transaction
from studio.drafts import Draft
from studio.models.bulletins import Bulletin
from studio.models.recordings import RecordingState
from studio.models.users import Role
from studio.services import Services
from studio.speaker import keep_speaking
from studio.web.app import create_app
from studio.web.doors import InTransaction, Now

probes = APIRouter(prefix="/api/v1/probe")


@probes.post("/commit")
def fails_at_commit(session: InTransaction, now: Now) -> str:
    session.connection().execute(text("PRAGMA defer_foreign_keys=ON"))
    session.add(Bulletin(title="x", created_by=99, created_at=now, changed_at=now))
    return "đã lưu"


@probes.post("/error")
def breaks(session: InTransaction) -> str:
    raise ZeroDivisionError


@pytest.fixture
def client(server: Any, services: Services, open_client: Any) -> httpx.Client:
    client: httpx.Client = open_client()
    app = create_app(services)
    app.include_router(probes)
    server.app = app
    return client


def test_nothing_is_called_saved_before_it_is(client: httpx.Client) -> None:
    answer = client.post("/api/v1/probe/commit")
    assert answer.status_code == 500
    assert "đã lưu" not in answer.text


def test_the_unexpected_is_answered_without_telling_what_it_was(client: httpx.Client) -> None:
    answer = client.post("/api/v1/probe/error")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "lỗi ngoài dự kiến" in answer.json()["detail"]
    assert "ZeroDivision" not in answer.text


def test_a_body_without_a_length_is_refused(client: httpx.Client) -> None:
    answer = client.post("/api/v1/bulletins", content=iter([b"x"]))
    assert answer.status_code == 411
    assert "Content-Length" in answer.json()["detail"]


@pytest.mark.parametrize("package", ["sqlmodel", "fastapi"])
def test_on_a_base_install_loa_says_in_one_line_what_is_missing(package: str) -> None:
    program = f"import sys; sys.modules[{package!r}] = None; from studio.front_door import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "studio", "serve"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "pip install '.[studio]'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_studio_keeps_a_speaker_running_and_takes_it_along(
    services: Services, person: Any, clock: Any
) -> None:
    lan = person("lan", Role.OFFICER)
    with transaction(services.engine) as session:
        bulletin = bulletins.write(session, Draft(title="T", text="Xin chào."), by=lan, now=clock())
        ordered = recordings.order(session, bulletin, engine="tone", by=lan.id, now=clock())
    stopping = threading.Event()
    thread = threading.Thread(target=keep_speaking, args=(services.settings, "trạm/1", stopping))
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while _state(services, ordered.id or 0) is not RecordingState.DONE:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        stopping.set()
        thread.join(15)
    assert not thread.is_alive()


def _state(services: Services, recording_id: int) -> RecordingState:
    with reading(services.engine) as session:
        return recordings.get(session, recording_id).state
