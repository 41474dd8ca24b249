"""Brings sounds to the cache over HTTP, one at a time, in a thread of its own, so that playing never waits for it."""

import contextlib
import logging
import queue
import random
import threading
from collections.abc import Callable, Set
from dataclasses import dataclass

import httpx

from edge_agent.cache import Cache, SoundError
from edge_agent.wire.documents import Sound

log = logging.getLogger(__name__)

FIRST_REST_S = 5.0
LONGEST_REST_S = 300.0
"""Shorter than the ten minutes an airing commonly waits for its sound: a server that comes back is found in time."""
TIMEOUT_S = 20.0
"""How long the line may be silent."""
SLOWEST_BYTES_S = 4000
"""A sound that comes slower than this makes way for the others for a while, and goes on later where it broke off."""


@dataclass(frozen=True)
class _Errand:
    sound: Sound
    url: str
    needed: Set[str]


class Fetcher:
    """`want` may be called from the agent's thread; `work_once` or the thread does the work."""

    def __init__(
        self,
        cache: Cache,
        client: httpx.Client,
        monotonic: Callable[[], float],
        *,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._cache, self._client, self._monotonic, self._done = cache, client, monotonic, done
        self._errands: queue.SimpleQueue[_Errand | None] = queue.SimpleQueue()
        self._on_the_way: set[str] = set()
        self._failures: dict[str, tuple[int, float]] = {}
        self._corrupt: set[str] = set()
        self._thread: threading.Thread | None = None
        self.error = ""
        """What went wrong last, in words for people; empty after a success."""

    @property
    def busy(self) -> Set[str]:
        """Digests on the way, or resting before they are tried again."""
        now = self._monotonic()
        return self._on_the_way | {s for s, (_, until) in list(self._failures.items()) if until > now}

    @property
    def fetching(self) -> bool:
        """Whether one is on the way now."""
        return bool(self._on_the_way)

    @property
    def corrupt(self) -> Set[str]:
        """Digests for which other bytes came, or were found on the disk."""
        return frozenset(self._corrupt)

    def next_try_in(self) -> float | None:
        """Seconds until the first of those that rest may be tried again; null: none rests."""
        now = self._monotonic()
        return min((until - now for _, until in list(self._failures.values()) if until > now), default=None)

    def found_corrupt(self, sha256: str) -> None:
        """A file on the disk was not what its name said."""
        self._corrupt.add(sha256)

    def try_again(self) -> None:
        """Forget the rests: the network is back."""
        self._failures.clear()

    def want(self, sound: Sound, url: str, needed: Set[str]) -> None:
        """Bring `sound` from `url` some time; what is in `needed` is not thrown away to make room."""
        self._on_the_way.add(sound.sha256)
        self._errands.put(_Errand(sound, url, needed))

    def start(self) -> None:
        """Work in a thread from now on."""
        self._thread = threading.Thread(target=self._run, name="fetch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; what is on its way is left as it is and goes on after the next start."""
        self._errands.put(None)
        self._client.close()
        if self._thread is not None:
            self._thread.join(2)

    def work_once(self) -> bool:
        """Do one errand, if there is one; False if there is none."""
        try:
            errand = self._errands.get_nowait()
        except queue.Empty:
            return False
        if errand is not None:
            self._do(errand)
        return True

    def _run(self) -> None:
        while (errand := self._errands.get()) is not None:
            self._do(errand)
            self._done()

    def _do(self, errand: _Errand) -> None:
        sha256 = errand.sound.sha256
        try:
            if not self._came_along(errand.sound):
                self._cache.make_room(errand.sound, errand.needed)
                self._download(errand)
                self._cache.finish(errand.sound)
        except Exception as error:  # noqa: BLE001 - an address or an answer nobody foresaw must not end the thread
            self._failed(sha256, error)
        else:
            self._failures.pop(sha256, None)
            self._corrupt.discard(sha256)
            self.error = ""
        finally:
            self._on_the_way.discard(sha256)

    def _came_along(self, sound: Sound) -> bool:
        """Whether it lies in its document and is on the disk now: then the disk was full, or its file has rotted."""
        with contextlib.suppress(SoundError):
            self._cache.take_inline(sound)
        return sound.sha256 in self._cache.held

    def _failed(self, sha256: str, error: Exception) -> None:
        wrong = isinstance(error, SoundError) and error.corrupt
        if wrong:
            self._corrupt.add(sha256)
        if isinstance(error, OSError) or wrong:
            # A full disk leaves no half file, and wrong bytes are not gone on with. A broken line keeps what came.
            with contextlib.suppress(OSError):
                self._cache.part(sha256).unlink(missing_ok=True)
        times = self._failures.get(sha256, (0, 0.0))[0] + 1
        rest = min(LONGEST_REST_S, FIRST_REST_S * 2 ** min(times - 1, 10)) * random.uniform(0.5, 1.0)  # noqa: S311
        self._failures[sha256] = (times, self._monotonic() + rest)
        self.error = f"{error}" if isinstance(error, SoundError) else f"không tải được âm thanh: {error}"
        log.warning("sound %s: %s; again in %.0f s", sha256[:12], error, rest)

    def _download(self, errand: _Errand) -> None:
        """Go on where the last try broke off; never more bytes than were signed."""
        part, size = self._cache.part(errand.sound.sha256), errand.sound.size
        have = part.stat().st_size if part.exists() else 0
        if have == size:
            return
        if have > size:
            part.unlink()
            have = 0
        until = self._monotonic() + TIMEOUT_S + (size - have) / SLOWEST_BYTES_S
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._client.stream("GET", errand.url, headers=headers, timeout=TIMEOUT_S) as answer:
            if answer.status_code not in (200, 206):
                raise SoundError(f"máy chủ trả lời {answer.status_code} khi tải âm thanh")
            resumed = answer.status_code == 206 and have > 0
            with part.open("ab" if resumed else "wb") as file:
                got = have if resumed else 0
                for chunk in answer.iter_bytes():
                    got += len(chunk)
                    if got > size:
                        raise SoundError("máy chủ gửi nhiều hơn kích thước đã ký", corrupt=True)
                    file.write(chunk)
                    if got < size and self._monotonic() > until:
                        raise SoundError("âm thanh về quá chậm")
