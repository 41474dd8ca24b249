"""What an engine is given at a time: sentences cut or put together as its manner asks. Pure.

A neural voice that gets two or three words alone tends to say more than they are, or less; one that gets too many
loses itself. So no piece has fewer words than `Manner.least_words` (unless the whole text has), and pieces are cut at
semicolons, then commas, then between words until they have no more than `Manner.most_characters`, give or take
what a short neighbour adds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tts.engines import Manner

_CUTS = (re.compile(r"(?<=[;:])\s+"), re.compile(r"(?<=,)\s+"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True)
class Breath:
    """One piece to say, and whether a paragraph ends with it."""

    text: str
    ends_paragraph: bool

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


def breaths(paragraphs: Sequence[Sequence[str]], manner: Manner) -> tuple[Breath, ...]:
    """Cut and join the sentences of each paragraph; no word is lost, doubled or moved."""
    cut: list[Breath] = []
    for paragraph in paragraphs:
        parts = [part for sentence in paragraph for part in _cut(sentence.strip(), manner) if part]
        cut += [Breath(part, ends_paragraph=part_no == len(parts)) for part_no, part in enumerate(parts, 1)]
    return tuple(_joined(cut, manner.least_words))


def _cut(sentence: str, manner: Manner) -> list[str]:
    """Halve a sentence that is too long, where it pauses if it does, until its parts are short enough."""
    if len(sentence) <= manner.most_characters:
        return [sentence]
    for places in _CUTS:
        halves = _halved(sentence, places, manner.least_words)
        if halves is not None:
            return [part for half in halves for part in _cut(half, manner)]
    return [sentence]


def _halved(sentence: str, places: re.Pattern[str], least_words: int) -> tuple[str, str] | None:
    """Cut at the place nearest the middle that leaves enough words on both sides."""
    middle, words = len(sentence) / 2, len(sentence.split())
    for place in sorted(places.finditer(sentence), key=lambda found: abs(found.start() - middle)):
        before = len(sentence[: place.start()].split())
        if before >= least_words and words - before >= least_words:
            return sentence[: place.start()], sentence[place.end() :]
    return None


def _joined(parts: list[Breath], least_words: int) -> list[Breath]:
    """Put what is too short to what follows in its paragraph, else to what precedes, else across paragraphs."""
    while len(parts) > 1:
        short = next((at for at, part in enumerate(parts) if part.words < least_words), None)
        if short is None:
            break
        first = short - 1 if _belongs_before(parts, short) else short
        before, after = parts[first], parts[first + 1]
        pause = "" if before.text[-1] in ".!?;:," else "."  # a title has none of its own
        parts[first : first + 2] = [replace(after, text=f"{before.text}{pause} {after.text}")]
    return parts


def _belongs_before(parts: list[Breath], at: int) -> bool:
    if at == 0:
        return False
    starts_paragraph = parts[at - 1].ends_paragraph
    return at == len(parts) - 1 or (parts[at].ends_paragraph and not starts_paragraph)
