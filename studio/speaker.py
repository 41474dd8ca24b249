"""The speaker: a process of its own that turns orders into sounds. An engine may crash it; the studio stays.

`python -m studio.speaker NAME [--emergencies]` speaks until it is stopped or the process that started it is gone.
Whatever it left half done is wanted again when a speaker of that name starts.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from studio import speaking
from studio.db import create_engine, reading, transaction
from studio.errors import StudioError
from studio.settings import StudioSettings
from studio.sounds import Sounds
from studio.speaking import Heard, Job, Sound
from tts import engines
from tts.engines.kept import Kept
from tts.engines.options import EngineOptions
from tts.errors import SpeechError
from tts.speak import Progress, Spoken, emergency, speak
from tts.text.bulletin import read_bulletin

log = logging.getLogger(__name__)

_EMERGENCIES = "--emergencies"
_LOOK_EVERY = 0.3  # seconds between looks for work
_RESUME_EVERY = 60.0  # seconds between looks for work that a speaker elsewhere died over
_PATIENCE = 2.0  # seconds before a database that refused is tried again
_TELL_EVERY = timedelta(seconds=0.5)


@dataclass
class Speaker:
    """Speaks what is ordered, one at a time."""

    engine: Engine
    sounds: Sounds
    name: str
    now: Callable[[], datetime]
    only_emergencies: bool = False
    options: EngineOptions = field(default_factory=EngineOptions)
    pieces: Path | None = None
    """Where what slow engines have said is kept; None: nowhere."""
    beat: float = 20.0
    """Seconds between two signs of life while an engine is busy with one sentence, or loads its weights."""
    _unwanted: set[int] = field(default_factory=set)
    _voices: dict[str, engines.Engine] = field(default_factory=dict)

    def run(self, goes_on: Callable[[], bool]) -> None:
        """Speak as long as `goes_on()`; a database that refuses is tried again."""
        rest = threading.Event()
        resume_at = time.monotonic()
        while goes_on():
            try:
                if time.monotonic() >= resume_at:
                    self.resume()
                    resume_at = time.monotonic() + _RESUME_EVERY
                if not self.work_once():
                    rest.wait(_LOOK_EVERY)
            except OperationalError as error:
                log.error("the database refused, trying again: %s", error.orig)
                rest.wait(_PATIENCE)
                resume_at = time.monotonic()  # what could not be written down is half done

    def resume(self) -> None:
        """Between two pieces of work: what this name, or a dead speaker elsewhere, left half done is wanted again."""
        with transaction(self.engine) as session:
            if count := speaking.take_back(session, self.name, now=self.now()):
                log.warning("took back %d recordings left half done", count)

    def work_once(self) -> bool:
        """Speak the oldest order; False if there is none."""
        with reading(self.engine) as session:  # looking takes no write lock
            if not speaking.is_wanted(session, only_emergencies=self.only_emergencies):
                return False
        with transaction(self.engine) as session:
            job = speaking.claim(session, self.name, only_emergencies=self.only_emergencies, now=self.now())
        if job is None:
            return False
        self._speak(job)
        return True

    def _speak(self, job: Job) -> None:
        self._unwanted.discard(job.recording_id)  # it may have been taken back from us, and come to us again
        try:
            with self.sounds.making(self.name) as master:
                with self._beating(job):
                    spoken = self._spoken(job, master)
                if job.recording_id in self._unwanted:
                    return
                facts = _facts(job, spoken, self.sounds.put(spoken.ogg), self.sounds.keep(master))
        except (SpeechError, StudioError) as error:
            self._failed(job, str(error))
        except Exception:
            log.exception("recording %d", job.recording_id)
            self._failed(
                job,
                "Bộ đọc gặp lỗi ngoài dự kiến; lỗi đã được ghi lại. Hãy thử đọc lại hoặc chọn giọng khác.",
            )
        else:
            with transaction(self.engine) as session:
                speaking.finish(session, job, self.name, facts, now=self.now())

    def _spoken(self, job: Job, master: Path) -> Spoken:
        say = emergency if job.emergency else partial(speak, twice=job.twice)
        return say(
            job.text,
            engine=self._voice_of(job.engine),
            voice=job.voice,
            guide=job.guide,
            preset=job.preset,
            master=master,
            progress=self._teller(job),
            cancelled=self._asker(job),
        )

    @contextmanager
    def _beating(self, job: Job) -> Iterator[None]:
        """Tell that we live, or another speaker would take over what a slow engine is still at."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self.beat):
                try:
                    with transaction(self.engine) as session:
                        wanted = speaking.heard_from(session, job, self.name, now=self.now())
                except OperationalError as error:
                    log.warning("not told that recording %d goes on: %s", job.recording_id, error.orig)
                    continue
                if not wanted:
                    self._unwanted.add(job.recording_id)

        beating = threading.Thread(target=beat, name="beat", daemon=True)
        beating.start()
        try:
            yield
        finally:
            over.set()
            beating.join()

    def _voice_of(self, name: str) -> engines.Engine:
        """Keep an engine once it is loaded: the weights of a neural voice take seconds to load."""
        if name not in self._voices:
            engine = engines.load(name, self.options)
            self._voices[name] = Kept(engine, self.pieces) if self.pieces and engine.manner.takes else engine
        return self._voices[name]

    def _failed(self, job: Job, reason: str) -> None:
        with transaction(self.engine) as session:
            speaking.fail(session, job, self.name, reason, now=self.now())

    def _teller(self, job: Job) -> Callable[[Progress], None]:
        last: tuple[str, datetime] | None = None

        def tell(progress: Progress) -> None:
            nonlocal last
            now = self.now()
            if last is not None and last[0] == progress.stage and now - last[1] < _TELL_EVERY:
                return
            last = progress.stage, now
            try:
                wanted = self._told(job, progress, now)
            except OperationalError as error:  # how far it is, is told again soon
                log.warning("no progress written down: %s", error.orig)
                return
            if not wanted:
                self._unwanted.add(job.recording_id)

        return tell

    def _told(self, job: Job, progress: Progress, now: datetime) -> bool:
        """Write down how far it is; False if nobody wants it any more."""
        with transaction(self.engine) as session:
            return speaking.told(
                session,
                job,
                self.name,
                done=progress.done,
                total=progress.total,
                stage=progress.stage,
                now=now,
            )

    def _asker(self, job: Job) -> Callable[[], bool]:
        return lambda: job.recording_id in self._unwanted


def _facts(job: Job, spoken: Spoken, sha256: str, master_sha256: str) -> Sound:
    heard = Heard(
        quality=spoken.quality.model_dump(mode="json"),
        timings=[timing.model_dump(mode="json") for timing in spoken.timings],
        overview=spoken.overview,
    )
    return Sound(
        sha256=sha256,
        seconds=spoken.seconds,
        size_bytes=len(spoken.ogg),
        lufs=spoken.quality.lufs,
        peak_dbtp=spoken.quality.true_peak,
        spoken=read_bulletin(job.text, job.guide).spoken,
        faults=" ".join(spoken.quality.faults),
        master_sha256=master_sha256,
        heard=heard,
    )


def keep_speaking(
    settings: StudioSettings, name: str, stopping: threading.Event, *, only_emergencies: bool = False
) -> None:
    """Run a speaker in a process of its own until `stopping` is set, starting it again whenever it dies.

    One speaker at least should do only emergencies, or they wait for the end of a long bulletin.
    Blocks: for a thread of `loa studio serve`. `name` must be this machine's and no other speaker's.
    """
    command = [sys.executable, "-m", "studio.speaker", name, *([_EMERGENCIES] if only_emergencies else [])]
    while not stopping.is_set():
        process = subprocess.Popen(
            command,
            env=os.environ | environment(settings),
            start_new_session=True,  # Ctrl-C is for us
        )
        while process.poll() is None and not stopping.wait(0.2):
            pass
        if process.poll() is None:
            process.terminate()
            process.wait(10)
        elif not stopping.wait(1):
            log.error("speaker %s ended with %s; starting it again", name, process.returncode)


def environment(settings: StudioSettings) -> dict[str, str]:
    """The variables that give another process these settings, as far as a speaker needs them."""
    return {
        "LOA_STUDIO_DATA": str(settings.data),
        "LOA_STUDIO_DATABASE": settings.database_url,
        "LOA_STUDIO_SOUNDS": str(settings.sounds_directory),
        "LOA_STUDIO_VIENEU": settings.vieneu.model_dump_json(),
        "LOA_STUDIO_REMOTE": settings.remote.model_dump_json(),
    }


def main() -> None:
    """Speak until stopped, or orphaned."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = StudioSettings()
    parent = os.getppid()
    speaker = Speaker(
        engine=create_engine(settings.database_url),
        sounds=Sounds(settings.sounds_directory),
        name=sys.argv[1] if len(sys.argv) > 1 else f"{os.uname().nodename}/1",
        now=lambda: datetime.now(UTC),
        only_emergencies=_EMERGENCIES in sys.argv,
        options=settings.engine_options,
        pieces=settings.data / "pieces",
    )
    speaker.run(lambda: os.getppid() == parent)  # a speaker whose studio was killed would speak for nobody


if __name__ == "__main__":
    main()
