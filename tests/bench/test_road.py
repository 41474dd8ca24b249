"""`loa bench road`, small: figures that are figures, and nothing left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.mosquitto import binary

SMALL = (
    "--agents",
    "20",
    "--rounds",
    "1",
    "--reports",
    "50",
    "--devices",
    "20",
    "--singles",
    "10",
    "--visits",
    "5",
)
LOA = (sys.executable, "-c", "from studio.front_door import main; main()")


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """An environment whose temporary folder and whose processes are this test's own."""
    binary()
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    yield os.environ | {"TMPDIR": str(temporary), "LOA_BENCH_TEST": uuid.uuid4().hex, "COLUMNS": "200"}
    assert list(temporary.iterdir()) == []


def of_this_test(surroundings: Mapping[str, str]) -> list[str]:
    """Command lines of the processes that came from this test and still live."""
    mark, found = f"LOA_BENCH_TEST={surroundings['LOA_BENCH_TEST']}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def gone(surroundings: Mapping[str, str], *, within_s: float = 10.0) -> bool:
    """Whether they all end: children notice a little later than we that their parent is gone."""
    deadline = time.monotonic() + within_s
    while of_this_test(surroundings):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_every_figure_stands_beside_its_floor_and_nothing_is_left(surroundings: Mapping[str, str]) -> None:
    done = subprocess.run(
        [*LOA, "bench", "road", *SMALL, "--json"],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    figures = json.loads(done.stdout)
    assert {frozenset(each) for each in figures} == {
        frozenset({"what", "value", "unit", "floor", "ratio", "goal", "holds"})
    }
    for each in figures:
        assert each["value"] > 0, each
        assert each["floor"] > 0, each
        assert each["ratio"] == pytest.approx(each["value"] / each["floor"], abs=0.006), each
    named = {each["what"].partition(" (")[0] for each in figures}
    assert {
        "plan to last agent, median",
        "reports stored, median",
        "last receipt, median",
        "one report to its row, p95",
        "one report to its receipt, p50",
        "page /, p50",
        "page /ban-tin/{bulletin}, p95",
        "page /luot-phat/{airing}, p95",
    } <= named
    assert gone(surroundings), of_this_test(surroundings)


def test_ended_in_the_middle_it_takes_everything_with_it(surroundings: Mapping[str, str]) -> None:
    process = subprocess.Popen([*LOA, "bench", "road", *SMALL], env=surroundings, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not any("spawn_main" in line for line in of_this_test(surroundings)):
        assert process.poll() is None, "it ended before it was to"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 143, said
    assert gone(surroundings), of_this_test(surroundings)


def test_killed_in_the_middle_it_leaves_no_process_behind(surroundings: Mapping[str, str]) -> None:
    process = subprocess.Popen([*LOA, "bench", "road", *SMALL], env=surroundings)
    deadline = time.monotonic() + 30
    while not any("mosquitto" in line for line in of_this_test(surroundings)):
        assert process.poll() is None, "it ended before it was to"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert gone(surroundings), of_this_test(surroundings)
    for left in Path(surroundings["TMPDIR"]).iterdir():  # whoever is killed cannot tidy up
        shutil.rmtree(left)


def test_an_unknown_benchmark_is_answered_with_those_there_are(surroundings: Mapping[str, str]) -> None:
    done = subprocess.run(
        [*LOA, "bench", "rode"], env=surroundings, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr == "loa: Không có phép đo «rode». Các phép đo hiện có: road, speech.\n"
