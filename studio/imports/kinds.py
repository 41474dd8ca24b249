"""What a file is, told by what is in it: a name proves nothing. Pure."""

import io
import re
import zipfile
import zlib

from studio.imports.found import Kind, Unreadable

LARGEST = 20 * 1024 * 1024
"""Bytes of one file."""

_HEAD = 4096
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"fLaC", "sound"),
    (b"Rar!\x1a\x07", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b\x08", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"{\\rtf", "rtf"),
    (b"bplist00", "webarchive"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORDS = {
    "empty": "Tệp rỗng, không có nội dung. Hãy chọn lại tệp.",
    "image": "Đây là tệp ảnh, không có phần chữ để đọc. Hãy dùng tệp Word gốc, hoặc gõ nội dung vào ô bên dưới.",
    "sound": "Đây là tệp âm thanh. Hãy chọn tệp văn bản: Word (.docx), PDF, TXT hoặc trang web đã lưu.",
    "archive": "Đây là tệp nén. Hãy giải nén rồi chọn tệp văn bản ở bên trong.",
    "rtf": "Chưa đọc được tệp RTF. Hãy mở bằng Word, chọn «Lưu thành» (Save As) kiểu Word (.docx) rồi nhập lại.",
    "webarchive": "Chưa đọc được tệp này của Safari. Hãy lưu trang lại thành HTML, hoặc dán nội dung trang vào.",
    "doc": "Đây là tệp Word kiểu cũ (.doc). Hãy mở bằng Word, chọn «Lưu thành» (Save As) kiểu .docx rồi nhập lại.",
    "locked": "Tệp Word này có mật khẩu. Hãy mở bằng Word, bỏ mật khẩu, lưu lại rồi nhập.",
    "sheet": "Đây là bảng tính Excel. Hãy chép phần cần đọc sang Word (.docx), hoặc dán vào ô bên dưới.",
    "slides": "Đây là tệp trình chiếu. Hãy chép phần cần đọc sang Word (.docx), hoặc dán vào ô bên dưới.",
    "odt": "Chưa đọc được tệp OpenDocument (.odt). Hãy mở rồi lưu thành Word (.docx) hoặc xuất ra PDF.",
    "broken": "Tệp bị hỏng hoặc tải về dở dang. Hãy mở thử trên máy; nếu mở được thì lưu lại một bản mới rồi nhập.",
    "xml": "Đây là tệp XML, không phải văn bản để đọc. Hãy mở bằng chương trình đã tạo ra nó rồi lưu thành .docx.",
}
_HTML = re.compile(
    r"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]|<(?:div|p|table|article|h1)[\s>].*</", re.I | re.S
)
_MHTML = re.compile(r"^mime-version:", re.I | re.M)
_PARTS = re.compile(r"^content-type:\s*(?:multipart/(?:related|mixed|alternative)|text/html)", re.I | re.M)


def kind_of(data: bytes) -> Kind:
    """Tell what `data` is; raises Unreadable, naming what to do, for what can never be read."""
    if len(data) > LARGEST:
        size = f"{len(data) / 1024 / 1024:.1f}".replace(".", ",")
        raise Unreadable(
            f"Tệp nặng {size} MB; tối đa {LARGEST // 1024 // 1024} MB. "
            "Hãy bỏ bớt ảnh, hoặc tách tệp thành nhiều phần."
        )
    if not data.strip(b"\0\t\r\n\x0b\x0c "):
        raise refused("empty")
    if b"%PDF-" in data[:1024]:
        return Kind.PDF
    if data[:4] == b"PK\x03\x04":
        return _zipped(data)
    if data[:8] == _OLE:
        raise refused(_old_office(data))
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise refused(what)
    if data.startswith(b"BM") and data[6:10] == bytes(4):  # two letters alone may begin a sentence
        raise refused("image")
    if data[4:8] == b"ftyp" or (data[:4] == b"RIFF" and data[8:12] in (b"WAVE", b"WEBP")):
        raise refused("sound" if data[8:12] in (b"WAVE", b"M4A ") else "image")
    return _written(data)


def refused(what: str) -> Unreadable:
    """Make the error that says what this is and what to do instead."""
    return Unreadable(_WORDS[what])


def _zipped(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            told = archive.open("mimetype").read(100) if "mimetype" in names else b""
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        raise refused("broken") from None
    if told.startswith(b"application/vnd.oasis.opendocument"):
        raise refused("odt")
    if "[Content_Types].xml" not in names:
        raise refused("archive")
    for folder, what in (("xl/", "sheet"), ("ppt/", "slides")):
        if any(name.startswith(folder) for name in names):
            raise refused(what)
    return Kind.DOCX


def _old_office(data: bytes) -> str:
    def inside(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if inside("EncryptedPackage"):
        return "locked"
    return "sheet" if inside("Workbook") else "slides" if inside("PowerPoint Document") else "doc"


def _written(data: bytes) -> Kind:
    head = data[:_HEAD].decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "replace")
    headers = head.replace("\r\n", "\n").split("\n\n", 1)[0]
    if _MHTML.search(headers) and _PARTS.search(headers):
        return Kind.MHTML
    if _HTML.search(head):
        return Kind.HTML
    if head.lstrip("\ufeffï»¿ \r\n\t").startswith("<?xml"):
        raise refused("xml")
    return Kind.TEXT
