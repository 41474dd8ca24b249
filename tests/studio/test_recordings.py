"""Orders to speak: claimed once, carried out by real engines, given up when unwanted, taken back after a crash."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import soundfile
from sqlalchemy import Engine, event

from studio import bulletins, recordings, speaking
from studio.db import create_engine, reading, transaction
from studio.drafts import Draft
from studio.errors import Conflict
from studio.models.recordings import Recording, RecordingState
from studio.models.users import Role
from studio.services import Services
from studio.speaker import Speaker, environment

TEXT = "Mời bà con đến nhà văn hóa ấp 3 lúc 7h30 ngày 24/11/2026 để nghe phổ biến Luật Đất đai."


@pytest.fixture
def order(engine: Engine, person: Any, clock: Any) -> Callable[..., Recording]:
    """`order(text)`: a bulletin with that text whose sound is wanted."""
    author = person("lan", Role.OFFICER)

    def make(text: str = TEXT, *, engine_name: str = "tone") -> Recording:
        with transaction(engine) as session:
            draft = Draft(title="Mời họp", text=text)
            bulletin = bulletins.write(session, draft, by=author, now=clock())
            return recordings.order(session, bulletin, engine=engine_name, by=author.id, now=clock())

    return make


@pytest.fixture
def speaker(services: Services) -> Speaker:
    return Speaker(services.engine, services.sounds, "trạm/1", services.now)


def again(engine: Engine, recording: Recording) -> Recording:
    with reading(engine) as session:
        assert recording.id is not None
        return recordings.get(session, recording.id)


@pytest.mark.parametrize("engine_name", ["tone", "espeak"])
def test_what_is_ordered_becomes_a_sound_that_can_be_heard(
    order: Any, speaker: Speaker, engine: Engine, engine_name: str
) -> None:
    recording = order(engine_name=engine_name)
    assert speaker.work_once()
    done = again(engine, recording)
    assert done.state is RecordingState.DONE, done.reason
    assert done.sha256
    info = soundfile.info(str(speaker.sounds.path(done.sha256)))
    assert info.duration == pytest.approx(done.seconds, abs=0.1)
    assert info.format == "OGG"
    assert done.lufs == pytest.approx(-16, abs=0.5)
    assert done.peak_dbtp is not None
    assert done.peak_dbtp <= -1
    assert done.size_bytes == speaker.sounds.path(done.sha256).stat().st_size
    assert not speaker.work_once()


def test_the_same_order_twice_is_one(order: Any, engine: Engine, clock: Any) -> None:
    first = order()
    with transaction(engine) as session:
        bulletin = bulletins.get(session, first.bulletin_id)
        second = recordings.order(session, bulletin, engine="tone", by=first.asked_by, now=clock())
    assert second.id == first.id


def test_two_speakers_never_get_the_same_order(order: Any, engine: Engine, clock: Any) -> None:
    orders = {order().id for _ in range(3)}
    claimed = []
    for worker in ("một", "hai", "ba", "bốn"):
        with transaction(engine) as session:
            if job := speaking.claim(session, worker, now=clock()):
                claimed.append(job.recording_id)
    assert len(claimed) == 3
    assert set(claimed) == orders


def test_an_emergency_is_spoken_before_everything_else_and_fits_a_message(
    order: Any, speaker: Speaker, engine: Engine, clock: Any
) -> None:
    ordinary = order()
    with transaction(engine) as session:
        urgent = recordings.order_emergency(
            session, "Nước lên nhanh, bà con di dời ngay.", engine="tone", by=ordinary.asked_by, now=clock()
        )
    speaker.only_emergencies = True
    assert speaker.work_once()
    assert not speaker.work_once()
    done = again(engine, urgent)
    assert done.state is RecordingState.DONE
    assert done.size_bytes is not None
    assert done.size_bytes <= 40_000
    assert again(engine, ordinary).state is RecordingState.WANTED


def test_an_engine_that_is_missing_fails_with_a_word_of_what_to_do(
    order: Any, speaker: Speaker, engine: Engine
) -> None:
    recording = order(engine_name="khong-co")
    assert speaker.work_once()
    failed = again(engine, recording)
    assert failed.state is RecordingState.FAILED
    assert "Không có bộ đọc «khong-co»" in failed.reason


def test_a_cancelled_order_stays_cancelled_whatever_the_speaker_says(
    order: Any, engine: Engine, clock: Any
) -> None:
    recording = order()
    with transaction(engine) as session:
        job = speaking.claim(session, "một", now=clock())
    assert job is not None
    with transaction(engine) as session:
        recordings.cancel(session, recordings.get(session, job.recording_id), now=clock())
    sound = speaking.Sound("0" * 64, 1.0, 1, -16.0, -2.0, "mời bà con.")
    with transaction(engine) as session:
        assert not speaking.told(session, job, "một", done=1, total=2, stage="speaking", now=clock())
        assert not speaking.finish(session, job, "một", sound, now=clock())
        assert not speaking.fail(session, job, "một", "không", now=clock())
    assert again(engine, recording).state is RecordingState.CANCELLED
    with transaction(engine) as session, pytest.raises(Conflict, match="đã kết thúc"):
        recordings.cancel(session, recordings.get(session, job.recording_id), now=clock())


def test_cancelling_during_the_work_ends_it_soon(
    order: Any, speaker: Speaker, engine: Engine, clock: Any
) -> None:
    recording = order("Câu này là một câu dài vừa phải để đọc lên. " * 300)

    def now() -> Any:  # each look at the clock is half a second later, and the third look cancels
        clock.forward(seconds=0.6)
        if again(engine, recording).done > 2:
            with transaction(engine) as session:
                row = recordings.get(session, recording.id or 0)
                if row.state is RecordingState.WORKING:
                    recordings.cancel(session, row, now=clock.at)
        return clock.at

    speaker.now = now
    assert speaker.work_once()
    ended = again(engine, recording)
    assert ended.state is RecordingState.CANCELLED
    assert 2 < ended.done < 20
    assert ended.total == 300


def test_what_a_crash_left_half_done_is_wanted_again_and_given_up_after_three(
    order: Any, speaker: Speaker, engine: Engine, clock: Any
) -> None:
    recording = order()
    for attempt in (1, 2, 3):
        with transaction(engine) as session:
            job = speaking.claim(session, speaker.name, now=clock())
        assert job is not None, attempt
        speaker.resume()
    given_up = again(engine, recording)
    assert given_up.state is RecordingState.FAILED
    assert "dừng đột ngột 3 lần" in given_up.reason


def test_the_work_of_a_speaker_elsewhere_is_taken_back_only_when_it_is_silent(
    order: Any, speaker: Speaker, engine: Engine, clock: Any
) -> None:
    recording = order()
    with transaction(engine) as session:
        speaking.claim(session, "máy khác/1", now=clock())
    clock.forward(seconds=100)
    speaker.resume()
    assert again(engine, recording).state is RecordingState.WORKING
    clock.forward(seconds=60)
    speaker.resume()
    assert again(engine, recording).state is RecordingState.WANTED


def test_a_speaker_that_was_given_up_cannot_speak_over_the_one_that_took_its_work(
    order: Any, speaker: Speaker, engine: Engine, clock: Any
) -> None:
    recording = order()
    with transaction(engine) as session:
        job = speaking.claim(session, "máy khác/1", now=clock())
    assert job is not None
    clock.forward(minutes=3)
    speaker.resume()
    with transaction(engine) as session:
        assert speaking.claim(session, speaker.name, now=clock()) is not None
    with transaction(engine) as session:
        assert not speaking.fail(session, job, "máy khác/1", "muộn rồi", now=clock())
        assert not speaking.told(session, job, "máy khác/1", done=1, total=2, stage="speaking", now=clock())
    assert again(engine, recording).state is RecordingState.WORKING


def test_work_that_was_taken_back_is_done_by_the_same_speaker_when_it_gets_it_again(
    order: Any, speaker: Speaker, engine: Engine, clock: Any
) -> None:
    recording = order("Câu này là một câu dài vừa phải để đọc lên. " * 12)

    def now() -> Any:  # the machine slept for minutes: another speaker takes its work back, once
        clock.forward(seconds=0.6)
        row = again(engine, recording)
        if row.attempts == 1 and row.done > 2 and row.state is RecordingState.WORKING:
            with transaction(engine) as session:
                speaking.take_back(session, "máy khác/1", now=clock.at + timedelta(minutes=3))
        return clock.at

    speaker.now = now
    assert speaker.work_once()
    assert again(engine, recording).state is RecordingState.WANTED
    assert speaker.work_once()
    done = again(engine, recording)
    assert (done.state, done.attempts) == (RecordingState.DONE, 2), done.reason


class Lock:
    """The write lock of the database, held by somebody else."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._held = engine, ExitStack()

    def take(self) -> None:
        self._held.enter_context(transaction(self._engine)).connection()

    def give_back(self) -> None:
        self._held.close()


@pytest.fixture
def hasty(services: Services, speaker: Speaker) -> Iterator[Speaker]:
    """The speaker, with an engine that does not wait long for the database's lock."""

    def impatient(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=20")

    speaker.engine = create_engine(services.settings.database_url)
    event.listen(speaker.engine, "connect", impatient)
    yield speaker
    speaker.engine.dispose()


def test_a_busy_database_costs_a_line_of_progress_and_not_the_recording(
    order: Any, hasty: Speaker, engine: Engine, clock: Any
) -> None:
    recording = order("Câu này là một câu dài vừa phải để đọc lên. " * 12)
    lock, looks = Lock(engine), 0

    def now() -> Any:
        nonlocal looks
        looks += 1
        clock.forward(seconds=0.6)
        if looks == 5:
            lock.take()
        if looks == 8:
            lock.give_back()
        return clock.at

    hasty.now = now
    assert hasty.work_once()
    assert looks > 8
    done = again(engine, recording)
    assert done.state is RecordingState.DONE, done.reason


def test_a_sound_that_could_not_be_written_down_is_wanted_again_at_once(
    order: Any, hasty: Speaker, engine: Engine, clock: Any
) -> None:
    recording = order()
    lock, refused, stopping = Lock(engine), threading.Event(), threading.Event()

    def now() -> Any:
        row = again(engine, recording)
        if row.state is RecordingState.WORKING and row.done == row.total > 0 and not refused.is_set():
            refused.set()
            lock.take()
        clock.forward(seconds=0.6)
        return clock()

    def goes_on() -> bool:
        if refused.is_set():
            lock.give_back()
        return not stopping.is_set()

    hasty.now = now
    speaking = threading.Thread(target=hasty.run, args=(goes_on,))
    speaking.start()
    try:
        _until(lambda: again(engine, recording).state is RecordingState.DONE)
    finally:
        stopping.set()
        speaking.join(10)
    assert refused.is_set()
    assert again(engine, recording).attempts == 2


def test_a_killed_speaker_process_goes_on_where_it_was_when_it_starts_again(
    order: Any, engine: Engine, services: Services
) -> None:
    recording = order("Câu này là một câu dài vừa phải để đọc lên. " * 400, engine_name="espeak")
    command = [sys.executable, "-m", "studio.speaker", "trạm/1"]
    world = os.environ | environment(services.settings)
    with subprocess.Popen(command, env=world, stderr=subprocess.DEVNULL) as first:
        _until(lambda: again(engine, recording).done > 0)
        first.send_signal(signal.SIGKILL)
    assert again(engine, recording).state is RecordingState.WORKING
    with subprocess.Popen(command, env=world, stderr=subprocess.DEVNULL) as second:
        _until(lambda: again(engine, recording).attempts == 2 and again(engine, recording).done > 0)
        second.kill()


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
