"""A demo that is killed cannot clean up; its processes end all the same."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from tests.support.mosquitto import binary

LOA = (sys.executable, "-c", "from studio.front_door import main; main()")


def living(mark: str) -> dict[int, str]:
    """Processes that have this mark in their environment, and their command lines."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return found


def agents(mark: str) -> int:
    return sum("loa-agent run" in line for line in living(mark).values())


def until(holds: Callable[[], bool], *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it does not come true"
        time.sleep(0.05)


def test_a_killed_demo_leaves_no_process_behind(tmp_path: Path) -> None:
    binary()
    mark = f"LOA_DEMO_TEST={uuid.uuid4().hex}"
    name, _, value = mark.partition("=")
    environment = os.environ | {name: value, "TMPDIR": str(tmp_path)}
    with (tmp_path / "told").open("w") as told:
        demo = subprocess.Popen([*LOA, "demo", "--port", "0"], env=environment, stdout=told, stderr=told)
    try:
        until(lambda: demo.poll() is not None or agents(mark) == 3)
        assert demo.poll() is None, (tmp_path / "told").read_text()
        assert any("mosquitto" in line for line in living(mark).values())
        demo.kill()
        demo.wait()
        until(lambda: not living(mark), seconds=30)
    finally:
        demo.kill()
        demo.wait()
        for left in living(mark):
            os.kill(left, signal.SIGKILL)
