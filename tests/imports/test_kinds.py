"""Telling what a file is by its content, and saying what to do with what cannot be read."""

import io
import zipfile

import pytest

from studio.imports.found import Kind, Unreadable
from studio.imports.kinds import LARGEST, kind_of
from tests.support import papers

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def zipped(**parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return written.getvalue()


def test_each_kind_is_told_by_its_content() -> None:
    page = papers.newspaper()
    assert kind_of(papers.word(papers.announcement)) is Kind.DOCX
    assert kind_of(papers.paper(lambda p: p.paragraph("Xin chào bà con."))) is Kind.PDF
    assert kind_of(page) is Kind.HTML
    assert kind_of(page.decode().encode("utf-16")) is Kind.HTML
    assert kind_of(papers.saved_whole(page)) is Kind.MHTML
    assert kind_of(papers.PASTED.encode()) is Kind.TEXT
    assert kind_of("BMI là chỉ số khối cơ thể, MM là mi-li-mét.".encode()) is Kind.TEXT


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Tệp rỗng"),
        (b" \r\n\t\0", "Tệp rỗng"),
        (papers.picture(), "tệp ảnh.*tệp Word gốc"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "tệp ảnh"),
        (b"BM" + bytes(100), "tệp ảnh"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "tệp ảnh"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "tệp âm thanh"),
        (b"\0\0\0 ftypM4A " + bytes(20), "tệp âm thanh"),
        (b"\0\0\0 ftypheic" + bytes(20), "tệp ảnh"),
        (b"ID3\x04" + bytes(20), "tệp âm thanh"),
        (b"{\\rtf1\\ansi Xin chao}", "RTF.*kiểu Word"),
        (OLE + "WordDocument".encode("utf-16-le"), r"Word kiểu cũ.*\.docx"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "có mật khẩu"),
        (OLE + "Workbook".encode("utf-16-le"), "Excel"),
        (zipped(**{"thu.txt": b"Xin chao"}), "tệp nén.*giải nén"),
        (zipped(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "Excel"),
        (zipped(**{"[Content_Types].xml": b"", "ppt/presentation.xml": b""}), "trình chiếu"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.text"), "OpenDocument"),
        (b"PK\x03\x04" + bytes(200), "bị hỏng"),
        (b"bplist00" + bytes(50), "Safari"),
        ("<?xml version='1.0'?><hoadon>Tiền điện</hoadon>".encode(), "XML"),
        (bytes(LARGEST + 1), r"nặng 20,0 MB; tối đa 20 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[:12].hex(),
)
def test_what_cannot_be_read_is_refused_with_a_word_of_what_to_do(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why) as refused:
        kind_of(data)
    assert "Hãy" in refused.value.message
