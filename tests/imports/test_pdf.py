"""PDFs: words back into paragraphs, columns in their order; a scan is told from a text."""

import io

import pypdfium2
import pytest
from fpdf import FPDF
from fpdf.enums import AccessPermission

from studio.imports import pdf
from studio.imports.found import Found, Part, Unreadable
from studio.imports.pdf_rows import Page, Piece, flows, rows
from tests.support.papers import HEADLINE, PARAGRAPHS, Paper, paper, picture, scanned

LEFT = ["ỦY BAN NHÂN DÂN", "XÃ TÂN LẬP", "Số: 12/KH-UBND"]
RIGHT = [
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Tân Lập, ngày 20 tháng 11 năm 2026",
]


def plan(document: Paper) -> None:
    """A plan of two pages: heads, name, the newspaper's paragraphs."""
    document.beside(LEFT, RIGHT)
    document.ln(4)
    document.paragraph("KẾ HOẠCH", align="C")
    document.paragraph(HEADLINE, align="C")
    document.ln(3)
    for paragraph in PARAGRAPHS:
        document.paragraph(paragraph)


def body(found: Found) -> list[str]:
    return found.body.split("\n")


@pytest.fixture(scope="module")
def found() -> Found:
    return pdf.read(paper(plan))


def test_wrapped_lines_become_the_paragraphs_that_were_written(found: Found) -> None:
    assert body(found)[6:] == PARAGRAPHS


def test_the_heads_are_read_one_after_the_other(found: Found) -> None:
    assert body(found)[:6] == LEFT + RIGHT


def test_the_name_of_the_document_is_its_kind_and_its_subject(found: Found) -> None:
    assert found.title == f"KẾ HOẠCH {HEADLINE}"


def test_headers_and_page_numbers_are_left_out_on_every_page(found: Found) -> None:
    numbers = [("Bản tin pháp luật số 1", "- 1 -"), ("Bản tin pháp luật số 2", "- 2 -")]
    assert found.left_out == tuple(line for page in numbers for line in page)
    assert found.warnings == ()


def test_two_columns_are_read_one_after_the_other() -> None:
    def columns(document: Paper) -> None:
        document.paragraph("Tin trong xã", align="C")
        with document.text_columns(ncols=2, gutter=10, text_align="J", line_height=1.2) as written:
            written.write("\n\n".join(PARAGRAPHS[:8]))

    told = body(pdf.read(paper(columns)))
    assert told == ["Tin trong xã", *PARAGRAPHS[:8]]


def test_the_rows_of_a_table_are_lines_and_a_person_is_asked_to_look() -> None:
    def table(document: Paper) -> None:
        document.paragraph(
            "Lịch tiêm phòng của xã như sau, mời bà con theo dõi và đưa vật nuôi đến đúng nơi, đúng giờ."
        )
        with document.table(col_widths=(12, 60, 28), padding=2) as rows_:
            for cells in (
                ("STT", "Nơi tiêm", "Ngày"),
                ("1", "Nhà văn hóa ấp 3, gần trường tiểu học và trạm y tế của xã", "24/11"),
                ("2", "Trụ sở ấp 4", "25/11"),
            ):
                row = rows_.row()
                for cell in cells:
                    row.cell(cell)
        document.ln(4)
        document.paragraph("Đề nghị bà con chấp hành nghiêm.")

    told = pdf.read(paper(table))
    assert body(told)[1:] == [
        "STT; Nơi tiêm; Ngày",
        "1; Nhà văn hóa ấp 3, gần trường tiểu học và trạm y tế của xã; 24/11",
        "2; Trụ sở ấp 4; 25/11",
        "Đề nghị bà con chấp hành nghiêm.",
    ]
    assert "Trang 1 có bảng" in told.warnings[0]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("Tổ chức Health infor-", "mation mời bà con.", "Tổ chức Health information mời bà con."),
        ("Bà con vào mạng In-tơ-", "nét để xem.", "Bà con vào mạng In-tơ-nét để xem."),
        (
            "Theo Nghị định số 49/2024/NĐ-",
            "CP của Chính phủ.",
            "Theo Nghị định số 49/2024/NĐ-CP của Chính phủ.",
        ),
        ("Tiêm vắc xin COVID-", "19 cho người già.", "Tiêm vắc xin COVID-19 cho người già."),
        ("Trước đây ấp 3 -", "nay là khóm 3.", "Trước đây ấp 3 - nay là khóm 3."),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_goes_only_where_it_parts_no_syllables(
    first: str, second: str, told: str
) -> None:
    def two_lines(document: Paper) -> None:
        document.cell(0, 6, first, new_x="LMARGIN", new_y="NEXT")
        document.cell(0, 6, second, new_x="LMARGIN", new_y="NEXT")

    assert pdf.read(paper(two_lines, header=" ")).text == told


def test_points_of_a_list_are_lines_of_their_own() -> None:
    points = [
        "Điều 1. Phạm vi điều chỉnh",
        "1. Quy chế này quy định về quản lý, vận hành, khai thác hệ thống truyền thanh cơ sở trên địa bàn xã, áp dụng "
        "cho các ấp;",
        "a) Cán bộ truyền thanh của xã chịu trách nhiệm bảo quản thiết bị, kiểm tra cụm loa hằng ngày, báo khi hỏng;",
        "b) Trưởng ấp.",
        "- Người dân.",
    ]

    def fill(document: Paper) -> None:
        for point in points:
            document.multi_cell(0, 6, point, new_x="LMARGIN", new_y="NEXT")

    assert pdf.read(paper(fill)).whole.split("\n")[1:-1] == points


@pytest.mark.parametrize("stamp", ["", "Ký bởi: UBND xã Tân Lập, ngày ký 20/11/2026 08:00:00 +07:00"])
def test_a_scan_is_told_from_a_text_also_under_a_digital_signature(stamp: str) -> None:
    with pytest.raises(Unreadable, match=r"ảnh quét \(2 trang\).*tệp Word hoặc PDF gốc.*OCR"):
        pdf.read(scanned(2, stamp))


def test_a_scanned_page_among_others_is_named() -> None:
    def fill(document: Paper) -> None:
        document.paragraph(PARAGRAPHS[0])
        document.add_page()
        document.image(io.BytesIO(picture(400, 560, "PHU LUC")), 0, 0, 210, 297)

    told = pdf.read(paper(fill))
    assert body(told) == PARAGRAPHS[:1]
    assert "Trang 2 là ảnh quét" in told.warnings[0]


def test_words_that_a_scanner_guessed_are_read_and_a_person_is_asked_to_look() -> None:
    def fill(document: Paper) -> None:
        document.image(io.BytesIO(picture(400, 560)), 0, 0, 210, 297)
        document.paragraph(PARAGRAPHS[0])

    told = pdf.read(paper(fill, header=" "))
    assert told.body == PARAGRAPHS[0]
    assert "Trang 1 có vẻ là ảnh quét đã nhận dạng chữ" in told.warnings[0]


def test_a_picture_beside_text_makes_no_scan() -> None:
    def fill(document: Paper) -> None:
        document.image(io.BytesIO(picture(400, 100)), 20, 20, 170, 60)
        document.set_y(90)
        document.paragraph("Mời bà con họp.")

    assert pdf.read(paper(fill, header=" ")).text == "Mời bà con họp."


def turned(written: bytes, turn: int) -> bytes:
    """The same pages, laid down turned and shown turned back, as scanners and printers leave them."""
    old, new = pypdfium2.PdfDocument(written), pypdfium2.PdfDocument.new()
    for number in range(len(old)):
        width, height = old[number].get_size()
        matrix = {
            90: (0, 1, -1, 0, height, 0),
            180: (-1, 0, 0, -1, width, height),
            270: (0, -1, 1, 0, 0, width),
        }[turn]
        page = new.new_page(*((width, height) if turn == 180 else (height, width)))
        content = old.page_as_xobject(number, new).as_pageobject()
        content.transform(pypdfium2.PdfMatrix(*matrix))
        page.insert_obj(content)
        page.gen_content()
        page.set_rotation(turn)
    told = io.BytesIO()
    new.save(told)
    return told.getvalue()


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_shown_turned_is_read_as_it_is_shown(found: Found, turn: int) -> None:
    assert pdf.read(turned(paper(plan), turn)).lines == found.lines


def test_a_watermark_across_the_page_is_not_read() -> None:
    def fill(document: Paper) -> None:
        document.paragraph(PARAGRAPHS[0])
        with document.rotation(45, 100, 150):
            document.text(60, 150, "BẢN NHÁP KHÔNG PHÁT")

    assert pdf.read(paper(fill, header=" ")).body == PARAGRAPHS[0]


def test_a_locked_pdf_is_refused_and_one_that_only_forbids_printing_is_read() -> None:
    locked = Paper()
    locked.add_page()
    locked.paragraph("Bí mật")
    locked.set_encryption(owner_password="chu", user_password="khach")
    with pytest.raises(Unreadable, match=r"có mật khẩu.*không mật khẩu"):
        pdf.read(bytes(locked.output()))

    def fill(document: Paper) -> None:
        document.set_encryption(owner_password="chu", permissions=AccessPermission.none())
        document.paragraph("Mời bà con họp.")

    assert pdf.read(paper(fill, header=" ")).text == "Mời bà con họp."


def test_too_many_pages_are_refused_with_a_way_out() -> None:
    document = FPDF()
    for _ in range(pdf.MOST_PAGES + 1):
        document.add_page()
    with pytest.raises(Unreadable, match=r"201 trang; tối đa 200.*tách"):
        pdf.read(bytes(document.output()))


def test_a_pdf_without_words_or_with_unreadable_ones_is_refused() -> None:
    with pytest.raises(Unreadable, match="không có chữ nào"):
        pdf.read(paper(lambda document: document.add_page(), header=" "))

    def private(document: Paper) -> None:
        document.paragraph("\uf041\uf042\uf043 \ufffd\ufffd\ufffd a")

    with pytest.raises(Unreadable, match="không lấy ra được"):
        pdf.read(paper(private, header=" "))


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.97])
def test_a_pdf_cut_short_is_read_or_refused_in_vietnamese(keep: float) -> None:
    whole = paper(plan)
    try:
        told = pdf.read(whole[: int(len(whole) * keep)])
    except Unreadable as error:
        assert "Hãy" in error.message
    else:
        assert told.lines


def test_columns_whose_lines_are_not_level_are_still_columns() -> None:
    words = "Bà con ấp ba chú ý nghe đài."
    pieces = [
        Piece(f"{side} {n} {words}", x, x + 200, 700 - 15 * n - shift, 712 - 15 * n - shift)
        for side, x, shift in (("trái", 50, 0), ("phải", 300, 7))
        for n in range(8)
    ]
    told = [flow.lines for flow in flows(rows(Page(595, 842, tuple(pieces))))]
    assert [[line.text.split()[0] for line in flow] for flow in told] == [["trái"] * 8, ["phải"] * 8]


def test_pieces_in_any_order_are_read_from_top_to_bottom() -> None:
    pieces = [Piece(str(n), 50, 500, 700 - 15 * n, 712 - 15 * n) for n in range(9)]
    (flow,) = flows(rows(Page(595, 842, tuple(reversed(pieces)))))
    assert [line.text for line in flow.lines] == [str(n) for n in range(9)]


def test_every_piece_of_every_page_is_told(found: Found) -> None:
    letters = sum(char.isalnum() for line in found.lines for char in line.text)
    document = pypdfium2.PdfDocument(paper(plan))
    printed = sum(char.isalnum() for page in document for char in page.get_textpage().get_text_range())
    assert letters == printed
    assert {line.part for line in found.lines} == set(Part)
