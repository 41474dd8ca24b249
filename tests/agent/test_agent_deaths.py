"""kill -9 at every commit, fsync, rename and publish: what is on the disk decides what becomes of every airing.

The oracle below knows nothing of the product: from the last record on the disk at the death, read raw, follows the one
state in which each airing may end.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LATEST_STEP_S = 160
"""In step there is nothing left to join after that second."""


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    # A killed process loses nothing of a file system in memory, and there an fsync costs nothing.
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else tmp_path_factory.mktemp("deaths")))
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.agent_deaths", str(folder)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    yield [json.loads(line) for line in run.stdout.splitlines()]
    shutil.rmtree(folder)


def test_every_kind_of_point_was_hit(stories: list[dict[str, Any]]) -> None:
    hit = {story["point"] for story in stories}
    for name in (
        "journal.new.commit",
        "journal.started.commit",
        "journal.finished.commit",
        "journal.partial.commit",
        "journal.settle.commit",
        "journal.receipt.commit",
        "document.config.fsync",
        "document.plan.rename",
        "document.emergency.rename.done",
        "keys.fsync",
        "seen.rename",
        "clock.fsync",
        "sound.fsync",
        "sound.rename",
        "inline.rename",
        "publish.hello",
        "publish.presence",
        "publish.report",
        "publish.reply.done",
    ):
        assert name in hit, f"{name} was never passed: the story is too small"
    assert len(stories) > 100


def test_every_airing_ends_in_the_one_right_state(stories: list[dict[str, Any]]) -> None:
    wrong = []
    for story in stories:
        if "failed" in story:
            wrong.append(f"after {story['point']} ({story['k']}): it did not live on")
            continue
        for airing in story["told"]:
            fault = fault_of(story, airing)
            if fault:
                wrong.append(f"after {story['point']} ({story['k']}): {airing}: {fault}")
        if story["faults"] or story["queue"] or story["refused"]:
            wrong.append(f"after {story['point']} ({story['k']}): {story['faults']} {story['refused']}")
    assert not wrong, "\n".join(wrong)


def fault_of(story: dict[str, Any], airing: str) -> str:
    told, heard = story["told"][airing], [h for h in story["heard"] if h[0] == airing]
    last, ready = story["disk"][airing]["last"], story["disk"][airing]["ready"]
    ends = [tuple(t) for t in told if t[0] != "started"]
    if len(ends) != 1 or tuple(told[-1]) != ends[0]:
        return f"not one end: {told}"
    starts = [position for _, what, position in heard if what == "start"]
    if sum(position == 0 for position in starts) > 1:
        return f"heard twice from its start: {heard}"
    end = ends[0]
    if last is not None and last[0] != "started":
        return "" if end == tuple(last) else f"on the disk {last}, told {end}"
    if last is not None and last[1] == "pre_empted":
        return (
            "" if end == ("finished", "") and len(starts) == 2 else f"it should have gone on: {end} {heard}"
        )
    if last is not None:
        return "" if end == ("partial", "power_cut") else f"it had begun, told {end}"
    # It had not begun at the death, so it is heard afterwards, from its start, if its time lasts.
    if airing.startswith("step"):
        if ready and story["restarted_s"] < 138:
            return "" if end == ("finished", "") else f"ready before its time, told {end}"
        return "" if end in {("finished", ""), ("skipped", "stale")} else f"told {end}"
    if airing.startswith("stopped") and end == ("partial", "stopped"):
        return ""  # the restart was in time for the command
    return "" if end == ("finished", "") and starts.count(0) == 1 else f"told {end}, heard {heard}"
