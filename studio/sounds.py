"""Sounds on disk, each named by its SHA-256: `<directory>/ab/<sha256>.ogg`, and beside them their masters, `….flac`."""

import contextlib
import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from studio.errors import NoRoom, NotFound

AIR, MASTER = "ogg", "flac"
"""What goes on air, and the full-band master it was made from, which Loa serves to nobody."""

_NAME = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Sounds:
    """A store that only ever adds: what a name means never changes, so it may be cached for ever."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, sha256: str, kind: str = AIR) -> Path:
        """Where the sound of that name is or would be; raises NotFound if it cannot be a name."""
        if not _NAME.fullmatch(sha256):
            raise NotFound("Không có âm thanh này.")
        return self.directory / sha256[:2] / f"{sha256}.{kind}"

    def has(self, sha256: str) -> bool:
        """Say whether the sound is here."""
        return self.path(sha256).is_file()

    def put(self, ogg: bytes) -> str:
        """Keep a sound and return its name; on return it is on the disk. Raises NoRoom and leaves nothing half."""
        sha256 = hashlib.sha256(ogg).hexdigest()
        path = self.path(sha256)
        if self.intact(sha256):
            return sha256
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, ogg)
        except OSError as error:
            _tell_if_full(error)
            raise
        return sha256

    @contextlib.contextmanager
    def making(self, who: str) -> Iterator[Path]:
        """Give `who` a place for a master in the making, gone afterwards unless it was kept. Raises NoRoom.

        It is the same place each time: what a crash left there is written over.
        """
        path = self.directory / "making" / f"{hashlib.sha256(who.encode()).hexdigest()[:16]}.{MASTER}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _tell_if_full(error)
            raise
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def keep(self, master: Path) -> str:
        """Take a master over from its place in the making, and return its name. Raises NoRoom."""
        with master.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            path = self.path(sha256, MASTER)
            if self.intact(sha256, MASTER):
                return sha256
            try:
                os.fsync(file.fileno())
                path.parent.mkdir(parents=True, exist_ok=True)
                master.chmod(0o644)
                master.replace(path)
                _sync(path.parent)
            except OSError as error:
                _tell_if_full(error)
                raise
        return sha256

    def intact(self, sha256: str, kind: str = AIR) -> bool:
        """Say whether the sound is here and still is what its name says. Reads all of it."""
        path = self.path(sha256, kind)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # nginx may serve the directory
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _tell_if_full(error: OSError) -> None:
    if error.errno in _FULL:
        raise NoRoom(
            "Ổ đĩa của máy chủ đã đầy nên chưa lưu được âm thanh. Hãy giải phóng chỗ rồi ghi âm lại."
        ) from error
