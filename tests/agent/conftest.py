"""A world with one box that is up and configured."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.agent_studio import Studio
from tests.support.agent_world import BOX, Box, Simulated, World


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: months of fsync then take seconds."""
    if not Path("/dev/shm").is_dir():
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="loa-", dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def broker() -> Any:
    """The broker of the world: one in memory, where a module asks for no other."""
    return Simulated()


@pytest.fixture
def world(memory: Path, broker: Any) -> Iterator[World]:
    world = World(memory, broker=broker)
    yield world
    assert not world.studio.faults
    world.close()


@pytest.fixture
def box(world: World) -> Box:
    box = world.box()
    world.studio.publish(world.studio.config(BOX, world.now))
    box.start()
    world.run(1)
    return box


@pytest.fixture
def studio() -> Studio:
    """One that nobody hears: for what it signs."""
    return Studio(lambda *_, **__: None)


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
