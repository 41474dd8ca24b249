"""A bulletin's text as its page shows it: line by line, each piece with how it is said. Pure."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from studio.readings import BulletinReading, one_line
from tts.text.reading import AS_WRITTEN, LEFT_OUT, Span

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Piece:
    """Some of a line. `said` is how, where that is worth showing; `doubt` is empty, `open` or `accepted`."""

    text: str
    said: str = ""
    rule: str = ""
    doubt: str = ""

    @property
    def marked(self) -> bool:
        """Whether it is said otherwise than it is written, or perhaps should be."""
        return bool(self.said or self.doubt)

    @property
    def name(self) -> str:
        """The piece as a correction names it."""
        return one_line(self.text)


@dataclass
class TextLine:
    """A line of the text. `frame` is empty, or `left_out` or `kept` for a line that frames the document."""

    pieces: list[Piece] = field(default_factory=list)
    frame: str = ""

    @property
    def text(self) -> str:
        """What is written."""
        return "".join(piece.text for piece in self.pieces)


def lines_of(read: BulletinReading) -> list[TextLine]:
    """Cut a text into its lines. Together their pieces are the text, without its line ends."""
    answered = {(question.source, question.message) for question in read.questions if question.accepted}
    doubts = {
        each.start: "accepted" if (each.source, each.message) in answered else "open"
        for each in read.reading.warnings
    }
    frame = [start for start, _ in read.frame]
    lines, at = [TextLine()], 0
    for span in read.reading.spans:
        for piece in _pieces(span, doubts.get(span.start, "")):
            if bisect_left(frame, at) < bisect_left(frame, at + len(piece.text)):
                lines[-1].frame = "left_out" if piece.rule == LEFT_OUT else "kept"
            if piece.text == "\n":
                lines.append(TextLine())
            else:
                lines[-1].pieces.append(piece)
            at += len(piece.text)
    return lines


def _pieces(span: Span, doubt: str) -> Iterator[Piece]:
    if span.rule == AS_WRITTEN:
        yield from (Piece(part) for part in re.split(r"(\n)", span.source) if part)
    elif span.rule == LEFT_OUT:
        yield Piece(span.source, rule=LEFT_OUT)
    else:
        said = " ".join(span.spoken.lower().split()).strip(" ,.")
        same = _WORD.findall(said) == _WORD.findall(span.source.lower())
        yield Piece(span.source, "" if same else said, span.rule, doubt)
