"""Word documents: what is written in them, in its order, with the numbers that Word counts by itself."""

import io
import zipfile
from typing import Any

import pytest
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from studio.imports import docx as reader
from studio.imports.found import Found, Part, Unreadable
from studio.imports.numbering import Level, Numbering, written
from tests.support import papers
from tests.support.papers import changed, word


def lines(found: Found) -> list[str]:
    return [line.text for line in found.lines if line.part is not Part.LEFT_OUT]


def element(name: str, text: str = "", **attributes: str) -> Any:
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    if text:
        made.text = text
    return made


def test_an_announcement_is_read_in_the_order_of_a_reader() -> None:
    found = reader.read(word(papers.announcement))
    assert lines(found) == [
        "ỦY BAN NHÂN DÂN",
        "XÃ TÂN LẬP",
        "Số: 12/TB-UBND",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Tân Lập, ngày 20 tháng 11 năm 2026",
        "THÔNG BÁO",
        "Về việc tiêm phòng dại cho chó, mèo",
        "Thực hiện Kế hoạch số 215/KH-UBND, UBND xã thông báo như sau:",
        "1. Thời gian: từ ngày 24 đến ngày 26/11/2026.",
        "2. Địa điểm: trụ sở các ấp.",
        "- Chủ nuôi mang theo sổ tiêm.",
        "STT; Ấp; Ngày",
        "1; Ấp 3; 24/11",
        "2; Ấp 4; 25/11",
        "Đề nghị bà con chấp hành.",
        "Nơi nhận:",
        "- Như trên;",
        "- Lưu: VT.",
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
        "Nguyễn Văn Hải",
    ]
    assert found.title == "THÔNG BÁO Về việc tiêm phòng dại cho chó, mèo"
    assert found.warnings == ()


def test_headers_and_footers_are_shown_as_left_out() -> None:
    assert reader.read(word(papers.announcement)).left_out == ("Xã Tân Lập - lưu hành nội bộ", "Trang 1")


def test_a_title_that_word_knows_names_a_document_of_no_known_kind() -> None:
    def fill(document: Document) -> None:
        document.add_paragraph("Bà con chú ý nghe đài nhé, hôm nay có tin vui.")
        document.add_heading("Nước sạch đã về ấp 3", 0)
        document.add_paragraph("Từ hôm nay, bà con có nước sạch dùng.")

    assert reader.read(word(fill)).title == "Nước sạch đã về ấp 3"


def test_a_line_that_is_drawn_with_hyphens_is_left_out() -> None:
    def fill(document: Document) -> None:
        for line in ("THÔNG BÁO", "----------", "Mời bà con họp."):
            document.add_paragraph(line)

    found = reader.read(word(fill))
    assert found.text.split("\n") == ["THÔNG BÁO", "Mời bà con họp."]
    assert found.left_out == ("----------",)


def test_what_was_inserted_is_read_and_what_was_deleted_is_not() -> None:
    def fill(document: Document) -> None:
        paragraph = document.add_paragraph("Họp lúc ")
        for tag, words, text in (("w:del", "w:delText", "7h30"), ("w:ins", "w:t", "8h00")):
            run = element("w:r")
            run.append(element(words, text))
            change = element(tag, id="1", author="Lan")
            change.append(run)
            paragraph._p.append(change)
        paragraph.add_run(" tại nhà văn hóa ấp.")

    assert reader.read(word(fill)).text == "Họp lúc 8h00 tại nhà văn hóa ấp."


def test_content_controls_links_and_text_boxes_are_read_once() -> None:
    def fill(document: Document) -> None:
        paragraph = document.add_paragraph("Gọi ")
        link, run = element("w:hyperlink"), element("w:r")
        run.append(element("w:t", "113"))
        link.append(run)
        paragraph._p.append(link)
        control, content = element("w:sdt"), element("w:sdtContent")
        inside = document.add_paragraph("Ô nội dung.")
        content.append(inside._p)
        control.append(content)
        document.element.body.insert(1, control)

    package = word(fill)
    inside = "<w:txbxContent><w:p><w:r><w:t>Trong khung.</w:t></w:r></w:p></w:txbxContent>"
    box = (
        "<mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>"
        f"<mc:Choice Requires='wps'>{inside}</mc:Choice><mc:Fallback>{inside}</mc:Fallback>"
        "</mc:AlternateContent>"
    )

    def with_box(name: str, data: bytes) -> bytes:
        if name != "word/document.xml":
            return data
        return data.replace(b"<w:hyperlink>", f"<w:r>{box}</w:r><w:hyperlink>".encode(), 1)

    assert sorted(lines(reader.read(changed(package, with_box)))) == [
        "Gọi 113",
        "Trong khung.",
        "Ô nội dung.",
    ]


def test_hidden_text_is_not_read_and_line_breaks_part_lines() -> None:
    def fill(document: Document) -> None:
        paragraph = document.add_paragraph("Dòng một")
        paragraph.add_run().add_break()
        paragraph.add_run("Dòng hai").bold = True
        paragraph.add_run(" ghi chú riêng").font.hidden = True

    assert lines(reader.read(word(fill))) == ["Dòng một", "Dòng hai"]


def test_merged_cells_are_read_once_and_long_cells_paragraph_by_paragraph() -> None:
    def fill(document: Document) -> None:
        table = document.add_table(3, 2)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "Lịch cắt điện"
        table.cell(1, 0).merge(table.cell(2, 0)).text = "Ấp 3"
        table.cell(1, 1).text, table.cell(2, 1).text = "Sáng", "Chiều"
        other = document.add_table(1, 2)
        other.cell(0, 0).text, other.cell(0, 1).text = "Ông Ba nói.\nBà Tư nghe.", "Hết."

    told = lines(reader.read(word(fill)))
    assert told == ["Lịch cắt điện", "Ấp 3; Sáng", "Chiều", "Ông Ba nói.", "Bà Tư nghe.", "Hết."]


def test_old_fonts_are_rewritten_run_by_run() -> None:
    def fill(document: Document) -> None:
        paragraph = document.add_paragraph("Xã Tân Lập: ")
        for text, font in (
            ("ng\u00adêi d©n ", ".VnTime"),
            ("chó ý ", ".VnTimeH"),
            ("thoâng b", "VNI-Times"),
            ("aùo ", "VNI-Times"),
            ("hôm nay.", "Times New Roman"),
        ):
            paragraph.add_run(text).font.name = font

    found = reader.read(word(fill))
    assert found.text == "Xã Tân Lập: người dân CHÚ Ý thông báo hôm nay."
    assert len(found.warnings) == 2
    assert all("bảng mã cũ" in warning for warning in found.warnings)


def test_an_old_font_of_a_style_counts_for_its_paragraphs() -> None:
    def fill(document: Document) -> None:
        document.styles["Normal"].font.name = ".VnTime"
        document.add_paragraph("Th«ng b¸o")

    assert reader.read(word(fill)).text == "Thông báo"


def test_lists_are_counted_as_word_counts_them() -> None:
    levels = {
        ("7", 0): Level("upperRoman", "Chương %1."),
        ("7", 1): Level("decimal", "Điều %2."),
        ("7", 2): Level("lowerLetter", "%3)"),
        ("7", 3): Level("decimal", "%1.%2.%4", only_figures=True),
    }
    numbering = Numbering(lists={"1": "7", "2": "7"}, levels=levels, restarts={("2", 1): 10})
    told = [numbering.next("1", at) for at in (0, 1, 2, 2, 3, 1, 2, 0, 1)]
    assert told == [
        "Chương I.", "Điều 1.", "a)", "b)", "1.1.1", "Điều 2.", "a)", "Chương II.", "Điều 1.",
    ]  # fmt: skip
    assert [numbering.next("2", 1), numbering.next("1", 1)] == ["Điều 10.", "Điều 11."]
    assert numbering.next("9", 0) == numbering.next("1", 8) == ""


@pytest.mark.parametrize(
    ("number", "form", "told"),
    [
        (28, "lowerLetter", "bb"), (1999, "lowerRoman", "mcmxcix"), (4, "decimalZero", "04"),
        (0, "upperLetter", "0"), (5000, "upperRoman", "5000"), (3, "japaneseCounting", "3"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_word_writes_them(number: int, form: str, told: str) -> None:
    assert written(number, form) == told


def test_a_document_of_pictures_only_is_refused_with_a_way_out() -> None:
    def fill(document: Document) -> None:
        document.add_picture(io.BytesIO(papers.picture()))

    with pytest.raises(Unreadable, match=r"chỉ có ảnh.*tệp Word gốc"):
        reader.read(word(fill))
    with pytest.raises(Unreadable, match="không có chữ nào"):
        reader.read(word(lambda document: None))


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    written_ = io.BytesIO()
    with zipfile.ZipFile(written_, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", b"<Types/>")
        package.writestr("word/document.xml", b" " * (reader.LARGEST_XML + 1))
    assert len(written_.getvalue()) < 200_000
    with pytest.raises(Unreadable, match="bung ra quá lớn"):
        reader.read(written_.getvalue())


def test_entities_are_not_unfolded_and_no_file_is_read_through_them() -> None:
    bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    secret = '<!ENTITY file SYSTEM "file:///etc/passwd">'

    def poisoned(name: str, data: bytes) -> bytes:
        if name != "word/document.xml":
            return data
        head, rest = data.split(b"?>", 1)
        doctype = f'?><!DOCTYPE x [<!ENTITY a0 "ha ha ha">{bomb}{secret}]>'.encode()
        return head + doctype + rest.replace(b"<w:t>Nghe", b"<w:t>&a9;&file;Nghe")

    package = changed(word(lambda document: document.add_paragraph("Nghe đài")), poisoned)
    try:
        whole = reader.read(package).whole
    except Unreadable as error:
        assert "bị hỏng" in error.message
    else:
        assert len(whole) < 1_000
        assert "root:" not in whole


@pytest.mark.parametrize(
    "part", ["word/document.xml", "word/styles.xml", "[Content_Types].xml", "_rels/.rels"]
)
@pytest.mark.parametrize("how", ["gone", "cut", "empty"])
def test_a_spoilt_package_is_read_or_refused_in_vietnamese(part: str, how: str) -> None:
    def spoil(name: str, data: bytes) -> bytes | None:
        return data if name != part else {"gone": None, "cut": data[: len(data) // 2], "empty": b""}[how]

    package = changed(word(papers.announcement), spoil)
    try:
        found = reader.read(package)
    except Unreadable as error:
        assert "Hãy" in error.message
    else:
        assert "THÔNG BÁO" in found.text
