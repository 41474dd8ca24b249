"""Brings the weights from the hub into its cache, once, when a person asks for it.

Every byte comes through `huggingface_hub`: its metadata, its downloader, its layout of the cache. Only one thing is
ours: what has come of a file is kept. The hub's own `hf_hub_download` throws half a file away when its process ends,
and on a line of a commune half a file is an hour. So the rest of a file is asked for (its downloader can do that), its
sha256 is held against the one that the hub names, and then the hub's own function finds the file there and links it.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from shutil import disk_usage
from typing import IO, Any

from tts.engines.vieneu import hub, presets
from tts.engines.vieneu.models import File, Model
from tts.errors import EngineError

log = logging.getLogger(__name__)

CHUNK = 256 * 1024
"""Bytes after which progress is told: on 1 Mbit/s that is every two seconds."""

RESERVE = 200 * 1000 * 1000
"""Bytes of the disk that stay free."""

_SHA256 = 64


@dataclass(frozen=True, slots=True)
class Fetched:
    """How far it is."""

    file: str
    """Path of the file in its repository."""
    done: int
    """Bytes that are here, of all files."""
    total: int


@dataclass(frozen=True, slots=True)
class Remote:
    """One file as the hub describes it."""

    file: File
    commit: str
    etag: str
    size: int
    blob: Path
    """Where the cache keeps it."""

    @property
    def part(self) -> Path:
        """Where what has come of it is kept."""
        return self.blob.with_name(f"{self.blob.name}.loa-part")

    @property
    def here(self) -> int:
        """Bytes that need not come any more."""
        for path in (self.blob, self.part):
            if path.exists():
                return path.stat().st_size
        return 0


def fetch(models: Sequence[Model], *, tell: Callable[[Fetched], None], again: bool = False) -> int:
    """Fetch what is missing of the models' weights; returns how many bytes came.

    `again` fetches also what is here, in case it is spoilt. What came before a cut, even one that ended the process,
    is not fetched twice. Raises EngineError if the hub cannot be reached or is none, or the disk is full.
    """
    with _explained() as library:
        listed = [_listed(library, file) for model in models for file in model.files]
        if again:
            for remote in listed:
                remote.blob.unlink(missing_ok=True)
        here, total = _counted(listed)
        done = here
        _insist_on_space(listed[0].blob, total - here)
        for remote in listed:

            def came(count: int, path: str = remote.file.path) -> None:
                nonlocal done
                done += count
                tell(Fetched(path, done, total))

            came(0)
            _fetch_one(library, remote, came)
        return done - here


def sizes(models: Sequence[Model]) -> Fetched:
    """Ask the hub how much there is, and look how much is here already. Raises as `fetch` does."""
    with _explained() as library:
        listed = [_listed(library, file) for model in models for file in model.files]
        return Fetched("", *_counted(listed))


def _counted(listed: Sequence[Remote]) -> tuple[int, int]:
    """Bytes that are here, and all bytes; files with the same content come once."""
    blobs = {remote.blob: remote for remote in listed}.values()
    return sum(remote.here for remote in blobs), sum(remote.size for remote in blobs)


def _listed(library: Any, file: File) -> Remote:
    facts = library.get_hf_file_metadata(library.hf_hub_url(file.repo, file.path))
    if not (facts.commit_hash and facts.etag and facts.size is not None):
        raise EngineError(
            f"Máy chủ dữ liệu giọng không cho biết cỡ của {file.path}; hãy kiểm tra HF_ENDPOINT."
        )
    home = Path(library.constants.HF_HUB_CACHE) / f"models--{file.repo.replace('/', '--')}"
    return Remote(file, facts.commit_hash, facts.etag, facts.size, home / "blobs" / facts.etag)


def _fetch_one(library: Any, remote: Remote, came: Callable[[int], None]) -> None:
    home = remote.blob.parents[1]
    lock = (
        home.parent / ".locks" / home.name / f"{remote.etag}.lock"
    )  # the one that the hub's own function takes
    lock.parent.mkdir(parents=True, exist_ok=True)
    with library.utils.WeakFileLock(lock):
        if not remote.blob.exists():
            _rest_of(library, remote, came)
            _insist_on_whole(remote, came)
            remote.part.replace(remote.blob)
    library.hf_hub_download(remote.file.repo, remote.file.path)


def _rest_of(library: Any, remote: Remote, came: Callable[[int], None]) -> None:
    remote.part.parent.mkdir(parents=True, exist_ok=True)
    remote.part.touch()
    with remote.part.open("r+b") as part:
        counted = _Counted(part, came)
        if part.seek(0, 2) > remote.size:  # spoilt
            part.seek(0)
            counted.truncate()
        library.file_download.http_get(
            library.hf_hub_url(remote.file.repo, remote.file.path, revision=remote.commit),
            counted,
            resume_size=part.tell(),
            headers=library.utils.build_hf_headers(),
            expected_size=remote.size,
        )


def _insist_on_whole(remote: Remote, came: Callable[[int], None]) -> None:
    """Large files are named by their sha256, small ones by git's hash, which says nothing we could use."""
    if len(remote.etag) != _SHA256:
        return
    with remote.part.open("rb") as part:
        found = file_digest(part, "sha256").hexdigest()
    if found != remote.etag:
        came(-remote.part.stat().st_size)
        remote.part.unlink()
        raise EngineError(
            f"Tệp {remote.file.path} tải về bị hỏng và đã được xóa; hãy chạy lại lệnh để tải lại.",
            permanent=False,
        )


def _insist_on_space(blob: Path, needed: int) -> None:
    folder = next(parent for parent in blob.parents if parent.exists())
    free = disk_usage(folder).free
    if needed + RESERVE > free:
        raise EngineError(
            f"Đĩa chứa {folder} chỉ còn {free / 1e6:.0f} MB, cần {(needed + RESERVE) / 1e6:.0f} MB; hãy xóa bớt, "
            "hoặc đặt HF_HOME sang đĩa khác."
        )


@contextmanager
def _explained() -> Iterator[Any]:
    """Give the hub's library, and say in Vietnamese what it stumbles over."""
    if not presets.installed():
        raise EngineError("Chưa cài VieNeu; hãy chạy: pip install '.[vieneu]'")
    library = hub.on_line()
    library.constants.DOWNLOAD_CHUNK_SIZE = CHUNK
    library.utils.logging.set_verbosity_error()  # its English about every cut
    try:
        yield library
    except EngineError:
        raise
    except Exception as error:
        log.info("fetching", exc_info=True)
        raise EngineError(
            f"Không tải được dữ liệu giọng từ {library.constants.ENDPOINT} ({type(error).__name__}); hãy kiểm tra mạng "
            "rồi chạy lại lệnh: phần đã tải được giữ lại.",
            permanent=False,
        ) from error


class _Counted:
    """A file that says how much is written to it, or taken back."""

    def __init__(self, file: IO[bytes], came: Callable[[int], None]) -> None:
        self._file, self._came = file, came
        self.seek, self.tell = file.seek, file.tell

    def write(self, data: bytes) -> int:
        self._came(len(data))
        return self._file.write(data)

    def truncate(self) -> int:
        """Give up what follows, as the downloader does when a server starts from the beginning."""
        at = self._file.tell()
        self._came(at - self._file.seek(0, 2))
        return self._file.truncate(self._file.seek(at))
