"""Sounds: named by their content, whole or not there, served in parts, cached for ever."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.errors import NoRoom, NotFound
from studio.services import Services
from studio.sounds import Sounds

OGG = bytes(range(256)) * 40
NAME = hashlib.sha256(OGG).hexdigest()
ADDRESS = f"/sounds/{NAME}.ogg"


@pytest.fixture
def kept(services: Services) -> Sounds:
    assert services.sounds.put(OGG) == NAME
    return services.sounds


def test_a_sound_is_kept_under_its_name_and_once(kept: Sounds) -> None:
    path = kept.path(NAME)
    assert path == kept.directory / NAME[:2] / f"{NAME}.ogg"
    assert path.read_bytes() == OGG
    before = path.stat().st_ino
    assert kept.put(OGG) == NAME
    assert path.stat().st_ino == before
    assert [file.name for file in kept.directory.rglob("*") if file.is_file()] == [path.name]


def test_a_sound_that_has_rotted_is_noticed_and_mended(kept: Sounds) -> None:
    kept.path(NAME).write_bytes(OGG[:-1] + b"x")
    assert not kept.intact(NAME)
    kept.put(OGG)
    assert kept.intact(NAME)


@pytest.mark.parametrize("name", ["", "..", "A" * 64, NAME[:-1], NAME + "0", "../" * 22])
def test_what_is_no_name_is_not_looked_for(kept: Sounds, name: str) -> None:
    with pytest.raises(NotFound):
        kept.path(name)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 64 KB, already full."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and os.getuid() == 0
    if (
        not mounted
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_so_and_nothing_half_is_left(full_disk: Path) -> None:
    sounds = Sounds(full_disk)
    with pytest.raises(NoRoom, match="đã đầy"):
        sounds.put(os.urandom(200_000))
    assert [file for file in full_disk.rglob("*") if file.is_file()] == []


def test_a_sound_needs_no_log_in_and_never_changes(kept: Sounds, open_client: Any) -> None:
    answer = open_client().get(ADDRESS)
    assert answer.status_code == 200
    assert answer.content == OGG
    assert answer.headers["content-type"] == "audio/ogg"
    assert answer.headers["content-length"] == str(len(OGG))
    assert answer.headers["accept-ranges"] == "bytes"
    assert "immutable" in answer.headers["cache-control"]
    again = open_client().get(ADDRESS, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "part", "told"),
    [
        ("bytes=0-9", OGG[:10], f"bytes 0-9/{len(OGG)}"),
        ("bytes=10000-", OGG[10000:], f"bytes 10000-{len(OGG) - 1}/{len(OGG)}"),
        ("bytes=-5", OGG[-5:], f"bytes {len(OGG) - 5}-{len(OGG) - 1}/{len(OGG)}"),
        (f"bytes=5-{len(OGG) + 99}", OGG[5:], f"bytes 5-{len(OGG) - 1}/{len(OGG)}"),
        (f"bytes=-{len(OGG) + 99}", OGG, f"bytes 0-{len(OGG) - 1}/{len(OGG)}"),
    ],
)
def test_a_part_is_a_part(kept: Sounds, open_client: Any, asked: str, part: bytes, told: str) -> None:
    answer = open_client().get(ADDRESS, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == part
    assert answer.headers["content-range"] == told


@pytest.mark.parametrize("asked", [f"bytes={len(OGG)}-", "bytes=-0", "bytes=9-3"])
def test_a_part_that_is_not_there_is_refused(kept: Sounds, open_client: Any, asked: str) -> None:
    answer = open_client().get(ADDRESS, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(OGG)}"


@pytest.mark.parametrize(
    "asked", ["bytes=a-b", "lines=1-2", "bytes=0-1,5-9", "bytes", "bytes=-", f"bytes={'9' * 5000}-"]
)
def test_a_range_that_is_not_understood_is_ignored(kept: Sounds, open_client: Any, asked: str) -> None:
    answer = open_client().get(ADDRESS, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, OGG)


def test_a_part_of_another_version_is_not_mixed_in(kept: Sounds, open_client: Any) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert open_client().get(ADDRESS, headers=headers).status_code == 200


def test_head_tells_the_size_without_the_sound(kept: Sounds, open_client: Any) -> None:
    answer = open_client().head(ADDRESS)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(OGG))


@pytest.mark.parametrize("address", [f"/sounds/{'0' * 64}.ogg", "/sounds/x.ogg", "/sounds/..%2f..%2fetc.ogg"])
def test_only_known_names_are_served(kept: Sounds, open_client: Any, address: str) -> None:
    assert open_client().get(address).status_code == 404
