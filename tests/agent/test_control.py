"""The box's own door."""

import os
import resource
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.control import Control, ControlError, ask


@pytest.fixture
def path(tmp_path: Path) -> Path:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    return deep / "control.sock"


@pytest.fixture
def door(path: Path) -> Iterator[Control]:
    woken = threading.Event()
    control = Control(path, woken.set)
    control.open()

    def loop() -> None:
        while woken.wait(5):
            woken.clear()
            while (request := control.next_request()) is not None:
                request.answer({"said": f"{request.ask} {request.airing}"})

    threading.Thread(target=loop, daemon=True).start()
    yield control
    control.close()
    assert not path.exists()


def test_a_question_is_answered_also_in_a_deep_folder(path: Path, door: Control) -> None:
    assert ask(path, {"ask": "stop", "airing": None}) == {"said": "stop None"}


def test_only_the_owner_may_knock(path: Path, door: Control) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("noise", [b"\xff\xfe\n", b"[" * 60_000 + b"\n", b"[]\n", b"{}\n", b"null\n", b""])
def test_noise_at_the_door_hurts_nobody(path: Path, door: Control, noise: bytes) -> None:
    folder = path.parent
    with socket.socket(socket.AF_UNIX) as line:
        at = os.open(folder, os.O_PATH)
        line.connect(f"/proc/self/fd/{at}/{path.name}")
        os.close(at)
        line.sendall(noise)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100) == b""
    assert ask(path, {"ask": "status"}) == {"said": "status None"}


def test_a_machine_without_room_for_a_caller_opens_the_door_again_when_there_is(
    path: Path, door: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket(socket.AF_UNIX) as first, socket.socket(socket.AF_UNIX) as second:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            for caller in (first, second):
                caller.settimeout(0.5)
                caller.connect(path.name)
                caller.sendall(b'{"ask":"stop"}\n')
            assert b"stop None" in first.recv(100), "its place was kept already"
            with pytest.raises(TimeoutError):
                second.recv(1)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        second.settimeout(5)
        assert b"stop None" in second.recv(100)


def test_a_door_nobody_stands_behind_is_said_so(path: Path) -> None:
    with pytest.raises(ControlError, match="tác tử không chạy"):
        ask(path, {"ask": "status"})
    with socket.socket(socket.AF_UNIX):
        path.touch()
    with pytest.raises(ControlError, match="tác tử không chạy"):
        ask(path, {"ask": "status"})
    with pytest.raises(ControlError, match="tác tử không chạy"):
        ask(path.parent / "nowhere" / "control.sock", {"ask": "status"})
