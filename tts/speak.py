"""Text in, a finished sound out: read, say sentence by sentence, master, encode, listen."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from pathlib import Path

from tts.engines import Engine
from tts.errors import SpeechError
from tts.finish import Air, Finished, finish, finish_within
from tts.presets import QUIET, preset_of
from tts.qa import Quality, Timing
from tts.script import Made, Part, Script, Words, script
from tts.text.bulletin import UNGUIDED, Guide
from tts.text.reading import Reading
from tts.track import Track
from tts.workers import Workers

MOST_INLINE = 40 * 1024
"""Bytes of an emergency's sound: it rides inside an MQTT message."""


class Stage(StrEnum):
    """What is being done."""

    READING = "reading"
    SPEAKING = "speaking"
    MASTERING = "mastering"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: `done` of `total` sentences (when mastering: pieces) of this stage."""

    done: int
    total: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as a sound for air, and everything the leader who approves it may ask."""

    ogg: bytes
    sha256: str
    seconds: float
    quality: Quality
    overview: bytes
    """The wave in outline, see qa.Hearing."""
    readings: tuple[Reading, ...]
    """One for each text."""
    engine: str
    voice: str
    preset: str
    timings: tuple[Timing, ...]


class Cancelled(SpeechError):
    """The work was given up because nobody wants it any more."""


Tell = Callable[[Progress], None]
Ask = Callable[[], bool]


def _nobody(_progress: Progress) -> None:
    """Nobody wants to know."""


def _never() -> bool:
    return False


def speak(
    text: str,
    *,
    engine: str | Engine = "espeak",
    voice: str | None = None,
    guide: Guide = UNGUIDED,
    twice: bool = False,
    takes: Mapping[int, int] | None = None,
    preset: str = QUIET.name,
    master: Path | None = None,
    workers: int | None = None,
    progress: Tell = _nobody,
    cancelled: Ask = _never,
) -> Spoken:
    """Speak a bulletin between two chimes, read as `guide` says; see `compose`.

    `twice` repeats document numbers and telephones. `takes` says which of the `timings`, counted from 0, a person
    wanted said anew, and how often; it changes nothing in an engine whose manner has no takes.
    """
    words = Words(text, engine, voice, guide, twice, takes or {})
    return compose(
        [words], preset=preset, master=master, workers=workers, progress=progress, cancelled=cancelled
    )


def compose(
    parts: Sequence[Part],
    *,
    preset: str = QUIET.name,
    master: Path | None = None,
    workers: int | None = None,
    progress: Tell = _nobody,
    cancelled: Ask = _never,
) -> Spoken:
    """Make one sound of texts and recordings, one after the other, between two chimes, mastered as one.

    `master` is where the full-band master is to be written (FLAC). `workers`, as many as processors if not told, do
    not change a byte. Raises SpeechError if there is nothing to say, too much of it, a file is no sound, or a voice
    fails; Cancelled if `cancelled` (asked between pieces) says so.
    """
    with _work(master, workers) as (path, hands):
        shape, desk = preset_of(preset), _Desk(progress, cancelled)
        desk.tell(0, 1, Stage.READING)
        written = script(parts)
        track, timings = desk.say(written, path, hands)
        finished = finish(track, Air(shape, timings=timings, step=desk.mastering), hands)
        return _spoken(written, finished, preset, timings)


def emergency(
    text: str,
    *,
    engine: str | Engine = "espeak",
    voice: str | None = None,
    guide: Guide = UNGUIDED,
    preset: str = QUIET.name,
    master: Path | None = None,
    workers: int | None = None,
    progress: Tell = _nobody,
    cancelled: Ask = _never,
) -> Spoken:
    """Speak an emergency as `guide` says: no chime (the alarm tone lives on the device), at most `MOST_INLINE` bytes.

    Raises as `compose` does, and SpeechError if it is too long for a message.
    """
    with _work(master, workers) as (path, hands):
        shape, desk = preset_of(preset), _Desk(progress, cancelled)
        desk.tell(0, 1, Stage.READING)
        written = script([Words(text, engine, voice, guide)], chimes=False, hurry=True)
        track, timings = desk.say(written, path, hands)
        air = Air(shape, timings=timings, step=desk.mastering)
        finished = finish_within(track, air, hands, MOST_INLINE)
        if finished is None:
            raise SpeechError(
                f"Tin khẩn cấp dài {track.seconds:.0f} giây, không gửi kèm lệnh phát được; "
                "hãy rút gọn còn dưới 40 giây (khoảng 110 tiếng)."
            )
        return _spoken(written, finished, preset, timings)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Whoever waits: is told how far it is, and may give up."""

    progress: Tell
    cancelled: Ask

    def tell(self, done: int, total: int, stage: Stage) -> None:
        self.progress(Progress(done, total, stage))
        if self.cancelled():
            raise Cancelled("Đã dừng tạo bản ghi theo yêu cầu.", permanent=False)

    def mastering(self, done: int, total: int) -> None:
        self.tell(done, total, Stage.MASTERING)

    def say(self, written: Script, master: Path, hands: Workers) -> tuple[Track, tuple[Timing, ...]]:
        """Put the pieces on a track as they are made."""
        timings: list[Timing] = []
        self.tell(0, written.counted, Stage.SPEAKING)
        with Track(master) as track:
            for made in hands.in_order(lambda line: line(), written.lines):
                begins = track.seconds
                track.add(made.piece)
                if not made.words:
                    continue
                _note(timings, made, begins)
                if not made.goes_on:
                    self.tell(len(timings), written.counted, Stage.SPEAKING)
        self.mastering(0, len(track.segments))
        return track, tuple(timings)


def _note(timings: list[Timing], made: Made, begins: float) -> None:
    end = round(begins + made.seconds, 3)
    if made.goes_on:
        timings[-1] = timings[-1].model_copy(update={"end": end})
    else:
        timings.append(Timing(sentence=made.words, start=round(begins, 3), end=end, syllables=made.syllables))


@contextmanager
def _work(master: Path | None, workers: int | None) -> Iterator[tuple[Path, Workers]]:
    """Hands, and a place for the master: its own, or one that is gone afterwards."""
    with Workers(workers) as hands:
        if master is not None:
            yield master, hands
            return
        with tempfile.TemporaryDirectory(prefix="loa-") as folder:
            yield Path(folder) / "master.flac", hands


def _spoken(written: Script, finished: Finished, preset: str, timings: tuple[Timing, ...]) -> Spoken:
    hearing = finished.hearing
    if not isfinite(hearing.quality.lufs):
        raise SpeechError("Bản ghi không có tiếng; hãy chọn giọng khác hoặc kiểm tra tệp đã tải lên.")
    return Spoken(
        finished.ogg, finished.sha256, hearing.quality.seconds, hearing.quality, hearing.overview, written.readings,
        written.engine, written.voice, preset, timings,
    )  # fmt: skip
