"""The one door of this room: `read` puts the rules in order and keeps the books."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

from tts.text.contacts import ADDRESSES, NAMES_AND_NUMBERS, PHONES
from tts.text.dates import DATES, TIMES
from tts.text.dictionary import Entry, rules_of
from tts.text.identifiers import IDENTIFIERS
from tts.text.law import DOCUMENTS, POINTS, YEARS_AND_NUMERALS
from tts.text.marks import LISTS, MARKS, POWERS
from tts.text.reading import AS_WRITTEN, CLAIMED, LEFT_OUT, Doubt, Reading, Rule, Span, Unsure
from tts.text.short_forms import ABBREVIATIONS
from tts.text.units import FRACTIONS, MEASURES, MONEY, NUMBERS, RANGES
from tts.text.words import REST, SCRIPTS, WORDS

RULES: tuple[Rule, ...] = (
    *ADDRESSES, *IDENTIFIERS, *DOCUMENTS, *DATES, *TIMES, *PHONES, *LISTS, *POINTS, *MEASURES, *RANGES, *MONEY,
    *YEARS_AND_NUMERALS, *FRACTIONS, *POWERS, *SCRIPTS, *ABBREVIATIONS, *NAMES_AND_NUMBERS, *NUMBERS,
    *MARKS, *WORDS, *REST,
)  # fmt: skip
"""First come, first served: what an earlier rule has read, a later one cannot see."""

_PLAIN = re.compile(
    r"[^\r\u2028\u2029\u0085\u200b-\u200f\u2060\ufeff\u00ad\ue000"
    r"\u00aa\u00b5\u00ba\u2070\u2071\u2072\u2073\u207a\u207c-\u209c\u2100-\u2115\u2117-\u218b\u2460-\u24ff\u2776-\u2793\uff01-\uff5e\ufb00-\ufb06]*"
)
"""Text without control signs, hidden signs and other faces of letters and digits (①, Ⅳ, ℃, Ａ)."""
_CLUSTER = re.compile(r"\r\n|.[\u0300-\u036f]{0,8}", re.DOTALL)
_BREAKS = {
    "\r\n": "\n",
    "\r": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
    "\u0085": "\n",
    CLAIMED: "\ufffd",
    "º": "°",
    "⁰": "°",
}
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_STOPS = re.compile(r" ?[,.;:!?](?: ?[,.;:!?])* ?")
_RANK = ",:;.!?"


def read(text: str, *, dictionary: Sequence[Entry] = (), left_out: Sequence[tuple[int, int]] = ()) -> Reading:
    """Read `text` as a newsreader would; never raises, and `spoken` is empty if nothing can be said.

    What `dictionary` knows comes before every rule, its first entry for a form before later ones. `left_out` are
    stretches of `text` (start, end) that are not spoken at all. Spans and warnings point into `text` as it was given,
    composed or decomposed. Reading what was read changes nothing.
    """
    working, offsets = _prepare(text)
    books = _Books(text, offsets)
    source = working
    working = books.leave_out(working, left_out)
    for rule in (*rules_of(dictionary, working), *RULES):
        working = books.apply(rule, working)
    books.claims.sort()
    warnings = tuple(sorted(books.warnings, key=lambda unsure: unsure.start))
    return Reading(_tidy(_join(source, books.claims)), books.spans(), warnings)


def _prepare(text: str) -> tuple[str, list[int] | None]:
    """Compose, unify line ends, open look-alikes; with the source offset of each character, or None if equal."""
    if unicodedata.is_normalized("NFC", text) and _PLAIN.fullmatch(text):
        return text, None
    pieces: list[str] = []
    offsets: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = _BREAKS.get(match[0]) or unicodedata.normalize("NFC", _UNSEEN.sub("", match[0]))
        if len(piece) == 1 and not _PLAIN.fullmatch(piece):
            piece = unicodedata.normalize("NFKC", piece)
        pieces.append(piece)
        offsets += [match.start()] * len(piece)
    return "".join(pieces), [*offsets, len(text)]


class _Books:
    """What has been claimed of one text, and the way back from the prepared text to the source."""

    def __init__(self, text: str, offsets: list[int] | None) -> None:
        self._text = text
        self._offsets = offsets
        self.claims: list[tuple[int, int, str]] = []
        self.warnings: list[Unsure] = []
        self._spans: list[Span] = []

    def apply(self, rule: Rule, working: str) -> str:
        """Let one rule read what is left of `working`; return it with the newly read parts claimed."""
        rest: list[str] = []
        reached = 0
        for match in rule.pattern.finditer(working):
            said = rule.say(match) if match[0] else None
            if said is None:
                continue
            if isinstance(said, Doubt):
                start, end = self._source(*match.span())
                self.warnings.append(Unsure(start, end, self._text[start:end], said.message))
                said = said.spoken
            self._claim(*match.span(), rule.name, unicodedata.normalize("NFC", said))
            rest += [working[reached : match.start()], CLAIMED * len(match[0])]
            reached = match.end()
        return "".join([*rest, working[reached:]]) if rest else working

    def leave_out(self, working: str, stretches: Sequence[tuple[int, int]]) -> str:
        """Claim stretches of the source that are not spoken."""
        for first, last in stretches:
            start, end = self._prepared(first), self._prepared(last)
            self._claim(start, end, LEFT_OUT, "")
            working = working[:start] + CLAIMED * (end - start) + working[end:]
        return working

    def spans(self) -> tuple[Span, ...]:
        """Every piece of the source in order: what rules read, and between it what is said as it is written."""
        found: list[Span] = []
        reached = 0
        for span in sorted(self._spans, key=lambda span: (span.start, span.end)):
            if span.start > reached:
                found.append(self._as_written(reached, span.start))
            found.append(span)
            reached = max(reached, span.end)
        return (
            (*found, self._as_written(reached, len(self._text)))
            if reached < len(self._text)
            else tuple(found)
        )

    def _as_written(self, start: int, end: int) -> Span:
        source = self._text[start:end]
        return Span(start, end, source, AS_WRITTEN, unicodedata.normalize("NFC", source).lower())

    def _claim(self, start: int, end: int, rule: str, said: str) -> None:
        self.claims.append((start, end, said))
        first, last = self._source(start, end)
        self._spans.append(Span(first, last, self._text[first:last], rule, said))

    def _source(self, start: int, end: int) -> tuple[int, int]:
        return (start, end) if self._offsets is None else (self._offsets[start], self._offsets[end])

    def _prepared(self, at: int) -> int:
        return at if self._offsets is None else bisect_left(self._offsets, at)


def _join(source: str, claims: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    reached = 0
    for start, end, said in claims:
        parts += [source[reached:start], f" {said} "]
        reached = end
    return "".join([*parts, source[reached:]]).lower()


def _strongest(match: re.Match[str]) -> str:
    return max((c for c in match[0] if c in _RANK), key=_RANK.index) + " "


def _tidy(spoken: str) -> str:
    """One space between words, one stop at a time, no stop without a word before it, no empty line."""
    lines = (
        _STOPS.sub(_strongest, " ".join(line.split())).lstrip(",.;:!? ").rstrip(", ")
        for line in spoken.split("\n")
    )
    return unicodedata.normalize("NFC", "\n".join(line for line in lines if line))
