"""A Mosquitto of the benchmark's own: anonymous, on loopback, nothing on the disk."""

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.broker import find
from studio.errors import Conflict
from studio.tied import tied

START_S = 10.0
"""How long it may take until it answers."""


@contextmanager
def own_broker(folder: Path) -> Iterator[int]:
    """Run a broker until the block ends; gives its port. Raises Conflict if Mosquitto is missing or will not start."""
    binary, environment = find()
    port, conf, said = _free_port(), folder / "mosquitto.conf", folder / "mosquitto.log"
    conf.write_text(
        f"listener {port} 127.0.0.1\nuser {getpass.getuser()}\nallow_anonymous true\npersistence false\n"
        # As studio/broker.py has them: a whole province reports in the same second.
        "max_queued_messages 200000\nmax_inflight_messages 1000\nset_tcp_nodelay true\n"
        "log_dest stderr\nlog_type error\n"
    )
    with said.open("wb") as output:
        process = subprocess.Popen(
            tied([str(binary), "-c", str(conf)]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | environment,
            start_new_session=True,  # Ctrl-C is for us: the broker ends last
        )
    try:
        _wait(process, port, said)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, said: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
        except OSError:
            time.sleep(0.01)
            continue
        return
    last = said.read_text(errors="replace").strip().splitlines()[-1:] or ["không rõ lý do"]
    raise Conflict(f"Broker MQTT (Mosquitto) của phép đo không khởi động được: {last[0]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
