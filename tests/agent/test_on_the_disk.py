"""Journal, documents, sounds: what is on the disk survives, and what is broken on it is seen."""

import contextlib
import errno
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from edge_agent.cache import Cache, SoundError
from edge_agent.durable import Durable
from edge_agent.facts import Told
from edge_agent.fetcher import Fetcher
from edge_agent.journal import Journal
from edge_agent.plan_store import PlanStore
from edge_agent.wire import topics
from edge_agent.wire.accounts import NO_RECORD, Report, digest
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.signing import Keyring, public_x, sign
from edge_agent.wire.words import Playback
from tests.support.agent_studio import ZONE, Studio
from tests.support.agent_world import BOX, NOON, Shelf

LAW = "law@20261124T050000Z"


def journal(folder: Path) -> Journal:
    return Journal.at(folder / "journal.db", Durable(), label="x")


def note(journal: Journal, playback: Playback, airing: str = LAW, **more: object) -> Report:
    def make(n: int, previous: str) -> Report:
        fields = {"n": n, "previous": previous, "airing": airing, "playback": playback, "at": NOON}
        return Report.model_validate(fields | more)

    return journal.write(make)


def test_records_are_numbered_chained_and_kept_as_written(tmp_path: Path) -> None:
    book = journal(tmp_path)
    note(book, Playback.STARTED)
    note(book, Playback.FINISHED, position_s=3.5)
    name = book.id
    book.close()
    book = journal(tmp_path)
    assert (book.id, book.last, book.rebuilt) == (name, 2, False)
    (one, first), (two, second) = book.texts(0, 10)
    assert (one, two) == (1, 2)
    assert Report.model_validate_json(first).previous == NO_RECORD
    assert Report.model_validate_json(second).previous == digest(first)
    assert book.told[LAW] == Told(Playback.FINISHED, "", 3.5)
    note(book, Playback.SKIPPED, "other@20261124T050000Z")
    assert Report.model_validate_json(book.texts(2, 1)[0][1]).previous == digest(second)
    book.close()


def test_a_journal_that_cannot_be_read_is_moved_aside_and_no_number_is_used_twice(tmp_path: Path) -> None:
    book = journal(tmp_path)
    name = book.id
    book.close()
    path = tmp_path / "journal.db"
    path.write_bytes(path.read_bytes()[:3000] + os.urandom(9000))
    book = journal(tmp_path)
    assert book.rebuilt and book.id != name and book.last == 0
    assert (tmp_path / "journal.db.hong-x").exists()
    book.close()
    book = journal(tmp_path)
    assert book.rebuilt, "it remembers that there was one before"
    book.close()


def test_a_journal_that_died_at_its_birth_is_not_a_lost_one(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "journal.db").execute("PRAGMA journal_mode=WAL").connection.close()
    book = journal(tmp_path)
    assert not book.rebuilt
    book.close()


@pytest.fixture
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A real disk of a few kilobytes."""
    disk = tmp_path / "small"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        if os.environ.get("CI") == "true":
            pytest.fail("a small disk can only be made by root")
        pytest.skip("a small disk can only be made by root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path) -> None:
    with (disk / "fill").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)


@pytest.mark.parametrize("disk", ["256k"], indirect=True)
def test_a_full_disk_at_the_start_spoils_no_journal(disk: Path) -> None:
    book = journal(disk)
    book.settle(NOON)
    note(book, Playback.STARTED)
    name = book.id
    book.close()
    fill(disk)
    with pytest.raises(OSError, match="đĩa đầy"):
        journal(disk)
    (disk / "fill").unlink()
    book = journal(disk)
    assert (book.id, book.last, book.rebuilt) == (name, 1, False)
    assert list(disk.glob("*.hong-*")) == []
    book.close()


@pytest.mark.parametrize("disk", ["256k"], indirect=True)
def test_what_a_full_disk_does_not_take_is_undone_and_may_be_tried_again(disk: Path) -> None:
    book = journal(disk)
    note(book, Playback.SKIPPED)
    fill(disk)
    with pytest.raises(OSError):
        while True:
            book.receipt(1, NOON)
    with pytest.raises(OSError):
        note(book, Playback.SKIPPED)
    assert book.last == 1
    (disk / "fill").unlink()
    book.receipt(1, NOON + timedelta(hours=1))
    assert note(book, Playback.SKIPPED).n == 2
    book.close()
    book = journal(disk)
    assert (book.last, book.receipted, book.receipt_at) == (2, 1, NOON + timedelta(hours=1))
    book.close()


def test_a_death_while_the_journal_was_moved_aside_does_not_hide_that_there_was_one(tmp_path: Path) -> None:
    book = journal(tmp_path)
    note(book, Playback.STARTED)
    name = book.id
    # Its log is left behind, as by a process that was killed.
    log = (tmp_path / "journal.db-wal").read_bytes()
    book.close()
    (tmp_path / "journal.db").rename(tmp_path / "journal.db.hong-y")
    (tmp_path / "journal.db-wal").write_bytes(log)
    book = journal(tmp_path)
    assert book.rebuilt and book.id != name and book.last == 0
    book.close()


def test_old_records_go_when_they_are_receipted_and_in_no_plan(tmp_path: Path) -> None:
    book = journal(tmp_path)
    for n in range(6):
        note(book, Playback.SKIPPED, f"b{n}@20261124T050000Z")
    late = NOON + timedelta(days=61)
    assert book.prune(late, planned=set()) == 0, "nothing is receipted"
    book.receipt(4, NOON)
    assert book.prune(NOON + timedelta(days=59), planned=set()) == 0, "not old enough"
    assert book.prune(late, planned={"b1@20261124T050000Z"}) == 3
    assert [n for n, _ in book.texts(0, 10)] == [2, 5, 6]
    assert "b1@20261124T050000Z" in book.told and "b0@20261124T050000Z" not in book.told
    book.receipt(6, NOON)
    book.prune(late, planned=set())
    assert [n for n, _ in book.texts(0, 10)] == [6], "the newest stays, for the chain"
    book.close()


@pytest.fixture
def studio() -> Studio:
    return Studio(lambda *_, **__: None)


def store(folder: Path, studio: Studio) -> PlanStore:
    return PlanStore(folder, BOX, Keyring.pinned([public_x(studio.root)]), Durable())


def adopt(held: PlanStore, studio: Studio, document: object) -> bool:
    payload = sign(document, studio.signer)  # type: ignore[arg-type]
    opened = held.open(topics.of(document), payload, NOON)  # type: ignore[arg-type]
    return held.adopt(opened, payload, NOON)  # type: ignore[arg-type]


def test_documents_are_verified_again_when_they_are_loaded(tmp_path: Path, studio: Studio) -> None:
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    plan = studio.plan(now=NOON)
    assert adopt(held, studio, plan) and not adopt(held, studio, plan)
    again = store(tmp_path, studio)
    assert again.load(NOON) == [] and again.plans == {ZONE: plan} and again.config == held.config
    path = tmp_path / f"plan.{ZONE}.jws"
    path.write_bytes(path.read_bytes()[:-8] + b"AAAAAAAA")
    (error,) = store(tmp_path, studio).load(NOON)
    assert error.refusal == Refusal.BAD_SIGNATURE


def test_a_rollback_is_refused_over_a_restart_and_after_the_document_is_gone(
    tmp_path: Path, studio: Studio
) -> None:
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    older, newer = studio.plan(now=NOON), studio.plan(now=NOON)
    adopt(held, studio, newer)
    adopt(held, studio, studio.config(BOX, NOON, zones=(BOX,), commune=None))
    assert held.plans == {} and not (tmp_path / f"plan.{ZONE}.jws").exists()
    again = store(tmp_path, studio)
    again.load(NOON)
    adopt(again, studio, studio.config(BOX, NOON))
    with pytest.raises(WireError) as refused:
        adopt(again, studio, older)
    assert refused.value.refusal == Refusal.ROLLED_BACK


def test_the_same_revision_signed_earlier_is_an_old_tape(tmp_path: Path, studio: Studio) -> None:
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    plan = studio.plan(now=NOON)
    fresh = plan.model_copy(update={"issued_at": NOON + timedelta(days=1)})
    adopt(held, studio, plan)
    assert adopt(held, studio, fresh), "signed again the next day"
    with pytest.raises(WireError):
        adopt(held, studio, plan)


def test_a_config_with_a_time_zone_nobody_knows_is_refused(tmp_path: Path, studio: Studio) -> None:
    held = store(tmp_path, studio)
    with pytest.raises(WireError) as refused:
        adopt(held, studio, studio.config(BOX, NOON, time_zone="Asia/Atlantis"))
    assert refused.value.refusal == Refusal.MALFORMED and held.config is None


def test_a_config_kept_with_a_time_zone_nobody_knows_any_more_is_not_used(
    tmp_path: Path, studio: Studio
) -> None:
    """As an enrolment may bring it, or an update of the machine may leave it."""
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    odd = studio.config(BOX, NOON, time_zone="Asia/Atlantis")
    (tmp_path / "config.jws").write_bytes(sign(odd, studio.signer))
    again = store(tmp_path, studio)
    (error,) = again.load(NOON)
    assert error.refusal == Refusal.MALFORMED and again.config is None
    good = studio.config(BOX, NOON)
    adopt(again, studio, good)
    assert again.config == good


class SmallDisk:
    """A watcher that lets nothing be written while the disk is full."""

    full = False

    def __call__(self, point: str) -> None:
        if self.full and point.endswith(".write"):
            raise OSError(errno.ENOSPC, "No space left on device")


def test_what_a_full_disk_did_not_take_is_kept_later(tmp_path: Path, studio: Studio) -> None:
    disk = SmallDisk()
    held = PlanStore(tmp_path, BOX, Keyring.pinned([public_x(studio.root)]), Durable(disk))
    adopt(held, studio, studio.config(BOX, NOON))
    adopt(held, studio, studio.plan(studio.emergency("flood", NOON), now=NOON, kind="emergency"))
    cancel = studio.plan(now=NOON, kind="emergency")
    disk.full = True
    with pytest.raises(OSError):
        adopt(held, studio, cancel)
    assert held.emergencies == {ZONE: cancel}, "it is obeyed"
    with pytest.raises(OSError):
        adopt(held, studio, cancel)
    revised = studio.config(BOX, NOON)
    with pytest.raises(OSError):
        adopt(held, studio, revised)
    assert held.emergencies == {ZONE: cancel}, "also when the rest is read again"
    with pytest.raises(OSError):
        held.keep()
    disk.full = False
    held.keep()
    again = store(tmp_path, studio)
    again.load(NOON)
    assert again.emergencies == {ZONE: cancel} and again.config == revised
    assert again.ring.held == held.ring.held
    assert not adopt(held, studio, cancel)


def test_said_again_what_a_full_disk_did_not_take_is_kept(tmp_path: Path, studio: Studio) -> None:
    disk = SmallDisk()
    held = PlanStore(tmp_path, BOX, Keyring.pinned([public_x(studio.root)]), Durable(disk))
    adopt(held, studio, studio.config(BOX, NOON))
    plan, disk.full = studio.plan(now=NOON), True
    with pytest.raises(OSError):
        adopt(held, studio, plan)
    disk.full = False
    assert adopt(held, studio, plan)
    again = store(tmp_path, studio)
    again.load(NOON)
    assert again.plans == {ZONE: plan}


def test_a_command_whose_number_was_not_kept_may_come_again(tmp_path: Path, studio: Studio) -> None:
    disk = SmallDisk()
    held = PlanStore(tmp_path, BOX, Keyring.pinned([public_x(studio.root)]), Durable(disk))
    adopt(held, studio, studio.config(BOX, NOON))
    command, disk.full = studio.command(BOX, "restart", NOON), True
    payload = sign(command, studio.signer)
    with pytest.raises(OSError):
        held.obey(command, payload)
    disk.full = False
    held.obey(command, payload)
    with pytest.raises(WireError):
        held.obey(command, payload)


@pytest.mark.parametrize("name", ["keys.jws", "config.jws", f"plan.{ZONE}.jws", "seen.json"])
@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"\xff" * 300, b"[" * 100_000, b"null", None])
def test_a_file_that_cannot_be_read_is_not_held(
    tmp_path: Path, studio: Studio, name: str, content: bytes | None
) -> None:
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    adopt(held, studio, studio.plan(now=NOON))
    (tmp_path / name).unlink()
    if content is None:
        (tmp_path / name).mkdir()  # stands for a sector that cannot be read
    else:
        (tmp_path / name).write_bytes(content)
    again = store(tmp_path, studio)
    again.load(NOON)
    config = studio.config(BOX, NOON)
    with contextlib.suppress(OSError):  # a folder cannot be replaced by a file
        adopt(again, studio, config)
    assert again.config == config


# Sounds.


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


@pytest.mark.parametrize("disk", ["2m"], indirect=True)
def test_room_is_made_from_what_no_plan_needs(disk: Path, studio: Studio) -> None:
    one, two, three = (studio.sound(90.0, seed) for seed in (1, 2, 3))
    shelf, cache = Shelf(studio), Cache(disk, Durable(), reserve_mb=1)
    assert one.size + two.size < 1024 * 1024 < one.size + two.size + three.size, (
        "bytes: two fit, three do not"
    )
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
