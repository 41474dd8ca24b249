"""A server that speaks enough of the Hugging Face hub for its own library: HEAD and GET of files, ranges, redirects.

It can cut a connection in the middle of a file, stand still there, serve spoilt bytes, or ignore ranges.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from tests.support.tiny_vieneu import COMMIT


@dataclass
class Hub:
    """What it has and does, and what was asked of it."""

    files: Mapping[tuple[str, str], bytes]
    """Content by (repository, path)."""
    url: str = ""
    store: str = ""
    cut_after: dict[str, int] = field(default_factory=dict)
    """By path: the next answer ends after so many bytes, once."""
    stall_after: dict[str, int] = field(default_factory=dict)
    """By path: the next answer stands still after so many bytes, once, until `resumed`."""
    stalled: threading.Event = field(default_factory=threading.Event)
    resumed: threading.Event = field(default_factory=threading.Event)
    spoilt: set[str] = field(default_factory=set)
    """Paths served with a wrong byte, once."""
    ignores_ranges: bool = False
    sent: dict[str, int] = field(default_factory=dict)
    """Bytes sent, by path."""
    ranges: list[tuple[str, str]] = field(default_factory=list)
    """(path, range) of requests that had one."""


@contextmanager
def serving(files: Mapping[tuple[str, str], bytes]) -> Iterator[Hub]:
    """Serve until the block ends."""
    hub = Hub(files)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.url, hub.store = (f"http://{host}:{server.server_port}" for host in ("127.0.0.1", "localhost"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            repo, _, rest = unquote(self.path).lstrip("/").partition("/resolve/")
            _revision, _, path = rest.partition("/")
            content = hub.files.get((repo, path))
            if content is None:
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("X-Repo-Commit", COMMIT)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(302)
            # Another host, as large files come from one: the library asks the hub itself for what it needs to know.
            self.send_header("Location", f"{hub.store}/lfs/{repo}/resolve/{COMMIT}/{path}")
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            if not self.path.startswith("/lfs/"):
                self.do_HEAD()
                return
            repo, _, rest = unquote(self.path).removeprefix("/lfs/").partition("/resolve/")
            path = rest.partition("/")[2]
            content = hub.files[repo, path]
            start, asked = 0, self.headers.get("Range")
            if asked:
                hub.ranges.append((path, asked))
            if asked and not hub.ignores_ranges:
                start = int(asked.removeprefix("bytes=").partition("-")[0])
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            body = content[start:]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if path in hub.spoilt:
                hub.spoilt.discard(path)
                body = body[:-1] + bytes([body[-1] ^ 1])
            stall = hub.stall_after.pop(path, None)
            part = body[: hub.cut_after.pop(path, len(body) if stall is None else stall)]
            self.wfile.write(part)
            hub.sent[path] = hub.sent.get(path, 0) + len(part)
            if stall is not None:
                hub.stalled.set()
                hub.resumed.wait(60)
            if len(part) < len(body):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
