"""What reading a file or a pasted page comes to: its lines in their order, and which of them are the bulletin."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from studio.errors import Invalid
from studio.plain_text import plain

END_OF_SENTENCE = re.compile(r"[.!?…:;][\"”’»)\]]*$")
MOST_TEXT = 3_000_000
"""Characters that one file may come to; no honest one has a tenth of it."""


class Kind(StrEnum):
    """What was brought, told by its content."""

    TEXT = "text"
    HTML = "html"
    MHTML = "mhtml"
    DOCX = "docx"
    PDF = "pdf"


KIND_NAMES = {
    Kind.TEXT: "văn bản thường",
    Kind.HTML: "trang web (HTML)",
    Kind.MHTML: "trang web đã lưu (MHTML)",
    Kind.DOCX: "tệp Word (DOCX)",
    Kind.PDF: "tệp PDF",
}
"""As the pages call them."""


class Part(StrEnum):
    """What a line of the original is to the bulletin."""

    TITLE = "title"
    BODY = "body"
    LEFT_OUT = "left_out"


class Unreadable(Invalid):
    """No bulletin can be had from it; the message says what to mend."""

    title = "Chưa nhập được"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the original: a paragraph, a row of a table, an entry of a menu."""

    text: str
    part: Part = Part.BODY


@dataclass(frozen=True, slots=True)
class Found:
    """The whole of what was brought, line by line; nothing is thrown away in silence."""

    kind: Kind
    title: str
    """One line, the bulletin's name in lists; may be empty."""
    lines: tuple[Line, ...]
    """Everything that could be read, in reading order."""
    warnings: tuple[str, ...] = ()
    """What a person should look at, Vietnamese sentences."""

    @property
    def text(self) -> str:
        """Title and body as they follow each other."""
        return _joined(line for line in self.lines if line.part is not Part.LEFT_OUT)

    @property
    def body(self) -> str:
        """The paragraphs, a line each, without the title."""
        return _joined(line for line in self.lines if line.part is Part.BODY)

    @property
    def whole(self) -> str:
        """Every line, also what was left out."""
        return _joined(self.lines)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The lines that do not belong to the bulletin."""
        return tuple(line.text for line in self.lines if line.part is Part.LEFT_OUT)


def of_body(line: str) -> Part:
    """What a line of a document is unless it is more: a rule of hyphens below a head is for the eye only."""
    return Part.BODY if any(map(str.isalnum, line)) else Part.LEFT_OUT


def one_spelling(text: str) -> str:
    """Return a line as it is kept: NFC, single spaces, no sign that is neither letter nor mark."""
    shown = (" " if unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co") else c for c in plain(text))
    return " ".join("".join(shown).split())


def _joined(lines: Iterable[Line]) -> str:
    return "\n".join(line.text for line in lines).strip("\n")
