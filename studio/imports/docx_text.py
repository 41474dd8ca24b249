"""The words of a Word document as its lines: a paragraph, a row of a table. Pure.

Source: ECMA-376 part 1, 17 (WordprocessingML).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from studio.imports import old_letters
from studio.imports.numbering import Numbering, value_of
from studio.imports.titles import is_head

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_LEFT = frozenset(
    {qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), qn("w:rPr"), qn("w:tblPr"), qn("w:sectPr"), _FALLBACK}
)
"""What holds no words of the document as it stands: text taken out under «Track Changes», properties, doubles."""
_SIGNS = {
    qn("w:tab"): " ",
    qn("w:ptab"): " ",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
    qn("w:softHyphen"): "\u00ad",  # a letter of TCVN3
    qn("w:sym"): " ",
}
_P, _R, _T, _TBL, _TR, _TC = (qn(f"w:{name}") for name in ("p", "r", "t", "tbl", "tr", "tc"))
_BOX = qn("w:txbxContent")
_TITLES = ("title", "heading 1", "tiêu đề")


@dataclass(frozen=True, slots=True)
class Written:
    """A line, and whether its style says that it is the document's title."""

    text: str
    is_title: bool = False


class Words:
    """Walks one document; counts its lists as it goes."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._numbering = Numbering.of(_root(document, RT.NUMBERING))
        self._styles = {
            each.get(qn("w:styleId")): each for each in document.styles.element.iter(qn("w:style"))
        }
        self._usual = next((n for n, s in self._styles.items() if s.get(qn("w:default")) == "1"), None)
        self.old_fonts: set[str] = set()
        """Names of old code pages whose fonts were met."""
        self.tables = 0

    def body(self) -> list[Written]:
        """Every line of the document proper."""
        return list(self._blocks(self._document.element.body))

    def edges(self) -> list[Written]:
        """Headers, footers, footnotes and endnotes: not read out."""
        kinds = {RT.HEADER, RT.FOOTER, RT.FOOTNOTES, RT.ENDNOTES}
        roots = (
            _element(rel.target_part) for rel in self._document.part.rels.values() if rel.reltype in kinds
        )
        return [line for root in roots if root is not None for line in self._blocks(root)]

    def _blocks(self, parent: Any) -> Iterator[Written]:
        for child in parent:
            if child.tag in _LEFT:
                continue
            if child.tag == _P:
                yield from self._paragraph(child)
            elif child.tag == _TBL:
                self.tables += 1
                yield from map(Written, self._table(child))
            else:
                yield from self._blocks(child)

    def _paragraph(self, element: Any) -> Iterator[Written]:
        for box in element.iter(_BOX):
            if not any(above.tag in (_FALLBACK, _BOX) for above in box.iterancestors()):
                yield from self._blocks(box)
        style = self._style_of(element)
        text = self._text(element, style)
        if text.strip() and (before := self._number(element, style)):
            text = f"{before} {text.lstrip()}"
        is_title = self._name_of(style).casefold() in _TITLES
        yield from (Written(line, is_title) for line in text.split("\n"))

    def _text(self, paragraph: Any, style: str | None) -> str:
        usual = self._old_font(self._in_style(style, "w:rPr", "w:rFonts"))
        told: list[str] = []
        font, run = "", list[str]()
        for piece, its in self._pieces(paragraph, usual):
            if its != font:
                told.append(self._rewritten("".join(run), font))
                font, run = its, []
            run.append(piece)
        return "".join((*told, self._rewritten("".join(run), font)))

    def _pieces(self, parent: Any, font: str) -> Iterator[tuple[str, str]]:
        """Bits of text with the old font that shows them («» for Unicode); a letter of VNI may lie across two runs."""
        for child in parent:
            if child.tag in _LEFT or child.tag == _BOX:
                continue
            if child.tag == _R:
                look = child.find(qn("w:rPr"))
                if look is not None and _is_on(look.find(qn("w:vanish"))):
                    continue
                fonts = None if look is None else look.find(qn("w:rFonts"))
                yield from self._pieces(child, font if fonts is None else self._old_font(fonts))
            elif child.tag in (_T, _MATHS):
                yield (child.text or "").replace("\n", " "), font
            elif child.tag in _SIGNS:
                yield _SIGNS[child.tag], font
            else:
                yield from self._pieces(child, font)

    def _rewritten(self, text: str, font: str) -> str:
        if not font:
            return text
        page = "VNI" if font == "vni" else "TCVN3 (ABC)"
        self.old_fonts.add(page)
        return (
            old_letters.TABLES[page](text).upper()
            if font == "tcvn3 capitals"
            else old_letters.TABLES[page](text)
        )

    @staticmethod
    def _old_font(fonts: Any) -> str:
        name = "" if fonts is None else fonts.get(qn("w:ascii")) or fonts.get(qn("w:hAnsi")) or ""
        if name.casefold().startswith(".vn"):
            return "tcvn3 capitals" if name.endswith("H") else "tcvn3"
        return "vni" if name.casefold().startswith("vni") else ""

    def _table(self, table: Any) -> list[str]:
        rows = [[self._cell(cell) for cell in _cells(row)] for row in table.iter(_TR) if _own(row, table)]
        if is_head("\n".join(line for row in rows for cell in row for line in cell)):
            widest = max(map(len, rows), default=0)
            return [line for at in range(widest) for row in rows if at < len(row) for line in row[at]]
        told: list[str] = []
        for row in rows:
            full = [cell for cell in row if cell]
            if all(len(cell) == 1 for cell in full):
                told.append("; ".join(cell[0].strip() for cell in full))
            else:
                told += [line for cell in full for line in cell]
        return told

    def _cell(self, cell: Any) -> list[str]:
        merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
        if merge is not None and merge.get(qn("w:val")) != "restart":
            return []  # the cell above goes on
        return [line.text for line in self._blocks(cell) if line.text.strip()]

    def _number(self, paragraph: Any, style: str | None) -> str:
        own = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        told = own if own is not None else self._in_style(style, "w:pPr", "w:numPr")
        if told is None:
            return ""
        num, level = (value_of(told, name) or "0" for name in ("w:numId", "w:ilvl"))
        return self._numbering.next(num, int(level)) if level.isdecimal() and len(level) == 1 else ""

    def _style_of(self, paragraph: Any) -> str | None:
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self._usual if style is None else style.get(qn("w:val"))

    def _name_of(self, style: str | None) -> str:
        return value_of(self._styles.get(style), "w:name") or ""

    def _in_style(self, style: str | None, *path: str) -> Any:
        """What a style, or one it is based on, says about something; None if nothing."""
        for _ in range(12):
            element = self._styles.get(style)
            if element is None:
                return None
            found = element.find("/".join(map(qn, path)))
            if found is not None:
                return found
            style = value_of(element, "w:basedOn")
        return None


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row.iter(_TC) if next(cell.iterancestors(_TR), None) is row]


def _own(row: Any, table: Any) -> bool:
    return next(row.iterancestors(_TBL), None) is table


def _root(document: Document, kind: str) -> Any:
    parts = (
        rel.target_part for rel in document.part.rels.values() if rel.reltype == kind and not rel.is_external
    )
    return next((_element(part) for part in parts), None)


def _element(part: Any) -> Any:
    """The root of a part; python-docx leaves parts that it does not know as bytes."""
    known = getattr(part, "element", None)
    return known if known is not None else parse_xml(part.blob)


def _is_on(element: Any) -> bool:
    return element is not None and element.get(qn("w:val"), "true") not in ("0", "false", "off")
