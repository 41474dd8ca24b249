"""Reads files in processes of their own, few at once.

Processes, not threads: the parsers hold Python's lock while they work, a thread cannot be stopped when its time is up,
and what a hostile file does to one of them (endless work, all memory, a crash in C) ends with that process.
"""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from studio.errors import TooMany
from studio.imports.found import Found, Unreadable
from studio.imports.kinds import kind_of

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Files that are read at the same time; the others wait."""
_KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT")
"""What of the environment the child gets: none of the studio's settings, some of which are secret."""
_ANSWER = TypeAdapter(dict[str, str | Found])


@dataclass
class Apart:
    """Where the studio has its files read."""

    longest_s: float = 30.0
    """Seconds until a file is given up."""
    wait_s: float = 20.0
    """Seconds to wait for a turn."""
    command: Sequence[str] = (sys.executable, "-m", "studio.imports.child")
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    def read(self, data: bytes) -> Found:
        """Find the bulletin in a file or in pasted text (UTF-8). Blocks, at most until both times are up.

        Raises Unreadable, saying what to mend, or TooMany when others have long been waiting too.
        """
        kind_of(data)  # what can never be read needs no process
        if not self._turns.acquire(timeout=self.wait_s):
            raise TooMany("Đang có nhiều tệp được nhập cùng lúc. Hãy thử lại sau một phút.")
        try:
            return self._answer(data)
        finally:
            self._turns.release()

    def _answer(self, data: bytes) -> Found:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            ended = subprocess.run(
                self.command, input=data, capture_output=True, timeout=self.longest_s, env=kept, check=False
            )
        except subprocess.TimeoutExpired:
            log.warning("gave a file of %d bytes up after %g s", len(data), self.longest_s)
            raise Unreadable(
                "Tệp này quá phức tạp, đọc mãi chưa xong nên đã dừng. Hãy tách lấy phần cần đọc, "
                "hoặc chép phần chữ rồi dán vào ô bên dưới."
            ) from None
        if ended.stderr:
            log.warning("reading a file: %s", ended.stderr.decode("utf-8", "replace")[-4000:])
        try:
            (answer,) = _ANSWER.validate_json(ended.stdout).values()
        except (ValidationError, ValueError):
            log.error("the reader of a file of %d bytes ended with %d", len(data), ended.returncode)
            raise Unreadable(
                "Tệp này làm chương trình đọc tệp dừng đột ngột (tệp hỏng hoặc quá lớn). "
                "Hãy mở tệp trên máy, lưu lại một bản mới rồi nhập, hoặc chép phần chữ rồi dán vào ô bên dưới."
            ) from None
        if isinstance(answer, str):
            raise Unreadable(answer)
        return answer
