"""Sounds on the disk, each named by what is in it. Nothing gets its name before its sha256 was seen to match."""

import hashlib
import logging
import os
import shutil
from collections.abc import Set
from datetime import datetime, timedelta
from pathlib import Path

from edge_agent.durable import Durable
from edge_agent.wire.documents import Sound

log = logging.getLogger(__name__)


class SoundError(Exception):
    """A sound did not come. Corrupt means that other bytes came than were signed."""

    def __init__(self, message: str, *, corrupt: bool = False) -> None:
        super().__init__(message)
        self.corrupt = corrupt


class Cache:
    """The folder of sounds: `<sha256>.ogg`, and `<sha256>.part` while one is on its way."""

    def __init__(self, folder: Path, durable: Durable, *, reserve_mb: int = 50) -> None:
        self._folder, self._durable = folder, durable
        self._reserve = reserve_mb * 1024 * 1024
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._held = {path.stem for path in folder.glob("*.ogg")}

    @property
    def held(self) -> Set[str]:
        """Digests of the sounds that are there."""
        return frozenset(self._held)

    @property
    def free_mb(self) -> int:
        """Free space on the disk, MB."""
        return shutil.disk_usage(self._folder).free // (1024 * 1024)

    def path(self, sha256: str) -> Path:
        """Where a sound lies, or would."""
        return self._folder / f"{sha256}.ogg"

    def sound(self, sha256: str) -> bool:
        """Read the whole file and say whether it is what its name says; what is not, is thrown away."""
        try:
            with self.path(sha256).open("rb") as file:
                good = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except OSError as error:
            log.warning("a sound cannot be read: %s", error)
            good = False
        if not good:
            self.evict(sha256)
        return good

    def take_inline(self, sound: Sound) -> None:
        """Keep a sound that came inside a document. Raises SoundError: corrupt, no room."""
        if sound.inline is None or sound.sha256 in self._held:
            return
        if len(sound.inline) != sound.size or hashlib.sha256(sound.inline).hexdigest() != sound.sha256:
            raise SoundError(
                f"âm thanh {sound.sha256[:12]} kèm trong kế hoạch không khớp mã băm", corrupt=True
            )
        try:
            self._durable.write(self.path(sound.sha256), sound.inline, "inline")
        except OSError as error:
            raise SoundError(f"không ghi được âm thanh vào đĩa: {error}") from error
        self._held.add(sound.sha256)

    def part(self, sha256: str) -> Path:
        """Where a sound grows while it is on its way."""
        return self._folder / f"{sha256}.part"

    def make_room(self, sound: Sound, needed: Set[str]) -> None:
        """See that there is room for a sound, throwing away what no plan needs. Raises SoundError: no room."""
        if self._room_for(sound):
            return
        for sha256 in self._held - needed:
            self.evict(sha256)
        if not self._room_for(sound):
            raise SoundError(
                f"đĩa đầy: còn {self.free_mb} MB, cần chừa {self._reserve // 1048576} MB cho nhật ký"
            )

    def finish(self, sound: Sound) -> None:
        """Give what has grown its name, if it is what was signed. Raises SoundError: corrupt; OSError."""
        part = self.part(sound.sha256)
        with part.open("rb") as file:
            good = hashlib.file_digest(file, "sha256").hexdigest() == sound.sha256
            size = os.fstat(file.fileno()).st_size
            if good and size == sound.size:
                self._durable.sync(file.fileno(), "sound")
        if not good or size != sound.size:
            part.unlink(missing_ok=True)
            raise SoundError(f"âm thanh {sound.sha256[:12]} tải về không khớp mã băm đã ký", corrupt=True)
        self._durable.rename(part, self.path(sound.sha256), "sound")
        self._held.add(sound.sha256)

    def evict(self, sha256: str) -> None:
        """Throw a sound away; at least it is not played any more."""
        self._held.discard(sha256)
        try:
            self.path(sha256).unlink(missing_ok=True)
        except OSError as error:
            log.error("a sound cannot be thrown away: %s", error)

    def tidy(self, now: datetime, *, needed: Set[str], keep: timedelta) -> int:
        """Throw away what no plan needs and what came more than `keep` ago. Returns how many went."""
        old = []
        for sha256 in self._held - needed:
            try:
                came = self.path(sha256).stat().st_mtime
            except OSError:
                continue
            if came < (now - keep).timestamp():
                old.append(sha256)
        for sha256 in old:
            self.evict(sha256)
        for part in self._folder.glob("*.part"):
            if part.stem not in needed:
                part.unlink(missing_ok=True)
        return len(old)

    def _room_for(self, sound: Sound) -> bool:
        return shutil.disk_usage(self._folder).free - sound.size >= self._reserve
