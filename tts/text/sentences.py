"""Cutting a reading into what is said in one breath."""

import re

LONGEST = 240
"""Characters after which a sentence is cut at its next comma: engines tire of longer ones."""

_END = re.compile(r"(?<=[.!?])\s+")
_BREATH = re.compile(r"(?<=[;:])\s+")
_PAUSE = re.compile(r"(?<=,)\s+")


def paragraphs(spoken: str) -> tuple[tuple[str, ...], ...]:
    """Cut a reading (one paragraph a line) into paragraphs of sentences; nothing is lost but white space."""
    lines = (sentences(line) for line in spoken.split("\n"))
    return tuple(line for line in lines if line)


def sentences(paragraph: str) -> tuple[str, ...]:
    """Cut one paragraph at full stops, and sentences longer than `LONGEST` at their semicolons and commas."""
    found: list[str] = []
    for sentence in _END.split(paragraph.strip()):
        found += _shorter(sentence, (_BREATH, _PAUSE)) if len(sentence) > LONGEST else [sentence]
    return tuple(part for part in found if part)


def _shorter(sentence: str, cuts: tuple[re.Pattern[str], ...]) -> list[str]:
    if len(sentence) <= LONGEST or not cuts:
        return _by_words(sentence)
    parts: list[str] = []
    for piece in cuts[0].split(sentence):
        if parts and len(parts[-1]) + len(piece) < LONGEST:
            parts[-1] += f" {piece}"
        else:
            parts.append(piece)
    return [small for part in parts for small in _shorter(part, cuts[1:])]


def _by_words(sentence: str) -> list[str]:
    """Cut what has no pause at all after twice the usual length, between words."""
    parts: list[str] = []
    for word in sentence.split():
        if parts and len(parts[-1]) + len(word) < 2 * LONGEST:
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts
