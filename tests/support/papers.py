"""Files as staff bring them, made afresh for each test: pages of a newspaper, Word documents, PDFs."""

import io
import zipfile
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from html import escape
from pathlib import Path

import docx
from docx.document import Document
from fpdf import FPDF
from PIL import Image, ImageDraw

BULLETINS = Path(__file__).parents[1] / "data" / "bulletins"
PASTED = (BULLETINS / "bao-phap-luat-ca-mau.txt").read_text(encoding="utf-8")
"""A page of a newspaper as a browser gives it to the clipboard."""
HEADLINE = "Đẩy mạnh chuyển đổi số trong công tác phổ biến, giáo dục pháp luật ở Cà Mau"
FONTS = Path("/usr/share/fonts/truetype/dejavu")
"""Where Debian's fonts-dejavu-core is; ./run test installs it with Chromium."""


def _parts() -> tuple[list[str], list[str], list[str]]:
    lines = [line.strip() for line in PASTED.split("\n") if line.strip()]
    begin, end = lines.index("aa") + 1, lines.index("bài liên quan")
    return lines[: lines.index(HEADLINE)], lines[begin:end], lines[end:]


WEATHER, ARTICLE, RELATED = _parts()
"""Of that page: what stands above the headline, the article with a picture's caption, and other stories."""
PARAGRAPHS = [line for at, line in enumerate(ARTICLE) if HEADLINE not in ARTICLE[max(0, at - 1) : at + 1]]
"""The article without the picture's name and caption."""


def newspaper(encoding: str = "utf-8") -> bytes:
    """That page as a browser saves it: menu, weather, article with a picture, related stories, footer."""
    told: list[str] = []
    for at, line in enumerate(ARTICLE[1:], 1):
        if line == HEADLINE:
            told.append(f'<figure><img src="a.jpg" alt="{line}"><figcaption><p>{line}</p>')
        elif ARTICLE[at - 1] == HEADLINE:
            told.append(f"<p>{escape(line)}</p></figcaption></figure>")
        else:
            told.append(f"<p>{escape(line)}</p>" if len(line) > 120 else f"<h2>{escape(line)}</h2>")
    weather = "".join(f"<li>{escape(line)}</li>" for line in WEATHER)
    stories = "".join(
        f'<div class="story"><a href="/{n}.html">{escape(s)}</a></div>' for n, s in enumerate(RELATED)
    )
    return f"""<!DOCTYPE html><html lang="vi"><head><meta charset="{encoding}">
<title>{HEADLINE} - Báo Pháp luật Việt Nam</title><meta property="og:title" content="{HEADLINE}">
<script>var hidden = "<p>Không ai đọc dòng này.</p>";</script><style>p {{ color: red }}</style></head><body>
<header><nav><ul><li><a href="/">Trang chủ</a></li><li><a href="/tin">Thời sự</a></li></ul>
<ul>{weather}</ul></nav></header>
<main><article class="detail"><h1>{HEADLINE}</h1><div class="meta"><a href="/hd">Hoạt động tư pháp</a>
<span class="date">30/10/2025 13:04</span> <span class="author">Trọng Nghĩa</span> <span>aa</span></div>
<p class="sapo"><strong>{escape(ARTICLE[0])}</strong></p><div class="content">{"".join(told)}</div></article>
<div class="related">{stories}</div></main><div style="display:none">Quảng cáo ẩn</div>
<footer><p>Cơ quan chủ quản: Bộ Tư pháp</p><p>© Báo Pháp luật Việt Nam</p></footer></body></html>""".encode(
        encoding
    )


def saved_whole(page: bytes, transfer: str = "quoted-printable") -> bytes:
    """A page as Chromium saves it into one .mhtml file, with a picture of its own."""
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = "https://example.vn/tin/1"
    message["MIME-Version"] = "1.0"
    message.set_content(page.decode(), subtype="html", cte=transfer)
    message.add_related(picture(), "image", "png", cid="<a.jpg>")
    return message.as_bytes()


def picture(width: int = 60, height: int = 40, text: str = "") -> bytes:
    """A PNG, with letters painted on it."""
    image = Image.new("L", (width, height), 255)
    ImageDraw.Draw(image).multiline_text((width // 10, height // 10), text, fill=0)
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def word(fill: Callable[[Document], object]) -> bytes:
    """A Word document, written by `fill`."""
    document = docx.Document()
    fill(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def changed(package: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """The same zip with parts changed (None: taken out) and others added."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if (data := change(name, old.read(name))) is not None:
                new.writestr(name, data)
        for name, data in more.items():
            new.writestr(name, data)
    return written.getvalue()


def announcement(document: Document) -> None:
    """What a commune sends out: two heads side by side, a name, numbered points, a table, two feet."""
    head = document.add_table(1, 2)
    head.cell(0, 0).text = "ỦY BAN NHÂN DÂN\nXÃ TÂN LẬP\nSố: 12/TB-UBND"
    head.cell(
        0, 1
    ).text = (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nTân Lập, ngày 20 tháng 11 năm 2026"
    )
    document.add_paragraph("THÔNG BÁO")
    document.add_paragraph("Về việc tiêm phòng dại cho chó, mèo")
    document.add_paragraph("Thực hiện Kế hoạch số 215/KH-UBND, UBND xã thông báo như sau:")
    document.add_paragraph("Thời gian: từ ngày 24 đến ngày 26/11/2026.", style="List Number")
    document.add_paragraph("Địa điểm: trụ sở các ấp.", style="List Number")
    document.add_paragraph("Chủ nuôi mang theo sổ tiêm.", style="List Bullet")
    table = document.add_table(3, 3)
    for row, cells in enumerate((("STT", "Ấp", "Ngày"), ("1", "Ấp 3", "24/11"), ("2", "Ấp 4", "25/11"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    document.add_paragraph("Đề nghị bà con chấp hành.")
    foot = document.add_table(1, 2)
    foot.cell(0, 0).text = "Nơi nhận:\n- Như trên;\n- Lưu: VT."
    foot.cell(0, 1).text = "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\nNguyễn Văn Hải"
    document.sections[0].header.paragraphs[0].text = "Xã Tân Lập - lưu hành nội bộ"
    document.sections[0].footer.paragraphs[0].text = "Trang 1"


class Paper(FPDF):
    """A4 with Vietnamese letters; every page has a header and a number at its foot."""

    def __init__(self, header: str = "Bản tin pháp luật số {page}") -> None:
        super().__init__()
        self._head = header
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_font("DejaVu", size=11)
        self.set_margins(25, 25, 20)
        self.set_auto_page_break(True, 25)

    def header(self) -> None:
        self.set_y(8)
        self.cell(0, 5, self._head.format(page=self.page_no()), align="C")
        self.set_y(25)

    def footer(self) -> None:
        self.set_y(-12)
        self.cell(0, 5, f"- {self.page_no()} -", align="C")

    def paragraph(self, text: str, align: str = "J") -> None:
        self.multi_cell(0, 6, text, align=align, new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def beside(self, left: Sequence[str], right: Sequence[str]) -> None:
        """Two blocks side by side, each line centred, written row by row."""
        for at in range(max(len(left), len(right))):
            self.cell(70, 6, left[at] if at < len(left) else "", align="C")
            self.cell(95, 6, right[at] if at < len(right) else "", align="C", new_x="LMARGIN", new_y="NEXT")


def paper(fill: Callable[[Paper], object], **more: str) -> bytes:
    """A PDF with a text layer, written by `fill`."""
    document = Paper(**more)
    document.add_page()
    fill(document)
    return bytes(document.output())


def scanned(pages: int = 2, stamp: str = "") -> bytes:
    """A PDF of pictures of pages, as a scanner makes it; `stamp` is what a digital signature adds as text."""
    document = FPDF()
    document.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
    document.set_font("DejaVu", size=7)
    for _ in range(pages):
        document.add_page()
        document.image(io.BytesIO(picture(400, 560, "UBND XA TAN LAP\n\nTHONG BAO ...")), 0, 0, 210, 297)
        if stamp:
            document.text(120, 12, stamp)
    return bytes(document.output())
