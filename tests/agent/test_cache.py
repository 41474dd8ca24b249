"""Sounds on the disk: whole, as signed, and never without end."""

import hashlib
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from edge_agent.cache import Cache, SoundError
from edge_agent.durable import Durable
from edge_agent.fetcher import Fetcher
from edge_agent.wire.documents import Sound
from tests.support.agent_studio import Studio
from tests.support.agent_world import NOON, Shelf


class Says(httpx.BaseTransport):
    """A web server that gives everybody the same answer."""

    def __init__(self, status: int, content: bytes) -> None:
        self.status, self.content = status, content

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, content=self.content)


def brought(cache: Cache, shelf: Shelf, studio: Studio, *, seed: int = 1) -> Fetcher:
    fetcher = Fetcher(cache, httpx.Client(transport=shelf), lambda: 0.0)
    sound = studio.sound(0.5, seed)
    fetcher.want(sound, f"http://studio/sounds/{sound.sha256}.ogg", {sound.sha256})
    assert fetcher.work_once() and not fetcher.work_once()
    return fetcher


def test_a_sound_has_its_name_only_when_it_is_whole(tmp_path: Path, studio: Studio) -> None:
    cache, shelf = Cache(tmp_path, Durable(), reserve_mb=1), Shelf(studio)
    fetcher = brought(cache, shelf, studio)
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == studio.sounds[path.stem] and cache.held == {path.stem}
    assert fetcher.error == "" and fetcher.busy == set()
    assert Cache(tmp_path, Durable()).held == {path.stem}, "and after a restart"


def test_what_does_not_come_rests_longer_each_time(tmp_path: Path, studio: Studio) -> None:
    cache, shelf = Cache(tmp_path, Durable(), reserve_mb=1), Shelf(studio)
    shelf.broken = True
    fetcher = brought(cache, shelf, studio)
    sound = studio.sound(0.5)
    first = fetcher.next_try_in()
    assert first is not None and 2.5 <= first <= 5.0 and sound.sha256 in fetcher.busy
    assert "không tải được âm thanh" in fetcher.error
    for _ in range(5):
        fetcher.want(sound, "http://studio/x.ogg", {sound.sha256})
        fetcher.work_once()
    later = fetcher.next_try_in()
    assert later is not None and 80 <= later <= 160
    for _ in range(10):
        fetcher.want(sound, "http://studio/x.ogg", {sound.sha256})
        fetcher.work_once()
    longest = fetcher.next_try_in()
    assert longest is not None and longest <= 300, "an airing commonly waits ten minutes for its sound"
    fetcher.try_again()
    assert fetcher.busy == set()


@pytest.mark.parametrize("status", [404, 500, 301])
def test_another_answer_than_the_sound_is_not_kept(tmp_path: Path, studio: Studio, status: int) -> None:
    cache = Cache(tmp_path, Durable(), reserve_mb=1)
    fetcher = Fetcher(cache, httpx.Client(transport=Says(status, b"<html>")), lambda: 0.0)
    sound = studio.sound(0.5)
    fetcher.want(sound, "http://studio/x.ogg", {sound.sha256})
    fetcher.work_once()
    assert cache.held == set() and f"{status}" in fetcher.error


def test_more_bytes_than_were_signed_are_not_taken(tmp_path: Path, studio: Studio) -> None:
    cache = Cache(tmp_path, Durable(), reserve_mb=1)
    sound = studio.sound(0.5)
    flood = Says(200, b"x" * (sound.size + 1))
    fetcher = Fetcher(cache, httpx.Client(transport=flood), lambda: 0.0)
    fetcher.want(sound, "http://studio/x.ogg", {sound.sha256})
    fetcher.work_once()
    assert list(tmp_path.iterdir()) == [] and sound.sha256 in fetcher.corrupt


def test_a_disk_without_room_is_told_and_no_half_file_stays(tmp_path: Path, studio: Studio) -> None:
    cache, shelf = Cache(tmp_path, Durable(), reserve_mb=10**9), Shelf(studio)
    fetcher = brought(cache, shelf, studio)
    assert "đĩa đầy" in fetcher.error and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("disk", ["64k"], indirect=True)
def test_a_disk_that_fills_up_on_the_way_leaves_no_half_file(disk: Path, studio: Studio) -> None:
    cache, sound = Cache(disk, Durable(), reserve_mb=1), studio.sound(30.0)
    fetcher = Fetcher(cache, httpx.Client(transport=Shelf(studio)), lambda: 0.0)
    cache._reserve = -(10**9)  # as if another process had filled it meanwhile
    fetcher.want(sound, f"http://studio/{sound.sha256}.ogg", {sound.sha256})
    fetcher.work_once()
    assert "No space left" in fetcher.error and list(disk.iterdir()) == []


def test_what_no_plan_needs_is_thrown_away_in_time(tmp_path: Path, studio: Studio) -> None:
    cache, shelf = Cache(tmp_path, Durable(), reserve_mb=1), Shelf(studio)
    brought(cache, shelf, studio, seed=1)
    brought(cache, shelf, studio, seed=2)
    one, two = studio.sound(0.5, 1).sha256, studio.sound(0.5, 2).sha256
    assert cache.tidy(NOON + timedelta(days=3650), needed={one}, keep=timedelta(days=30)) == 1
    assert cache.held == {one} and two not in {p.stem for p in tmp_path.iterdir()}


def of_bytes(studio: Studio, data: bytes) -> Sound:
    """A sound as the cache sees it."""
    name = hashlib.sha256(data).hexdigest()
    studio.sounds[name] = data
    return Sound(sha256=name, size=len(data), seconds=1.0)


@pytest.mark.parametrize("disk", ["2m"], indirect=True)
def test_room_is_made_from_what_no_plan_needs(disk: Path, studio: Studio) -> None:
    shelf, cache = Shelf(studio), Cache(disk, Durable(), reserve_mb=1)
    one, two, three = (of_bytes(studio, bytes([n]) * 400_000) for n in (1, 2, 3))  # two fit, three do not
    for sound in (one, two, three):
        fetcher = Fetcher(cache, httpx.Client(transport=shelf), lambda: 0.0)
        fetcher.want(sound, f"http://studio/sounds/{sound.sha256}.ogg", {one.sha256, sound.sha256})
        fetcher.work_once()
        assert fetcher.error == ""
    assert cache.held == {one.sha256, three.sha256} == {path.stem for path in disk.glob("*.ogg")}


def test_an_inline_sound_of_another_size_is_refused(tmp_path: Path, studio: Studio) -> None:
    cache = Cache(tmp_path, Durable())
    sound = studio.sound(0.5, inline=True)
    with pytest.raises(SoundError, match="không khớp"):
        cache.take_inline(sound.model_copy(update={"size": 1}))
    assert list(tmp_path.iterdir()) == []
