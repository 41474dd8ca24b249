"""What reading a text gives: the words to say, and how each was come by."""

from collections.abc import Callable
from dataclasses import dataclass
from re import Match, Pattern

AS_WRITTEN = "như viết"
"""The rule of a span that no rule touched: its words are said as they stand."""

LEFT_OUT = "không đọc"
"""The rule of a span that is no speech: what frames a document on paper."""


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of the source and what is said for it; `start` and `end` count characters of the source."""

    start: int
    end: int
    source: str
    rule: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """A piece of the source that could not be read with confidence; `message` is for the author."""

    start: int
    end: int
    source: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it will be spoken.

    `spoken` is NFC, one paragraph a line, and empty when nothing in the source can be said.
    `spans` are the audit trail: in order, they cover the source from its first character to its last.
    """

    spoken: str
    spans: tuple[Span, ...] = ()
    warnings: tuple[Unsure, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule's answer that the author should look at."""

    spoken: str
    message: str


Say = Callable[[Match[str]], str | Doubt | None]
"""Reads one match: the words, words in doubt, or None to leave the text to a later rule."""


def always(spoken: str) -> Say:
    """Make a reader that says the same for every match."""

    def say(match: Match[str]) -> str:  # noqa: ARG001
        return spoken

    return say


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of reading. Patterns must bound every repetition: a text may have a million characters."""

    name: str
    pattern: Pattern[str]
    say: Say


CLAIMED = "\ue000"
"""Stands in the working text for each character that an earlier rule has read."""
