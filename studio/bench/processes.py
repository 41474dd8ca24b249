"""What a benchmark starts beside itself: processes that end with it, whatever happens."""

import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from studio.errors import Conflict

READY_S = 60.0
"""How long a process may take until it is ready."""


@contextmanager
def beside(work: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """Run `work(*arguments, pipe)` in a process of its own until the block ends; gives the other end of the pipe."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(work, arguments, there), daemon=True)
    process.start()
    there.close()  # so that its death is the end of our pipe
    try:
        yield here
    finally:
        process.kill()
        process.join()
        here.close()


def first_word(pipe: Connection) -> Any:
    """Wait for what a process says when it is ready. Raises TimeoutError, EOFError if it died."""
    if not pipe.poll(READY_S):
        raise TimeoutError("a process of the benchmark is not ready")
    return pipe.recv()


def _work(work: Callable[..., None], arguments: tuple[Any, ...], told: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(*arguments, told)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def room_for(files: int) -> None:
    """Let this process, and those it starts, hold so many connections. Raises Conflict if the system forbids it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < files:
        if hard != resource.RLIM_INFINITY and hard < files:
            raise Conflict(
                f"Phép đo này cần mở {files} kết nối cùng lúc, nhưng hệ thống chỉ cho {hard}. "
                f"Hãy chạy «ulimit -n {files}» bằng quyền quản trị, hoặc đo với ít cụm loa hơn."
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
