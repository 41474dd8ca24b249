"""The clock wakes jobs, one at a time each, whatever they do."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from scheduler.clock import Clock

PATIENCE_S = 10.0
OFTEN = timedelta(seconds=0.02)
SELDOM = timedelta(hours=1)


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    yield clock
    clock.stop()


class Counter:
    """A job that counts its runs, and tells when it has come to a number."""

    def __init__(self) -> None:
        self.runs = 0
        self._changed = threading.Condition()

    def __call__(self) -> None:
        with self._changed:
            self.runs += 1
            self._changed.notify_all()

    def reaches(self, runs: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.runs >= runs, PATIENCE_S)


def test_a_job_runs_at_the_start_and_at_every_beat(clock: Clock) -> None:
    job = Counter()
    clock.every("replan", OFTEN, job)
    clock.start()
    assert job.reaches(3)


def test_a_job_woken_runs_long_before_its_beat(clock: Clock) -> None:
    job = Counter()
    clock.every("publish", SELDOM, job)
    clock.start()
    assert job.reaches(1)
    clock.wake("publish")
    assert job.reaches(2)


def test_a_failing_job_is_logged_and_goes_on(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    good, tries = Counter(), Counter()

    def failing() -> None:
        tries()
        raise RuntimeError("the disk is full")

    clock.every("tidy", OFTEN, failing)
    clock.every("replan", OFTEN, good)
    clock.start()
    assert tries.reaches(3)
    assert good.reaches(3)
    assert "the job 'tidy' failed" in caplog.text
    assert "the disk is full" in caplog.text


def test_a_job_never_runs_twice_at_a_time_and_a_wake_up_meanwhile_is_not_lost(clock: Clock) -> None:
    inside, may_end, runs = threading.Event(), threading.Event(), Counter()
    together: list[int] = []

    def slow() -> None:
        together.append(1)
        assert len(together) == 1
        inside.set()
        assert may_end.wait(PATIENCE_S)
        together.pop()
        runs()

    clock.every("publish", SELDOM, slow)
    clock.start()
    assert inside.wait(PATIENCE_S)
    for _ in range(5):
        clock.wake("publish")
    may_end.set()
    assert runs.reaches(2)
    clock.stop()
    assert runs.runs == 2, "five wake-ups during a run are one more run"


def test_a_name_is_taken_once(clock: Clock) -> None:
    clock.every("publish", SELDOM, Counter())
    with pytest.raises(ValueError, match="publish"):
        clock.every("publish", SELDOM, Counter())
