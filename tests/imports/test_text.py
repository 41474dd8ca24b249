"""Plain text in the code pages of today and of thirty years ago."""

import codecs
import unicodedata
from pathlib import Path

import pytest

from studio.imports import old_letters
from studio.imports.found import MOST_TEXT, Unreadable
from studio.imports.text import decoded, read
from tests.support.papers import BULLETINS, PARAGRAPHS, PASTED

TYPED = sorted(path for path in BULLETINS.glob("*.txt") if ".spoken" not in path.name)
TONES = "\u0300\u0301\u0303\u0309\u0323"
IN_TCVN3 = "Céng hoµ x· héi chñ nghÜa ViÖt Nam. §éc lËp - Tù do - H¹nh phóc. Th«ng b¸o tíi ng\u00adêi d©n."
IN_VNI = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam. Ñoäc laäp - Töï do - Haïnh phuùc. Thoâng baùo tôùi ngöôøi daân."


def windows_1258(text: str) -> bytes:
    """As Notepad wrote it: letters with their roofs in one byte, the tone in another."""
    told = ""
    for char in text:
        apart = unicodedata.normalize("NFD", char)
        base = unicodedata.normalize("NFC", "".join(c for c in apart if c not in TONES))
        told += base + "".join(c for c in apart if c in TONES)
    return told.encode("cp1258", "replace")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_file_is_read_with_mark_or_without(codec: str) -> None:
    found = read(PASTED.encode(codec))
    assert found.body.split("\n") == PARAGRAPHS
    assert found.warnings == ()


def test_utf_16_of_a_mac_is_read_too() -> None:
    assert decoded(codecs.BOM_UTF16_BE + "Xã Tân Lập".encode("utf-16-be")) == ("Xã Tân Lập", None)


@pytest.mark.parametrize("path", TYPED, ids=lambda path: path.stem)
def test_windows_1258_is_recognised(path: Path) -> None:
    text = unicodedata.normalize("NFC", path.read_text())
    told, page = decoded(windows_1258(text))
    assert page == "Windows-1258"
    assert unicodedata.normalize("NFC", told).count("?") == text.count("?") + sum(
        char not in "?" and unicodedata.normalize("NFD", char).encode("cp1258", "replace") == b"?"
        for char in text
    )
    assert unicodedata.normalize("NFC", told).split()[:20] == text.split()[:20]


def test_tcvn3_is_rewritten_and_the_person_is_told() -> None:
    found = read(IN_TCVN3.encode("cp1252"))
    assert found.text == (
        "Cộng hoà xã hội chủ nghĩa Việt Nam. Độc lập - Tự do - Hạnh phúc. Thông báo tới người dân."
    )
    assert "bảng mã cũ TCVN3" in found.warnings[0]
    assert "soát lại" in found.warnings[0]


def test_vni_is_rewritten_and_the_person_is_told() -> None:
    found = read(IN_VNI.encode("cp1252"))
    assert found.text == (
        "Cộng hòa xã hội chủ nghĩa Việt Nam. Độc lập - Tự do - Hạnh phúc. Thông báo tới người dân."
    )
    assert "bảng mã cũ VNI" in found.warnings[0]


def test_old_letters_that_somebody_pasted_as_unicode_are_rewritten_too() -> None:
    assert "Độc lập" in read(IN_TCVN3.encode()).text
    assert "Độc lập" in read(IN_VNI.encode()).text


@pytest.mark.parametrize("path", TYPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("page", ["TCVN3 (ABC)", "VNI"])
def test_a_whole_bulletin_survives_an_old_code_page(path: Path, page: str) -> None:
    """Every letter comes back, also the accented capitals that TCVN3 does not have."""
    text = unicodedata.normalize("NFC", path.read_text())
    letters = sorted({char for char in text if char.isalpha() and not char.isascii()}, key=ord)
    old: dict[str, str] = {}
    for sign in _signs(page):
        new = old_letters.TABLES[page](sign)
        old.setdefault(new, sign)
    rewritten = "".join(old.get(c) or old.get(c.lower(), c) for c in text)
    assert all(char in old or char.lower() in old for char in letters)
    told, name = decoded(rewritten.encode("cp1252", "replace"))
    assert name == page
    wrong = [
        (was, now) for was, now in zip(text.split(), told.split(), strict=True) if was.lower() != now.lower()
    ]
    # What Windows-1252 has no place for (an arrow, a degree of ours) was a «?» before we saw it.
    assert [pair for pair in wrong if "?" not in pair[1]] == []
    assert [
        now
        for was, now in zip(text.split(), told.split(), strict=True)
        if was.isupper() and not now.isupper()
    ] == []


def _signs(page: str) -> list[str]:
    """Every spelling of one letter that a page might have."""
    latin = [chr(code) for code in range(0xA0, 0x100)]
    return latin if page == "TCVN3 (ABC)" else [*(b + m for b in "aeiouyAEIOUYôöÔÖ" for m in latin), *latin]


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(128, 256)) * 30,
        "Привет, мир! Как дела у вас сегодня?".encode("cp1251"),
        b"\xfe\xba\xbe" * 99,
    ],
    ids=["bytes", "Russian", "binary"],
)
def test_a_code_page_that_nobody_knows_is_refused_with_a_way_out(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"lưu lại với mã UTF-8"):
        read(data)


def test_text_without_vietnamese_letters_stays_as_it_is() -> None:
    assert old_letters.modern("Smith & Søn, naïve café, résumé, Müller, façade, jalapeño")[1] is None
    assert old_letters.modern("Hop dan luc 7h30 o nha van hoa")[1] is None


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(Unreadable, match="quá dài"):
        read(b"a " * MOST_TEXT)
