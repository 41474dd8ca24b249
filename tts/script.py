"""What is to be heard, in order: chimes, sentences, recordings that were brought along; each made into pieces."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from tts.breaths import Breath, breaths
from tts.engines import Engine, load
from tts.errors import SpeechError
from tts.sound import CHIME, CLOSING_CHIME, LONGEST, Sound, at_our_rate, chime, tightened, trimmed
from tts.text.bulletin import UNGUIDED, Guide, read_bulletin
from tts.text.letters import is_syllable
from tts.text.reading import Reading
from tts.text.sentences import paragraphs
from tts.track import Piece, recorded_pieces, sentence_piece
from tts.twice import said_twice
from tts.uploads import import_sound

MOST_WRITTEN = 100_000
"""Characters of text that are looked at at all."""

MOST_SPOKEN = 24_000
"""Characters of reading, about half an hour of speech: residents listen to no longer bulletin."""

AFTER_CHIME = 0.4
BETWEEN_PARAGRAPHS = 0.6
BETWEEN_PARTS = 1.2
CHIME_UNDER = -4.0
"""LU of the chimes beside the speech."""

_HURRY = 0.5
"""Share of the usual pauses that an emergency keeps: every second costs bytes."""

_VOWELS = re.compile("[aeiouy]+")

_PAUSES = {".": 0.45, "!": 0.45, "?": 0.5, ";": 0.3, ":": 0.3, ",": 0.18}


@dataclass(frozen=True, slots=True)
class Words:
    """A text to be spoken, read as `guide` says; `twice` says document numbers and telephones a second time."""

    text: str
    engine: str | Engine = "espeak"
    """One at hand, or the name of one."""
    voice: str | None = None
    guide: Guide = UNGUIDED
    twice: bool = False
    takes: Mapping[int, int] = field(default_factory=dict)
    """Which of its pieces, counted from 0, a person wanted said anew, and how often."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A sound file that staff brought along, for example the same bulletin in Khmer."""

    data: bytes = field(repr=False)
    title: str


Part = Words | Recorded


@dataclass(frozen=True, slots=True)
class Made:
    """A piece for the track, and what is heard in it: words (none in a chime), for how many seconds."""

    piece: Piece
    words: str
    seconds: float
    syllables: int = 0
    goes_on: bool = False
    """Whether it is the rest of what the piece before it began."""


Line = Callable[[], Made]
"""Makes one piece; may be called in any thread."""


@dataclass(frozen=True, slots=True)
class Script:
    """Everything to be heard. `lines` may be gone through once: recordings are cut as they are needed."""

    lines: Iterator[Line]
    counted: int
    """How many of the lines are sentences or recordings."""
    readings: tuple[Reading, ...]
    engine: str
    voice: str
    """Engine and voice of the first text, empty where nothing is spoken."""


def script(parts: Sequence[Part], *, chimes: bool = True, hurry: bool = False) -> Script:
    """Read every text, load every voice, open every recording.

    Raises SpeechError for a text without words or too long, an unknown voice, a file that is no sound.
    """
    readings, sections, counted = list[Reading](), list[Iterator[Line]](), 0
    spoken_by = ("", "")
    for number, part in enumerate(parts, 1):
        last = BETWEEN_PARTS if number < len(parts) else BETWEEN_PARAGRAPHS
        if isinstance(part, Recorded):
            sections.append(_recording(import_sound(part.data), part.title, last))
            counted += 1
            continue
        reading = readable(part)
        engine = load(part.engine) if isinstance(part.engine, str) else part.engine
        spoken_by = spoken_by if spoken_by[0] else (engine.name, part.voice or engine.voices()[0].name)
        cut = breaths(paragraphs(reading.spoken), engine.manner)
        sections.append(_sentences(cut, part.takes, _Teller(engine, part.voice, hurry), last))
        readings.append(reading)
        counted += len(cut)
    return Script(_all(sections, chimes=chimes), counted, tuple(readings), *spoken_by)


def readable(words: Words) -> Reading:
    """Read a text; raises SpeechError if there is nothing to say, or too much."""
    if len(words.text) > MOST_WRITTEN:
        raise _too_long(len(words.text), MOST_WRITTEN)
    reading = read_bulletin(words.text, words.guide)
    if not any(char.isalpha() for char in reading.spoken):
        raise SpeechError("Bản tin không có chữ nào đọc được; hãy nhập nội dung bằng tiếng Việt.")
    if words.twice:
        reading = said_twice(reading)
    if len(reading.spoken) > MOST_SPOKEN:
        raise _too_long(len(reading.spoken), MOST_SPOKEN)
    return reading


def _too_long(length: int, most: int) -> SpeechError:
    told, allowed = (f"{number:,}".replace(",", ".") for number in (length, most))
    return SpeechError(
        f"Bản tin quá dài ({told} ký tự, tối đa {allowed}, khoảng {LONGEST // 60} phút phát); "
        "hãy rút gọn hoặc chia thành nhiều bản tin."
    )


def _all(sections: Sequence[Iterator[Line]], *, chimes: bool) -> Iterator[Line]:
    if chimes:
        yield lambda: Made(sentence_piece(chime(CHIME), AFTER_CHIME, under=CHIME_UNDER), "", 0.0)
    for section in sections:
        yield from section
    if chimes:
        yield lambda: Made(sentence_piece(chime(CLOSING_CHIME), 0.0, under=CHIME_UNDER), "", 0.0)


class _Teller:
    """Says sentences with one voice; one at a time unless the engine is ready for more."""

    def __init__(self, engine: Engine, voice: str | None, hurry: bool) -> None:
        self._engine, self._voice, self._hurry = engine, voice, hurry
        self._turn: AbstractContextManager[object] = nullcontext() if engine.manner.side_by_side else Lock()

    def say(self, sentence: str, take: int, rest: float) -> Made:
        with self._turn:
            samples = self._engine.speak(sentence, voice=self._voice, take=take)
        sound = trimmed(at_our_rate(samples.data, samples.rate))
        if self._hurry:
            sound, rest = tightened(sound), _HURRY * rest
        return Made(sentence_piece(sound, rest), sentence, sound.seconds, _syllables(sentence))


def _syllables(sentence: str) -> int:
    """Count them: a word one, a word that no Vietnamese would spell so one for each group of its vowels."""
    words = re.findall(r"[^\W\d_]+", sentence)
    return sum(1 if is_syllable(word) else max(1, len(_VOWELS.findall(_bare(word)))) for word in words)


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))


def _sentences(
    cut: Sequence[Breath], takes: Mapping[int, int], teller: _Teller, last_rest: float
) -> Iterator[Line]:
    for place, breath in enumerate(cut):
        rest = _pause_after(breath)
        if place == len(cut) - 1:
            rest = max(rest, last_rest)
        yield partial(teller.say, breath.text, takes.get(place, 0), rest)


def _pause_after(breath: Breath) -> float:
    last, mark = breath.ends_paragraph, breath.text[-1]
    usual = _PAUSES.get(mark, 0.35 if last else 0.18)
    return max(usual, BETWEEN_PARAGRAPHS) if last and mark not in ";:," else usual


def _recording(sound: Sound, title: str, rest: float) -> Iterator[Line]:
    left = sound.seconds
    for number, piece in enumerate(recorded_pieces(sound, rest)):
        made = Made(piece, title, min(left, piece.segment.seconds), goes_on=number > 0)
        left -= made.seconds
        yield partial(_ready, made)


def _ready(made: Made) -> Made:
    return made
