"""A real `loa-agent` in its own process, a real broker, and a studio double that speaks MQTT and HTTP."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from joserfc.jwk import OKPKey

from edge_agent.enrolment import Enrolled, Home, keep
from edge_agent.wire import topics
from edge_agent.wire.link import Broker, PahoLink, Received, Up
from edge_agent.wire.signing import new_key, private_text, public_x
from tests.support.agent_studio import Studio
from tests.support.mosquitto import Mosquitto

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0


def now() -> datetime:
    return datetime.now(UTC)


def until(good: Callable[[], Any], what: str, *, timeout_s: float = PATIENCE_S) -> Any:
    """Wait for a condition, and return what it gave."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if got := good():
            return got
        time.sleep(0.01)
    raise AssertionError(f"{what}: it did not come to that")


class Web:
    """The studio's web server: sounds with Range, and enrolments."""

    def __init__(self, studio: Studio) -> None:
        self.asked: list[tuple[str, str]] = []
        self.enrolments: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]] = lambda _: (404, {})
        self.enrolled = 0
        """How often it was asked to take a box in."""
        self.broken_after: int | None = None
        """So many bytes are sent, and then the line breaks; once."""
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web._serve(self, studio)

            def do_POST(self) -> None:
                question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                web.enrolled += 1
                status, answer = web.enrolments(question)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, request: BaseHTTPRequestHandler, studio: Studio) -> None:
        name = request.path.rsplit("/", 1)[-1].removesuffix(".ogg")
        asked = request.headers.get("Range", "")
        self.asked.append((name, asked))
        data = studio.sounds.get(name)
        if data is None:
            request.send_error(404)
            return
        begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        request.send_response(206 if asked else 200)
        if asked:
            request.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        request.send_header("Content-Length", str(len(data) - begin))
        request.end_headers()
        if self.broken_after is not None:
            request.wfile.write(data[begin : begin + self.broken_after])
            self.broken_after = None
            request.close_connection = True
            return
        request.wfile.write(data[begin:])


@dataclass
class Town:
    """Broker, studio and web server; boxes are started into it."""

    folder: Path
    mosquitto: Mosquitto
    studio: Studio = field(init=False)
    web: Web = field(init=False)
    boxes: "list[Process]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.link = PahoLink(Broker("127.0.0.1", self.mosquitto.port, "studio"))
        self.studio = Studio(self._say)
        self.web = Web(self.studio)
        self._lock = threading.Lock()
        self._ending = False
        self._up = threading.Event()
        self.link.subscribe(*topics.FROM_DEVICES)
        self.link.open()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        assert self._up.wait(10)

    def box(self, name: str, **env: str) -> "Process":
        key = new_key()
        self.studio.devices[name] = key
        box = Process(self, name, key, self.folder / name, env)
        broker = {"host": "127.0.0.1", "port": self.mosquitto.port}
        enrolled = Enrolled.model_validate(
            {"device": name, "broker": broker, "roots": [public_x(self.studio.root)]}
        )
        keep(Home(box.folder), enrolled, private_text(key))
        self.boxes.append(box)
        return box

    def close(self) -> None:
        for box in self.boxes:
            box.kill()
        self._ending = True
        self.link.wake()
        self._thread.join()
        self.link.close()
        self.web.close()

    def _say(self, topic: str, payload: bytes, *, retain: bool) -> None:
        assert self.link.publish(topic, payload, retain=retain).wait(5)

    def _listen(self) -> None:
        while not self._ending:
            event = self.link.next_event(1.0)
            if isinstance(event, Up):
                self._up.set()
            elif isinstance(event, Received):
                self.link.acknowledge(event)
                if event.payload:
                    self.studio.hear(event.topic, event.payload, now())


@dataclass
class Process:
    """One agent's process; its disk outlives it."""

    town: Town
    name: str
    key: OKPKey
    folder: Path
    env: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def environment(self) -> dict[str, str]:
        return (
            {k: v for k, v in os.environ.items() if not k.startswith("LOA_AGENT_")}
            | {
                "LOA_AGENT_STATE_DIR": str(self.folder),
                "LOA_AGENT_PLAYER": "wav",
                "LOA_AGENT_CLOCK": "host",
                "LOA_AGENT_FETCH_SPREAD_S": "0",
                "LOA_AGENT_TONE_S": "0.5",
                "PYTHONPATH": str(ROOT),
            }
            | self.env
        )

    def start(self, *module: str) -> None:
        words = module or ("edge_agent", "run")
        with (self.folder / "stderr").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *words], env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )

    def wait_until_up(self) -> None:
        before = len(self.town.studio.presences)
        until(
            lambda: any(p.online and p.device == self.name for p in self.town.studio.presences[before:]),
            f"{self.name} on line\n{self.log[-2000:]}",
        )

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "edge_agent", *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def terminate(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(10)
        self.process = None
        return code

    @property
    def log(self) -> str:
        return (self.folder / "stderr").read_text()

    @property
    def told(self) -> dict[str, list[tuple[str, str]]]:
        return self.town.studio.told(self.name)

    def wav(self, airing: str) -> "np.ndarray[Any, Any]":
        data, _ = soundfile.read(self.folder / "wav" / f"{airing}.wav")
        return np.asarray(data)
