"""A real Mosquitto on a free port, for tests. It can be killed, started again, and wiped."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def binary() -> str:
    """Where Mosquitto is; a skip where it is missing, a failure under CI."""
    found = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:{Path(sys.prefix) / 'bin'}")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("mosquitto is missing: ./run test installs it")
        pytest.skip("mosquitto is missing: ./run test installs it")
    return found


class Mosquitto:
    """One broker process; its retained messages live as long as `wipe` is not called."""

    def __init__(self, folder: Path, *, extra: str = "allow_anonymous true\n") -> None:
        self.port = free_port()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._conf = folder / "mosquitto.conf"
        self._conf.write_text(
            f"listener {self.port} 127.0.0.1\nuser root\npersistence true\npersistence_location {folder}/\n"
            "autosave_on_changes true\nautosave_interval 1\nmax_queued_messages 200000\n"
            f"max_inflight_messages 1000\n{extra}"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [binary(), "-c", str(self._conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "mosquitto ended at once: is its configuration good?"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=0.2).close()
            except OSError:
                continue
            return
        raise AssertionError("mosquitto does not answer")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)
        self._process = None

    def wipe(self) -> None:
        """Forget everything: stopped, emptied, started again on the same port."""
        self.stop()
        (self.folder / "mosquitto.db").unlink(missing_ok=True)
        self.start()
