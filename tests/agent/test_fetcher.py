"""Fetching: the most urgent first, nobody waits for ever, and no address ends the thread."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from edge_agent.cache import Cache
from edge_agent.durable import Durable
from edge_agent.facts import Fetch, Sleep
from edge_agent.fetcher import SLOWEST_BYTES_S, TIMEOUT_S, Fetcher
from edge_agent.main import web_client
from edge_agent.next_step import next_step
from tests.support.agent_pure import NOON, airing, facts
from tests.support.agent_studio import Studio
from tests.support.agent_world import Box, World

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
PATIENCE_S = 10.0


def test_nothing_is_asked_for_while_a_sound_is_on_the_way() -> None:
    soon, later = airing("soon", at=NOON + MINUTE), airing("later", at=NOON + 2 * MINUTE)
    idle = facts(later, soon, cached=set())
    assert next_step(idle, NOON) == Fetch(soon.sounds[0])
    under_way = replace(idle, busy={later.sounds[0].sha256}, fetching=True)
    assert isinstance(next_step(under_way, NOON), Sleep)
    resting = replace(idle, busy={soon.sounds[0].sha256})
    assert next_step(resting, NOON) == Fetch(later.sounds[0])


def test_a_sound_that_is_urgent_goes_before_all_that_were_asked_for_earlier(world: World, box: Box) -> None:
    studio = world.studio
    assert box.agent is not None and box.parts is not None
    fetcher = box.parts.fetcher
    far = [
        studio.airing(f"far-{n}", world.now + timedelta(days=1, minutes=n), studio.sound(1.0, seed=n + 1))
        for n in range(10)
    ]
    studio.publish(studio.plan(*far, now=world.now))
    box.agent.pump()
    urgent = studio.airing("urgent", world.now + 30 * SECOND, studio.sound(1.0, seed=77))
    studio.publish(studio.plan(*far, urgent, now=world.now))
    box.agent.pump()
    while fetcher.work_once():
        box.agent.pump()
    order = world.shelf.asked
    assert order.index(urgent.sounds[0].sha256) == 1, "only the one that was on its way goes before it"
    assert len(order) == 11 and not fetcher.fetching


class Drip(httpx.SyncByteStream):
    """A body that comes a few bytes at a time, so many a second; the clock is its own."""

    def __init__(self, data: bytes, bytes_s: float) -> None:
        self.data, self.bytes_s, self.now = data, bytes_s, 0.0

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self.data), 100):
            self.now += 100 / self.bytes_s
            yield self.data[at : at + 100]


class Slow(httpx.BaseTransport):
    """A web server at the other end of a bad line."""

    def __init__(self, body: Drip) -> None:
        self.body = body

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=self.body)


@pytest.mark.parametrize(("bytes_s", "comes"), [(100.0, False), (SLOWEST_BYTES_S * 1.1, True)])
def test_a_sound_that_drips_makes_way_and_keeps_what_came(
    tmp_path: Path, bytes_s: float, comes: bool
) -> None:
    studio = Studio(lambda *_, **__: None)
    sound = studio.sound(60.0)
    drip = Drip(studio.sounds[sound.sha256], bytes_s)
    cache = Cache(tmp_path, Durable(), reserve_mb=1)
    fetcher = Fetcher(cache, httpx.Client(transport=Slow(drip)), lambda: drip.now)
    fetcher.want(sound, "http://studio/x.ogg", {sound.sha256})
    fetcher.work_once()
    assert (sound.sha256 in cache.held) is comes
    if not comes:
        assert drip.now <= TIMEOUT_S + sound.size / SLOWEST_BYTES_S + 2
        assert "quá chậm" in fetcher.error and cache.part(sound.sha256).stat().st_size > 0
        assert not fetcher.corrupt and not fetcher.fetching and sound.sha256 in fetcher.busy


class Breaking(httpx.BaseTransport):
    """A web server whose line breaks after so many bytes, every time; it goes on from where it is asked to."""

    def __init__(self, data: bytes, after: int) -> None:
        self.data, self.after, self.begins = data, after, list[int]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = request.headers.get("Range", "bytes=0-")
        self.begins.append(int(asked.removeprefix("bytes=").rstrip("-")))
        status = 206 if "Range" in request.headers else 200
        return httpx.Response(status, stream=self._Body(self.data[self.begins[-1] :], self.after))

    class _Body(httpx.SyncByteStream):
        def __init__(self, data: bytes, after: int) -> None:
            self.data, self.after = data, after

        def __iter__(self) -> Iterator[bytes]:
            yield self.data[: self.after]
            if len(self.data) > self.after:
                raise httpx.ReadError("the line broke")


def test_a_sound_that_rotted_comes_in_pieces_over_a_line_that_breaks(tmp_path: Path) -> None:
    studio = Studio(lambda *_, **__: None)
    sound = studio.sound(2.0)
    line = Breaking(studio.sounds[sound.sha256], sound.size // 3)
    cache = Cache(tmp_path, Durable(), reserve_mb=1)
    fetcher = Fetcher(cache, httpx.Client(transport=line), lambda: 0.0)
    fetcher.found_corrupt(sound.sha256)
    for _ in range(4):
        fetcher.want(sound, "http://studio/x.ogg", {sound.sha256})
        fetcher.work_once()
    assert line.begins == [0, *(n * (sound.size // 3) for n in (1, 2, 3))]
    assert cache.held == {sound.sha256} and not fetcher.corrupt


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99999",
        f"http://{'a' * 70}.vn",
        "http://xn--",
        "http://a..b",
        "http://[::1",
        "",
        "ftp://x",
    ],
)
def test_an_address_that_is_none_is_told_and_does_not_end_the_thread(tmp_path: Path, url: str) -> None:
    studio, done = Studio(lambda *_, **__: None), threading.Semaphore(0)
    fetcher = Fetcher(Cache(tmp_path, Durable()), web_client(), time.monotonic, done=done.release)
    fetcher.start()
    try:
        for seed in (1, 2):
            sound = studio.sound(0.5, seed)
            fetcher.want(sound, f"{url}/x.ogg", {sound.sha256})
            assert done.acquire(timeout=PATIENCE_S), "the thread is dead"
            assert "không tải được âm thanh" in fetcher.error and sound.sha256 in fetcher.busy
    finally:
        fetcher.close()
