"""PDF files: the words of their text layer as paragraphs. Pure.

PDFium (Chromium's reader, BSD) gives every character and its place: fast, and used to hostile files. What belongs
together is told from the places in pdf_layout.py; PDFium itself knows neither paragraphs nor columns.
"""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from studio.imports import old_letters, pdf_layout
from studio.imports.found import MOST_TEXT, Found, Kind, Line, Part, Unreadable, of_body, one_spelling
from studio.imports.kinds import refused
from studio.imports.pdf_rows import Page, Piece
from studio.imports.titles import title_of

Box = tuple[float, float, float, float]
"""From left to right, then from bottom to top."""
MOST_PAGES = 200
MOST_CHARACTERS = 60_000
"""Of one page; a page of print has 4,000."""
SCANNED = 0.5
"""Share of a page that pictures cover, from which it is a scan if it has few letters."""
FEW = 150
"""Letters that a scan may carry: a stamp, a digital signature's «Ký bởi …», a page number."""
LOST = 0.1
"""Share of characters without a meaning from which the text layer is worth nothing."""


@dataclass(frozen=True, slots=True)
class _Looked:
    page: Page
    is_scan: bool
    is_recognised: bool
    """A picture of a page under letters: somebody's scanner guessed them."""


def read(data: bytes) -> Found:
    """Read a PDF; raises Unreadable."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _locked(error.err_code) from None
    try:
        looked = _pages(document)
    except pypdfium2.PdfiumError:
        raise refused("broken") from None
    finally:
        document.close()
    _insist_on_words(looked)
    lines = list(pdf_layout.lines([each.page for each in looked]))
    text, old = old_letters.modern("\n".join(line.text.replace("\n", " ") for line in lines))
    spelled = [(one_spelling(t), line.part) for t, line in zip(text.split("\n"), lines, strict=True)]
    told = [Line(t, of_body(t) if part is Part.BODY else part) for t, part in spelled if t]
    body = [at for at, line in enumerate(told) if line.part is Part.BODY]
    named = title_of([told[at].text for at in body])
    for at in named:
        told[body[at]] = Line(told[body[at]].text, Part.TITLE)
    name = " ".join(told[body[at]].text for at in named)
    return Found(Kind.PDF, name, tuple(told), tuple(_warnings(looked, old)))


def _locked(code: int | None) -> Unreadable:
    if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        return Unreadable(
            "Tệp PDF này có mật khẩu. Hãy mở bằng mật khẩu, in ra tệp PDF mới (không mật khẩu) rồi nhập lại."
        )
    return refused("broken")


def _pages(document: pypdfium2.PdfDocument) -> list[_Looked]:
    count = len(document)
    if count > MOST_PAGES:
        raise Unreadable(f"Tệp PDF có {count} trang; tối đa {MOST_PAGES}. Hãy tách lấy những trang cần đọc.")
    looked: list[_Looked] = []
    characters = 0
    for number in range(count):
        page = document[number]
        pieces, wide, high = _upright(page)
        letters = sum(char.isalpha() for piece in pieces for char in piece.text)
        characters += sum(len(piece.text) for piece in pieces)
        if characters > MOST_TEXT:
            raise Unreadable("Tệp PDF này quá dài cho một bản tin. Hãy tách lấy những trang cần đọc.")
        is_picture = _pictured(page) >= SCANNED * wide * high
        few = letters < FEW
        looked.append(_Looked(Page(wide, high, tuple(pieces)), is_picture and few, is_picture and not few))
        page.close()
    return looked


def _upright(page: pypdfium2.PdfPage) -> tuple[list[Piece], float, float]:
    """The pieces of a page as it is looked at, its width and its height: (0, 0) is then its lower left corner."""
    left, bottom, right, top = page.get_bbox()
    wide, high = right - left, top - bottom
    turned = page.get_rotation()

    def place(box: Box) -> Box:
        x0, x1, y0, y1 = box[0] - left, box[1] - left, box[2] - bottom, box[3] - bottom
        match turned:
            case 90:
                return y0, y1, wide - x1, wide - x0
            case 180:
                return wide - x1, wide - x0, high - y1, high - y0
            case 270:
                return high - y1, high - y0, x0, x1
            case _:
                return x0, x1, y0, y1

    text = page.get_textpage()
    pieces = list(_pieces(text, place, straight=turned == 0))
    text.close()
    return pieces, *((high, wide) if turned in (90, 270) else (wide, high))


def _pieces(text: pypdfium2.PdfTextPage, place: Callable[[Box], Box], *, straight: bool) -> Iterator[Piece]:
    """Runs of characters that stand beside each other, in the order in which they were written."""
    raw = text.raw
    run: list[str] = []
    around: Box | None = None
    generated = False
    for at in range(min(text.count_chars(), MOST_CHARACTERS)):
        char = _character(raw, at)
        if char.isspace():
            generated = generated or pdfium.FPDFText_IsGenerated(raw, at) == 1
            if run:
                run.append(char)
            continue
        box = _box(raw, at)
        if box is None or (straight and abs(pdfium.FPDFText_GetCharAngle(raw, at)) % 6.283 > 0.1):
            continue  # a stamp or watermark written across the page
        box = place(box)
        if around and _is_apart(around, box, "".join(run), generated):
            yield Piece("".join(run).strip(), *around)
            run, around = [], None
        run.append(char)
        around = _together(around, box) if around else box
        generated = False
    if around:
        yield Piece("".join(run).strip(), *around)


def _character(raw: Any, at: int) -> str:
    code = pdfium.FPDFText_GetUnicode(raw, at)
    if code in (0x02, 0xFFFE, 0xFFFF):
        return "-"  # so PDFium marks a hyphen at the end of a line
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _box(raw: Any, at: int) -> Box | None:
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(raw, at, ctypes.byref(rect)):
        return None
    return rect.left, rect.right, min(rect.bottom, rect.top), max(rect.bottom, rect.top)


def _is_apart(box: Box, place: Box, run: str, generated: bool) -> bool:
    """Whether a character begins another piece: another line, or across a gap that no justified line has."""
    height = max(box[3] - box[2], 0.1)
    shift = abs((box[2] + box[3]) - (place[2] + place[3])) / 2
    gap = place[0] - box[1]
    wide = 0.8 if generated or not run[-1:].isspace() else 2.5
    return shift > 0.6 * height or gap > wide * height or place[0] < box[1] - 1.5 * height


def _together(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), max(one[3], other[3])


def _pictured(page: pypdfium2.PdfPage) -> float:
    """The area that pictures cover."""
    bounds = (picture.get_bounds() for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))
    return float(sum(abs((right - left) * (top - bottom)) for left, bottom, right, top in bounds))


def _insist_on_words(looked: list[_Looked]) -> None:
    text = "".join(piece.text for each in looked for piece in each.page.pieces)
    scans = sum(each.is_scan for each in looked)
    if scans and scans == sum(each.is_scan or not each.page.pieces for each in looked) == len(looked):
        raise Unreadable(_scanned(len(looked)))
    if not any(map(str.isalpha, text)):
        raise Unreadable(
            _scanned(len(looked)) if scans else "Tệp PDF này không có chữ nào. Hãy kiểm tra lại tệp."
        )
    lost = sum(char == "\ufffd" or "\ue000" <= char < "\uf900" for char in text)
    if lost > LOST * len(text):
        raise Unreadable(
            "Chữ trong tệp PDF này không lấy ra được (phông chữ bị mã hóa). "
            "Hãy dùng tệp Word gốc, hoặc mở PDF, chép phần chữ rồi dán vào và soát lại."
        )


def _scanned(pages: int) -> str:
    return (
        f"Tệp PDF này là ảnh quét ({pages} trang), không có phần chữ để đọc. Hãy xin tệp Word hoặc PDF gốc; "
        "nếu không có, hãy nhận dạng chữ (OCR) bằng phần mềm khác rồi nhập lại, hoặc gõ nội dung vào ô bên dưới."
    )


def _warnings(looked: list[_Looked], old: str | None) -> Iterator[str]:
    scans = ", ".join(str(number) for number, each in enumerate(looked, 1) if each.is_scan)
    if scans:
        yield f"Trang {scans} là ảnh quét, không lấy được chữ. Hãy gõ thêm phần đó nếu cần đọc."
    guessed = ", ".join(str(number) for number, each in enumerate(looked, 1) if each.is_recognised)
    if guessed:
        yield f"Trang {guessed} có vẻ là ảnh quét đã nhận dạng chữ (OCR). Hãy soát lại từng chữ, nhất là dấu và số."
    tables = ", ".join(str(n) for n, each in enumerate(looked, 1) if pdf_layout.has_table(each.page))
    if tables:
        yield f"Trang {tables} có bảng: mỗi hàng thành một dòng. Hãy so lại với bản gốc."
    if old:
        yield old_letters.warning(old)
