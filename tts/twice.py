"""Numbers that people are to write down, said a second time."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tts.text.reading import Reading

RULES = frozenset({"số văn bản", "điện thoại", "số gọi ngắn"})
"""The rules of tts/text whose readings are said twice: document numbers and telephones."""

AGAIN = "nhắc lại"

_WORD = re.compile(r"\w+")
_FURTHER = 40
"""Words to look ahead for a span where its words and the reading's have come apart."""


def said_twice(reading: Reading, rules: frozenset[str] = RULES) -> Reading:
    """Repeat behind each number what was said of it: «số … nghị định chính phủ, nhắc lại, …».

    Pure; spans and warnings stay as they are, because the source is the same.
    """
    parts: list[str] = []
    reached = 0
    for start, end in _places(reading, rules):
        said = reading.spoken[start:end]
        stop = "," if re.match(r"[ ]?\w", reading.spoken[end:]) else ""
        parts.append(f"{reading.spoken[reached:end]}, {AGAIN}, {said}{stop}")
        reached = end
    return replace(reading, spoken="".join((*parts, reading.spoken[reached:])))


def _places(reading: Reading, rules: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where in the reading each span of these rules is said."""
    words = list(_WORD.finditer(reading.spoken))
    said = [word[0] for word in words]
    at = 0
    for span in reading.spans:
        own = _WORD.findall(span.spoken.lower())
        begins = next((b for b in range(at, at + _FURTHER) if said[b : b + len(own)] == own), None)
        if not own or begins is None:
            continue
        at = begins + len(own)
        if span.rule in rules:
            yield words[begins].start(), words[at - 1].end()
