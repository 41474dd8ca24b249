"""Text in, a finished sound out: read, say sentence by sentence, join, master, encode, measure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tts.breaths import Breath, breaths
from tts.engines import Engine, load
from tts.errors import SpeechError
from tts.finish import Finished, finish, finish_within
from tts.qa import Quality
from tts.sound import Sound, at_our_rate, chime, join, pause, tightened, trimmed
from tts.text.bulletin import UNGUIDED, Guide, read_bulletin
from tts.text.reading import Reading
from tts.text.sentences import paragraphs

MOST_WRITTEN = 100_000
"""Characters of text that are looked at at all."""

MOST_SPOKEN = 24_000
"""Characters of reading, about half an hour of speech."""

MOST_INLINE = 40 * 1024
"""Bytes of an emergency's sound: it rides inside an MQTT message."""

AFTER_CHIME = 0.4
BETWEEN_PARAGRAPHS = 0.6
_HURRY = 0.5
"""Share of the usual pauses that an emergency keeps: every second costs bytes."""

_PAUSES = {".": 0.45, "!": 0.45, "?": 0.5, ";": 0.3, ":": 0.3, ",": 0.18}


class Stage(StrEnum):
    """What is being done."""

    READING = "reading"
    SPEAKING = "speaking"
    MASTERING = "mastering"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: `done` of `total` pieces of this stage."""

    done: int
    total: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class Timing:
    """When what was said in one breath is heard, in seconds from the start of the sound."""

    sentence: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as a sound for air, and everything the leader who approves it may ask."""

    ogg: bytes
    sha256: str
    seconds: float
    quality: Quality
    reading: Reading
    engine: str
    voice: str
    timings: tuple[Timing, ...]


class Cancelled(SpeechError):
    """The work was given up because nobody wants it any more."""


@dataclass(frozen=True, slots=True)
class _Said:
    reading: Reading
    engine: str
    voice: str
    sound: Sound
    timings: tuple[Timing, ...]


def speak(
    text: str,
    *,
    engine: str | Engine = "espeak",
    voice: str | None = None,
    guide: Guide = UNGUIDED,
    takes: Mapping[int, int] | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Spoken:
    """Speak a bulletin after the chime, read as `guide` says.

    `engine` is one at hand or the name of one. `takes` says which of the `timings`, counted from 0, a person wanted
    said anew, and how often; it changes nothing in an engine whose manner has no takes.
    Raises SpeechError if there is nothing to say, too much of it, or the voice fails; Cancelled if `cancelled`
    (asked before each sentence) says so.
    """
    said = _say(
        _readable(text, guide),
        engine,
        voice,
        progress or _nobody,
        cancelled or _never,
        opening=[chime(), pause(AFTER_CHIME)],
        takes=takes or {},
    )
    return _spoken(said, finish(said.sound), progress or _nobody)


def emergency(
    text: str,
    *,
    engine: str | Engine = "espeak",
    voice: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Spoken:
    """Speak an emergency: no chime (the alarm tone lives on the device), at most `MOST_INLINE` bytes.

    Raises as `speak` does, and SpeechError if it is too long for a message.
    """
    said = _say(
        _readable(text), engine, voice, progress or _nobody, cancelled or _never, opening=[], hurry=True
    )
    finished = finish_within(said.sound, MOST_INLINE)
    if finished is None:
        raise SpeechError(
            f"Tin khẩn cấp dài {said.sound.seconds:.0f} giây, không gửi kèm lệnh phát được; "
            "hãy rút gọn còn dưới 40 giây (khoảng 110 tiếng)."
        )
    return _spoken(said, finished, progress or _nobody)


def _spoken(said: _Said, finished: Finished, tell: Callable[[Progress], None]) -> Spoken:
    tell(Progress(1, 1, Stage.MASTERING))
    return Spoken(
        finished.ogg, finished.sha256, finished.quality.seconds, finished.quality, said.reading, said.engine,
        said.voice, said.timings,
    )  # fmt: skip


def _say(
    reading: Reading,
    wanted: str | Engine,
    voice: str | None,
    tell: Callable[[Progress], None],
    cancelled: Callable[[], bool],
    *,
    opening: list[Sound],
    takes: Mapping[int, int] | None = None,
    hurry: bool = False,
) -> _Said:
    tell(Progress(0, 1, Stage.READING))
    engine = load(wanted) if isinstance(wanted, str) else wanted
    chosen = voice or engine.voices()[0].name
    cut = breaths(paragraphs(reading.spoken), engine.manner)
    sounds, timings = list(opening), list[Timing]()
    at = sum(sound.seconds for sound in sounds)
    for done, breath in enumerate(cut):
        if cancelled():
            raise Cancelled("Đã dừng tạo bản ghi theo yêu cầu.", permanent=False)
        tell(Progress(done, len(cut), Stage.SPEAKING))
        samples = engine.speak(breath.text, voice=voice, take=(takes or {}).get(done, 0))
        sound = trimmed(at_our_rate(samples.data, samples.rate))
        rest = pause(_pause_after(breath))
        if hurry:
            sound, rest = tightened(sound), pause(_HURRY * rest.seconds)
        timings.append(Timing(breath.text, round(at, 3), round(at + sound.seconds, 3)))
        sounds += [sound, rest]
        at += sound.seconds + rest.seconds
    tell(Progress(len(cut), len(cut), Stage.SPEAKING))
    tell(Progress(0, 1, Stage.MASTERING))
    return _Said(reading, engine.name, chosen, join(sounds), tuple(timings))


def _readable(text: str, guide: Guide = UNGUIDED) -> Reading:
    if len(text) > MOST_WRITTEN:
        raise _too_long(len(text), MOST_WRITTEN)
    reading = read_bulletin(text, guide)
    if not any(char.isalpha() for char in reading.spoken):
        raise SpeechError("Bản tin không có chữ nào đọc được; hãy nhập nội dung bằng tiếng Việt.")
    if len(reading.spoken) > MOST_SPOKEN:
        raise _too_long(len(reading.spoken), MOST_SPOKEN)
    return reading


def _too_long(length: int, most: int) -> SpeechError:
    told, allowed = (f"{number:,}".replace(",", ".") for number in (length, most))
    return SpeechError(
        f"Bản tin quá dài ({told} ký tự, tối đa {allowed}); hãy rút gọn hoặc chia thành nhiều bản tin."
    )


def _pause_after(breath: Breath) -> float:
    last, mark = breath.ends_paragraph, breath.text[-1]
    usual = _PAUSES.get(mark, 0.35 if last else 0.18)
    return max(usual, BETWEEN_PARAGRAPHS) if last and mark not in ";:," else usual


def _nobody(_progress: Progress) -> None:
    """Nobody wants to know."""


def _never() -> bool:
    return False
