"""Word documents: paragraphs, lists with their numbers and tables, in their order. Pure.

python-docx opens the package and finds its parts; the text is walked here, because its own `paragraph.text` leaves out
what was inserted under «Track Changes», content controls and text boxes.
"""

import io
import zipfile
import zlib
from collections.abc import Sequence

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from lxml.etree import LxmlError

from studio.imports import old_letters
from studio.imports.docx_text import Words, Written
from studio.imports.found import MOST_TEXT, Found, Kind, Line, Part, Unreadable, of_body, one_spelling
from studio.imports.kinds import refused
from studio.imports.titles import LONGEST, title_of

MOST_PARTS = 3_000
LARGEST_UNPACKED = 150 * 1024 * 1024
LARGEST_XML = 40 * 1024 * 1024
"""Bytes that the package and one XML part of it may unpack to: a bomb is refused before it goes off."""
_SPOILT = (
    zipfile.BadZipFile, zlib.error, OSError, LxmlError, PackageNotFoundError, KeyError, ValueError, AttributeError,
    TypeError, IndexError, EOFError, NotImplementedError, RuntimeError, AssertionError,
)  # fmt: skip
"""What zipfile, lxml and python-docx raise over a spoilt package."""


def read(data: bytes) -> Found:
    """Read a Word document; raises Unreadable."""
    _refuse_bombs(data)
    try:
        document = docx.Document(io.BytesIO(data))
        words = Words(document)
        written, edges = words.body(), words.edges()
    except _SPOILT:
        raise refused("broken") from None
    lines, old = _clean(written)
    if not any(char.isalpha() for line in lines for char in line.text):
        raise Unreadable(_without_words(document))
    title = title_of([line.text for line in lines]) or _styled(lines)
    marked = [
        Line(line.text, Part.TITLE if at in title else of_body(line.text)) for at, line in enumerate(lines)
    ]
    marked += [Line(line.text, Part.LEFT_OUT) for line in _clean(edges)[0]]
    name = " ".join(lines[at].text for at in title)
    pages = {*words.old_fonts, *([old] if old else ())}
    return Found(Kind.DOCX, name, tuple(marked), tuple(map(old_letters.warning, sorted(pages))))


def _refuse_bombs(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
    except _SPOILT:
        raise refused("broken") from None
    if any(part.flag_bits & 1 for part in parts):
        raise refused("locked")
    unpacked = sum(part.file_size for part in parts)
    largest = max((part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))), default=0)
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or largest > LARGEST_XML:
        raise Unreadable(
            "Tệp Word này bung ra quá lớn nên không được mở. "
            "Hãy chép phần cần đọc sang một tệp Word mới rồi nhập tệp đó."
        )


def _clean(written: Sequence[Written]) -> tuple[list[Written], str | None]:
    """Spell the lines one way, without the empty ones; also name the old code page they were in, if they were."""
    text, old = old_letters.modern("\n".join(line.text for line in written))
    if len(text) > MOST_TEXT:
        raise Unreadable("Tệp Word này quá dài cho một bản tin. Hãy chép phần cần đọc sang một tệp mới.")
    told = map(one_spelling, text.split("\n") if written else ())
    return [Written(line, was.is_title) for line, was in zip(told, written, strict=True) if line], old


def _styled(lines: Sequence[Written]) -> range:
    first = next((at for at, line in enumerate(lines) if line.is_title and len(line.text) <= LONGEST), None)
    return range(0) if first is None else range(first, first + 1)


def _without_words(document: Document) -> str:
    if document.element.body.find(f".//{qn('w:drawing')}") is not None:
        return (
            "Tệp Word này chỉ có ảnh (có lẽ là ảnh chụp hoặc ảnh quét văn bản), không có phần chữ. "
            "Hãy dùng tệp Word gốc, hoặc gõ lại nội dung."
        )
    return "Tệp Word này không có chữ nào. Hãy kiểm tra lại xem có chọn nhầm tệp không."
