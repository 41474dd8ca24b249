"""The demo's processes: started in sessions of their own, so that Ctrl-C is ours to handle, and ended for certain."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from studio.tied import tied

BIN = Path(sys.executable).parent


class DemoError(Exception):
    """The demo cannot go on; the message is for whoever started it, in Vietnamese."""


def free_port() -> int:
    """A TCP port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Processes:
    """Everything the demo has started."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._how: dict[str, tuple[list[str], Mapping[str, str]]] = {}

    def start(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Start `command` (its first word stands beside our Python); what it says goes to a log."""
        self._how[name] = (command, environment)
        with (self.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                tied([str(BIN / command[0]), *command[1:]]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise DemoError if one of them has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                last = (self.logs / f"{name}.log").read_text(errors="replace").strip().splitlines()[-3:]
                raise DemoError(f"«{name}» đã dừng (mã {process.returncode}): " + " / ".join(last))

    def again(self, name: str) -> None:
        """Start once more what was ended by `end`, as it was started before."""
        self.start(name, *self._how[name])

    def end(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End one of them by a signal, and wait until it and all it has started are gone."""
        process = self._running.pop(name)
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        process.wait(20)

    def stop(self) -> None:
        """Ask every one to end, then end whoever does not."""
        for process in reversed(self._running.values()):
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
            # What a process has started itself lives in its session; nothing of it may stay behind.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._running.clear()

    def wait_until(self, holds: Callable[[], bool], *, what: str, seconds: float = 60.0) -> None:
        """Wait until `holds()`. Raises DemoError when time is up or a process has ended."""
        end = time.monotonic() + seconds
        while not holds():
            self.check()
            if time.monotonic() > end:
                raise DemoError(f"Chờ quá {seconds:.0f} giây mà chưa xong: {what}.")
            time.sleep(0.1)


def run(command: list[str], environment: Mapping[str, str]) -> str:
    """Run one short command beside our Python and return what it printed. Raises DemoError with its last line."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    if done.returncode:
        raise DemoError(
            f"«{' '.join(command[:2])}» không chạy được: {done.stderr.strip() or done.stdout.strip()}"
        )
    return done.stdout


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into KeyboardInterrupt, so that the clean-up runs whoever ends the demo."""

    def interrupt(number: int, frame: object) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
