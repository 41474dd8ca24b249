"""A speech server of OpenAI's shape that answers what a test tells it to."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import soundfile


def wav(seconds: float = 1.5, rate: int = 24_000) -> bytes:
    file = io.BytesIO()
    soundfile.write(
        file, 0.3 * np.sin(np.arange(int(seconds * rate)) / 20), rate, format="WAV", subtype="PCM_16"
    )
    return file.getvalue()


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None
    """Length that is told, if another than the body's."""


@dataclass
class Server:
    """Gives one answer after the other, the last one for ever."""

    answers: list[Answer]
    url: str = ""
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    """Path, headers and body of every request."""
    waits: list[float] = field(default_factory=list)
    """Seconds a client said it waited, for clients that tell."""


@contextmanager
def serving(*answers: Answer, hang: threading.Event | None = None) -> Iterator[Server]:
    server = Server(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.asked.append((self.path, dict(self.headers), json.loads(body) if body else None))
            if hang:
                hang.wait(30)
            answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(answer.announced or len(answer.body)))
            self.end_headers()
            self.close_connection = answer.announced is not None
            with suppress(OSError):  # the other side may have heard enough
                self.wfile.write(answer.body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{web.server_port}/v1"
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        if hang:
            hang.set()
        web.shutdown()
        thread.join()
        web.server_close()
