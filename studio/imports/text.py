"""Plain text: which code page it is in, then the article in it. Pure."""

import codecs

from studio.imports import old_letters
from studio.imports.article import find_article
from studio.imports.found import MOST_TEXT, Found, Kind, Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""In this order: the mark of UTF-32 begins with that of UTF-16."""


def read(data: bytes) -> Found:
    """Read a text file or pasted text; raises Unreadable."""
    text, old = decoded(data)
    if len(text) > MOST_TEXT:
        raise Unreadable(
            f"Văn bản dài {len(text):,} ký tự, quá dài cho một bản tin. Hãy chỉ lấy phần cần đọc.".replace(
                ",", "."
            )
        )
    found = find_article(text)
    warnings = (old_letters.warning(old),) if old else ()
    return Found(Kind.TEXT, found.title, found.lines, warnings)


def decoded(data: bytes) -> tuple[str, str | None]:
    """Return the text, and the name of its old code page if it had one; raises Unreadable if none fits.

    The old pages are told by their result, which must be Vietnamese syllables: statistics about bytes, as
    charset-normalizer has them, know neither TCVN3 nor VNI.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return old_letters.modern(data.decode(codec, "replace"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _without_a_mark(data)
    return _without_a_mark(data) if "\0" in text else old_letters.modern(text)


def _without_a_mark(data: bytes) -> tuple[str, str | None]:
    zeros = data[:2000].count(0), data[1:2000:2].count(0), data[0:2000:2].count(0)
    if zeros[0] > len(data[:2000]) / 8:
        codec = "utf-16-le" if zeros[1] > zeros[2] else "utf-16-be"
        return data.decode(codec, "replace"), None
    windows = data.decode("cp1258", "replace")
    share, words = old_letters.vietnamese(windows)
    if share >= old_letters.ENOUGH and words:
        return windows, "Windows-1258"
    text, name = old_letters.modern(_western(data))
    if name is None:
        raise Unreadable(
            "Không nhận ra bảng mã chữ Việt của tệp này (hoặc tệp không phải văn bản). "
            "Hãy mở tệp bằng Word hoặc Notepad, lưu lại với mã UTF-8 rồi nhập lại."
        )
    return text, name


def _western(data: bytes) -> str:
    """Windows-1252, with its five holes filled: the page that old Vietnamese fonts put their letters on."""
    return "".join(_WESTERN[byte] for byte in data)


_WESTERN = [
    bytes([byte]).decode("cp1252", "ignore") or bytes([byte]).decode("latin-1") for byte in range(256)
]
