"""`loa` as its own process, a served studio beside it, and a box that answers."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from studio import cli
from studio.cli.client import StudioClient
from tests.support.mosquitto import binary, free_port

LOA = [sys.executable, "-c", "from studio.front_door import main; main()"]
AGENT = [sys.executable, "-c", "from edge_agent.cli import main; main()"]
ROOT = Path(__file__).parents[2]
PASSWORD = "chim hót đầu xuân"


@dataclass(frozen=True)
class Told:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Loa = Callable[..., Told]


def run(*arguments: str, home: Path, stdin: str = "", more: dict[str, str] | None = None) -> Told:
    """Type `loa …` with a configuration of its own."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
    told = subprocess.run(
        [*LOA, *arguments],
        cwd=ROOT,
        env=known | {"XDG_CONFIG_HOME": str(home / "config"), "HOME": str(home)} | (more or {}),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Told(told.returncode, told.stdout, told.stderr)


@pytest.fixture
def loa(tmp_path: Path) -> Loa:
    """`loa("fleet", "list")` on a computer where nobody is logged in."""

    def type_it(*arguments: str, stdin: str = "", **more: str) -> Told:
        return run(*arguments, home=tmp_path, stdin=stdin, more=more)

    return type_it


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Loa:
    """The same without a process of its own: for what ends before anything outside is touched."""

    def type_it(*arguments: str) -> Told:
        code = cli.run(arguments)
        return Told(code, *capsys.readouterr())

    return type_it


@dataclass(frozen=True)
class Served:
    """A studio that `loa studio serve` serves, with a commune, two devices, and an administrator logged in."""

    url: str
    home: Path
    data: Path
    one_time_password: str

    def __call__(self, *arguments: str, stdin: str = "") -> Told:
        return run(*arguments, home=self.home, stdin=stdin)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    binary()
    home = tmp_path_factory.mktemp("desk")
    data = home / "studio"
    first = run("studio", "init", "--data", str(data), "--json", home=home)
    assert first.code == 0, first.err
    port = free_port()
    with (home / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [*LOA, "studio", "serve", "--data", str(data), "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"LOA_STUDIO_BROKER__PORT": "0", "LOA_STUDIO_SPEAKERS": "0"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    try:
        assert "Phòng thu đang chạy" in process.stdout.readline(), (home / "serve.log").read_text()
        served = Served(f"http://127.0.0.1:{port}", home, data, first.json["password"])
        _furnish(served)
        yield served
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
    assert process.returncode == 0, "SIGTERM is a good end"


def _furnish(served: Served) -> None:
    for words in (
        served("login", served.url, "--user", "quantri", "--password-stdin", stdin=served.one_time_password),
        served("password", "--stdin", stdin=f"{served.one_time_password}\n{PASSWORD}\n"),
        served("fleet", "enrol", "loa-1", "--name", "Nhà văn hóa ấp 1"),
        served("fleet", "enrol", "loa-2", "--name", "Chợ [bold]Tân Lập"),
    ):
        assert words.code == 0, words.err


def enrolled(studio: Served, device: str, name: str, state: Path) -> dict[str, str]:
    """Enrol a real agent; returns the environment in which it runs."""
    code = studio("fleet", "enrol", device, "--name", name, "--json").json["code"]
    place = {
        "LOA_AGENT_STATE_DIR": str(state / "state"),
        "LOA_AGENT_PLAYER": "silent",
        "LOA_AGENT_CLOCK": "host",
    }
    known = os.environ | place | {"LOA_AGENT_CONFIG": str(state / "none.toml")}
    told = subprocess.run(
        [*AGENT, "enrol", "--studio", studio.url, "--code", code],
        cwd=ROOT,
        env=known,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return known


@pytest.fixture(scope="session")
def box(studio: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`loa-3`, a real agent that is enrolled and runs."""
    state = tmp_path_factory.mktemp("box")
    known = enrolled(studio, "loa-3", "Hộp thật", state)
    with (state / "log").open("w") as log:
        process = subprocess.Popen([*AGENT, "run"], cwd=ROOT, env=known, stderr=log)
    yield "loa-3"
    process.terminate()
    process.wait(20)


@pytest.fixture
def absent(studio: Served, desk: Loa, tmp_path: Path) -> Iterator[str]:
    """A box that is enrolled, and does not run."""
    device = f"vang-{secrets.token_hex(3)}"
    enrolled(studio, device, "Mất điện", tmp_path)
    yield device
    with StudioClient.of_account() as client:
        client.delete(f"/devices/{device}")


@pytest.fixture
def desk(studio: Served, typed: Loa, monkeypatch: pytest.MonkeyPatch) -> Loa:
    """The administrator's `loa` at the served studio, without a process of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(studio.home / "config"))
    return typed
