"""Which lines of printed pages make a paragraph, and which are there for the page only. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from studio.imports.found import END_OF_SENTENCE, Line, Part
from studio.imports.pdf_rows import Flow, Page, Piece, flows, joined, rows
from tts.text.letters import is_syllable

EDGE = 0.12
"""Share of a page's height, at its top and at its bottom, where headers, footers and page numbers are."""

_PAGE_NUMBER = re.compile(r"(?:trang|page)?\s*[-–—.]*\s*\d{1,4}\s*(?:/\s*\d{1,4})?\s*[-–—.]*", re.IGNORECASE)
_MARKER = re.compile(
    r"Điều \d+[a-zđ]?\.|Chương [IVXLC\d]+\b|Mục \d+\b|\d{1,2}(?:\.\d{1,2}){0,3}[.)/] |\d{1,2}(?:\.\d{1,2}){1,3} "
    r"|[a-zđ]\) |[-–+*•] |[IVX]{1,5}[.)] "
)
_PARTED = re.compile(r"[^\W_]-$")
_BEFORE = re.compile(r"([^\W\d_]+)-$")
_AFTER = re.compile(r"[^\W\d_]+")


def lines(pages: Sequence[Page]) -> list[Line]:
    """The paragraphs of all pages in reading order; headers, footers and page numbers are left out among them."""
    every = [rows(page) for page in pages]
    repeated = _repeated(pages, every)
    told: list[Line] = []
    last = None  # where a paragraph is that the next column or page may go on with
    for page, page_rows in zip(pages, every, strict=True):
        edges = {at for at in range(len(page_rows)) if _is_edge(page, page_rows, at, repeated)}
        body = [row for at, row in enumerate(page_rows) if at not in edges]
        foot = max((at for at in range(len(page_rows)) if at not in edges), default=-1)
        told += _left_out(page_rows[at] for at in sorted(edges) if at < foot)
        for flow in flows(body):
            for paragraph in _paragraphs(flow):
                if last is not None and paragraph.may_go_on:
                    told[last] = Line(_together(told[last].text, paragraph.text))
                else:
                    told.append(Line(paragraph.text))
                    last = len(told) - 1
                last = last if paragraph.is_open else None
        told += _left_out(page_rows[at] for at in sorted(edges) if at > foot)
    return told


def has_table(page: Page) -> bool:
    """Whether a page has rows that are not running text."""
    return any(flow.is_table for flow in flows(rows(page)))


def _left_out(page_rows: Iterator[list[Piece]]) -> list[Line]:
    return [Line(joined(row).text, Part.LEFT_OUT) for row in page_rows]


def _repeated(pages: Sequence[Page], every: Sequence[list[list[Piece]]]) -> set[tuple[bool, str]]:
    """What stands at the top or bottom of half the pages, whatever the figures in it."""
    counts: Counter[tuple[bool, str]] = Counter()
    for page, page_rows in zip(pages, every, strict=True):
        counts.update({_key(page, row) for row in page_rows if _at_an_edge(page, row)})
    return {key for key, count in counts.items() if key[1] and count >= max(2, len(pages) / 2)}


def _key(page: Page, row: Sequence[Piece]) -> tuple[bool, str]:
    text = re.sub(r"\d+", "#", joined(row).text.casefold())
    return row[0].middle > page.height / 2, "".join(char for char in text if char.isalnum() or char == "#")


def _at_an_edge(page: Page, row: Sequence[Piece]) -> bool:
    return not EDGE * page.height <= row[0].middle <= (1 - EDGE) * page.height


def _is_edge(page: Page, page_rows: list[list[Piece]], at: int, repeated: set[tuple[bool, str]]) -> bool:
    row = page_rows[at]
    if not _at_an_edge(page, row):
        return False
    outermost = at in (0, len(page_rows) - 1)
    return _key(page, row) in repeated or (
        outermost and len(row) == 1 and _PAGE_NUMBER.fullmatch(row[0].text.strip()) is not None
    )


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    may_go_on: bool = False
    """It may be the rest of one that began in the column or on the page before."""
    is_open: bool = False
    """The next column or page may go on with it."""


def _paragraphs(flow: Flow) -> Iterator[_Paragraph]:
    if flow.is_table:
        yield from (_Paragraph(line.text) for line in flow.lines)
        return
    column = _Column.of(flow)
    first, before, text = flow.lines[0], flow.lines[0], ""
    may_go_on = not flow.is_head and not _MARKER.match(first.text) and not column.is_indented(first)
    for line in flow.lines:
        if text and column.begins(before, line):
            yield _Paragraph(text, may_go_on)
            text, may_go_on = "", False
        text = _together(text, line.text) if text else line.text
        before = line
    is_prose = len(flow.lines) > 2 and not flow.is_head
    ended = END_OF_SENTENCE.search(text) is not None or column.is_short(before)
    yield _Paragraph(text, may_go_on, is_prose and (column.is_flush(before) or not ended))


@dataclass(frozen=True, slots=True)
class _Column:
    """The edges of a column, and the habits of its lines."""

    left: float
    right: float
    step: float
    """From a line to the next, usually."""
    is_head: bool
    indents: bool
    """Its paragraphs begin further to the right than its lines."""

    @classmethod
    def of(cls, flow: Flow) -> "_Column":
        lines = flow.lines
        left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
        steps = [a.middle - b.middle for a, b in pairwise(lines)]
        flush = sum(line.x0 - left <= 1.2 * line.height for line in lines)
        most = 1.9 * median(line.height for line in lines)  # a page of single lines has no step of its own
        return cls(left, right, min([median(steps or [most]), most]), flow.is_head, flush > 0.5 * len(lines))

    def begins(self, before: Piece, line: Piece) -> bool:
        """Whether a line begins a paragraph, given the line above it."""
        goes_on = line.text[:1].islower()
        if self.is_head:
            return not goes_on and not line.text[:1].isdigit()
        ended, short = END_OF_SENTENCE.search(before.text) is not None, self.is_short(before)
        if before.middle - line.middle > (1.1 if ended else 1.25) * self.step:
            return True
        if abs(before.height - line.height) > 0.25 * line.height or (
            _MARKER.match(line.text) and (short or ended)
        ):
            return True
        if (goes_on and not ended) or _PARTED.search(before.text):
            return False
        shouted, now_shouted = before.text.isupper() and len(before.text) > 8, line.text.isupper()
        if short or (shouted and not now_shouted) or (ended and now_shouted and not shouted):
            return True
        return self.is_indented(line) or (ended and line.x0 - self.left > 1.2 * line.height)

    def is_indented(self, line: Piece) -> bool:
        """Whether a line is set in as the first of a paragraph."""
        return self.indents and line.x0 - self.left > 1.2 * line.height

    def is_flush(self, line: Piece) -> bool:
        """Whether a line ends at the very edge: the last line of a paragraph hardly ever does."""
        return line.x1 > self.right - 0.3 * line.height

    def is_short(self, line: Piece) -> bool:
        """Whether a line ends before the column does: nothing of its paragraph follows."""
        return line.x1 < self.right - max(2.5 * line.height, 0.1 * (self.right - self.left))


def _together(before: str, after: str) -> str:
    """Join two lines. A hyphen at the end of the first goes only where it parts no syllables («In-tơ-nét»)."""
    hyphen, word = _BEFORE.search(before), _AFTER.match(after)
    if hyphen is None:
        return (
            before + after if before.endswith(("-", "/")) and before[-2:-1].isalnum() else f"{before} {after}"
        )
    if word is None or word[0][0].isupper() or (is_syllable(hyphen[1]) and is_syllable(word[0])):
        return before + after  # NĐ-CP, COVID-19, In-tơ-nét
    return before[:-1] + after
