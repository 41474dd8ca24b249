"""The box's own door: a Unix socket in the state directory, for `loa-agent status` and `loa-agent stop`.

Whoever may open the socket (the owner of the state directory) may stop the box: nobody needs the studio for silence.
One JSON object a line, one answer a line.
"""

import json
import logging
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

PATIENCE_S = 5.0
AGAIN_S = 0.2
"""How soon the next caller is let in after one could not be."""
_LONGEST = 64 * 1024


class ControlError(Exception):
    """The agent could not be reached, or did not answer. In Vietnamese."""


@dataclass
class Request:
    """A question to the agent's loop; `answer` ends the waiting of whoever asked."""

    ask: str
    airing: str | None
    _answered: threading.Event = field(default_factory=threading.Event)
    _reply: dict[str, object] = field(default_factory=dict)

    def answer(self, reply: dict[str, object]) -> None:
        """Give the answer."""
        self._reply = reply
        self._answered.set()

    def wait(self) -> dict[str, object]:
        """Wait for the answer, as long as a person would."""
        if not self._answered.wait(PATIENCE_S):
            return {"error": "tác tử không trả lời kịp"}
        return self._reply


class Control:
    """Listens in a thread; the loop takes the requests from `next_request`."""

    def __init__(self, path: Path, wake: Callable[[], None]) -> None:
        self._path, self._wake = path, wake
        self._requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._socket: socket.socket | None = None
        self._closed = threading.Event()

    def open(self) -> None:
        """Begin to listen. Raises OSError."""
        self._path.unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX)
        with _address(self._path) as address:
            door.bind(address)
        self._path.chmod(0o600)
        door.listen(8)
        self._socket = door
        threading.Thread(target=self._listen, args=(door,), name="control", daemon=True).start()

    def next_request(self) -> Request | None:
        """The next question, if there is one."""
        try:
            return self._requests.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        """Listen no more."""
        self._closed.set()
        if self._socket is not None:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._path.unlink(missing_ok=True)

    def _listen(self, door: socket.socket) -> None:
        while True:
            try:
                caller, _ = door.accept()
                threading.Thread(target=self._serve, args=(caller,), name="caller", daemon=True).start()
            except (OSError, RuntimeError) as error:
                if self._closed.wait(AGAIN_S):
                    return
                # No room for a file or a thread just now: whoever wants silence is let in as soon as there is.
                log.error("the control socket cannot let anybody in: %s", error)

    def _serve(self, caller: socket.socket) -> None:
        with caller:
            try:
                caller.settimeout(PATIENCE_S)
                asked = json.loads(caller.makefile("rb").readline(_LONGEST))
                request = Request(str(asked["ask"]), asked.get("airing"))
                self._requests.put(request)
                self._wake()
                caller.sendall(json.dumps(request.wait(), ensure_ascii=False).encode() + b"\n")
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                log.warning("a caller at the control socket was not understood: %s", error)


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """A name for the socket that fits: the kernel takes 107 bytes, and folders may be deeper than that."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def ask(path: Path, question: dict[str, object]) -> dict[str, object]:
    """Ask a running agent. Raises ControlError where none runs or none answers."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE_S + 1)
            with _address(path) as address:
                line.connect(address)
            line.sendall(json.dumps(question).encode() + b"\n")
            text = line.makefile("rb").readline()
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise ControlError("tác tử không chạy (chạy «loa-agent run», hoặc sai thư mục trạng thái)") from error
    except PermissionError as error:
        raise ControlError(
            f"không có quyền mở {path}; hãy chạy bằng người dùng của tác tử hoặc sudo"
        ) from error
    except TimeoutError as error:
        raise ControlError("tác tử không trả lời kịp") from error
    except OSError as error:
        raise ControlError(f"không nói chuyện được với tác tử: {error}") from error
    try:
        reply = json.loads(text)
    except ValueError as error:
        raise ControlError("tác tử trả lời không hiểu được") from error
    if not isinstance(reply, dict):
        raise ControlError("tác tử trả lời không hiểu được")
    if "error" in reply:
        raise ControlError(str(reply["error"]))
    return reply
