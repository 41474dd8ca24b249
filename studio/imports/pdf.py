"""PDF files: the words of their text layer as paragraphs. Pure.

PDFium (Chromium's reader, BSD) gives every character and its place: fast, and used to hostile files. What belongs
together is told from the places in pdf_layout.py; PDFium itself knows neither paragraphs nor columns.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from studio.imports import old_letters, pdf_layout
from studio.imports.found import MOST_TEXT, Found, Kind, Line, Part, Unreadable, one_spelling
from studio.imports.kinds import refused
from studio.imports.pdf_rows import Page, Piece
from studio.imports.titles import title_of

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
    told = [Line(one_spelling(t), line.part) for t, line in zip(text.split("\n"), lines, strict=True)]
    told = [line for line in told if line.text]
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
        pieces, bounds = list(_pieces(page)), page.get_bbox()
        letters = sum(char.isalpha() for piece in pieces for char in piece.text)
        characters += sum(len(piece.text) for piece in pieces)
        if characters > MOST_TEXT:
            raise Unreadable("Tệp PDF này quá dài cho một bản tin. Hãy tách lấy những trang cần đọc.")
        scan = letters < FEW and _pictured(page, bounds) >= SCANNED
        looked.append(_Looked(_upright(pieces, bounds, page.get_rotation()), scan))
        page.close()
    return looked


def _pieces(page: pypdfium2.PdfPage) -> Iterator[Piece]:
    """Runs of characters that stand beside each other, in the order in which they were written."""
    text = page.get_textpage()
    raw, rotated = text.raw, page.get_rotation() != 0
    run: list[str] = []
    box: list[float] = []
    generated = False
    for at in range(min(text.count_chars(), MOST_CHARACTERS)):
        char = _character(raw, at)
        if char.isspace():
            generated = generated or pdfium.FPDFText_IsGenerated(raw, at) == 1
            if run:
                run.append(char)
            continue
        if not rotated and abs(pdfium.FPDFText_GetCharAngle(raw, at)) % 6.283 > 0.1:
            continue  # a stamp or watermark written across the page
        place = _box(raw, at)
        if place is None:
            continue
        if box and _is_apart(box, place, "".join(run), generated):
            yield Piece("".join(run).strip(), *box)
            run, box = [], []
        run.append(char)
        box = _together(box, place) if box else list(place)
        generated = False
    if box:
        yield Piece("".join(run).strip(), *box)
    text.close()


def _character(raw: Any, at: int) -> str:
    code = pdfium.FPDFText_GetUnicode(raw, at)
    if code in (0x02, 0xFFFE, 0xFFFF):
        return "-"  # so PDFium marks a hyphen at the end of a line
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _box(raw: Any, at: int) -> tuple[float, float, float, float] | None:
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(raw, at, ctypes.byref(rect)):
        return None
    return rect.left, rect.right, min(rect.bottom, rect.top), max(rect.bottom, rect.top)


def _is_apart(box: list[float], place: tuple[float, ...], run: str, generated: bool) -> bool:
    """Whether a character begins another piece: another line, or across a gap that no justified line has."""
    height = max(box[3] - box[2], 0.1)
    shift = abs((box[2] + box[3]) - (place[2] + place[3])) / 2
    gap = place[0] - box[1]
    wide = 0.8 if generated or not run[-1:].isspace() else 2.5
    return shift > 0.6 * height or gap > wide * height or place[0] < box[1] - 1.5 * height


def _together(box: list[float], place: tuple[float, ...]) -> list[float]:
    return [min(box[0], place[0]), max(box[1], place[1]), min(box[2], place[2]), max(box[3], place[3])]


def _pictured(page: pypdfium2.PdfPage, bounds: tuple[float, ...]) -> float:
    """Share of the page that pictures cover."""
    area = max((bounds[2] - bounds[0]) * (bounds[3] - bounds[1]), 1.0)
    covered = 0.0
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        covered += abs((right - left) * (top - bottom)) / area
    return covered


def _upright(pieces: list[Piece], bounds: tuple[float, ...], turned: int) -> Page:
    """The page as it is looked at: its lower left corner is (0, 0), and it is not turned."""
    left, bottom, right, top = bounds
    wide, high = right - left, top - bottom

    def place(piece: Piece) -> Piece:
        x0, x1, y0, y1 = piece.x0 - left, piece.x1 - left, piece.y0 - bottom, piece.y1 - bottom
        match turned:
            case 90:
                return Piece(piece.text, y0, y1, wide - x1, wide - x0)
            case 180:
                return Piece(piece.text, wide - x1, wide - x0, high - y1, high - y0)
            case 270:
                return Piece(piece.text, high - y1, high - y0, x0, x1)
            case _:
                return Piece(piece.text, x0, x1, y0, y1)

    size = (high, wide) if turned in (90, 270) else (wide, high)
    return Page(*size, tuple(map(place, pieces)))


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
    tables = ", ".join(str(n) for n, each in enumerate(looked, 1) if pdf_layout.has_table(each.page))
    if tables:
        yield f"Trang {tables} có bảng: mỗi hàng thành một dòng. Hãy so lại với bản gốc."
    if old:
        yield old_letters.warning(old)
