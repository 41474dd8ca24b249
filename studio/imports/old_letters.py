"""Vietnamese as it was written before Unicode: TCVN3 («.VnTime») and VNI fonts, where letters stand for others. Pure.

Tables: TCVN 5712:1993, third set (ABC), and VNI for Windows, as the converters of UniKey and its kind have them.
"""

import re
import unicodedata
from collections.abc import Callable

from tts.text.letters import is_syllable

ENOUGH = 0.85
"""Share of the accented words that must be Vietnamese syllables before a table is believed."""
FEW = 5
"""Accented words from which a share says anything."""

_TCVN3 = str.maketrans(
    dict(
        zip(
            "¸µ¶·¹¨¾»¼½Æ©ÊÇÈÉË®ÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\u00adøõö÷ùýúûüþ¡¢§£¤¥¦",
            "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵĂÂĐÊÔƠƯ",
            strict=True,
        )
    )
)
_LETTERS = re.compile(r"[^\W\d_]+")
_MARKS = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_ROUND = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_SHORT = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_ALONE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_PIECES = re.compile(r"[^\s!-/:-@\[-`{-~0-9“”‘’…–—]+")


def _vni() -> dict[str, str]:
    table = dict(_ALONE)
    for letters, marks, under in (
        ("aeouyôö", _MARKS, ""),
        ("aeo", _ROUND, "\u0302"),
        ("a", _SHORT, "\u0306"),
    ):
        for letter in letters:
            for sign, mark in marks.items():
                meant = _ALONE.get(letter, letter)
                table[letter + sign] = unicodedata.normalize("NFC", meant + under + mark)
    capitals = {old.upper(): new.upper() for old, new in table.items()}
    mixed = {old.capitalize(): new.upper() for old, new in table.items()}
    return table | capitals | mixed


_VNI = _vni()
_VNI_SIGNS = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))


def from_tcvn3(text: str) -> str:
    """Rewrite text that a TCVN3 font shows. It has no accented capitals: «THÔNG BáO» was written for «THÔNG BÁO»."""
    return "\n".join(_capitals(line) for line in text.split("\n"))


def _capitals(line: str) -> str:
    told = line.translate(_TCVN3)
    if _shouted(line, told):
        return told.upper()
    return _LETTERS.sub(lambda word: word[0].upper() if _shouted(word[0], word[0]) else word[0], told)


def _shouted(line: str, told: str) -> bool:
    plain_letters = [char for char in line if char.isascii() and char.isalpha()]
    return len(plain_letters) > 1 and all(map(str.isupper, plain_letters)) and not told.isupper()


def from_vni(text: str) -> str:
    """Rewrite text that a VNI font shows."""
    return _VNI_SIGNS.sub(lambda found: _VNI[found[0]], text)


TABLES: dict[str, Callable[[str], str]] = {"TCVN3 (ABC)": from_tcvn3, "VNI": from_vni}
"""Name of an old code page, and what rewrites it."""


def modern(text: str) -> tuple[str, str | None]:
    """Rewrite `text` if it is plainly in an old code page; returns that page's name too, else None."""
    as_it_is, _ = vietnamese(text)
    if as_it_is >= ENOUGH:
        return text, None
    shares = {name: vietnamese(table(text)) for name, table in TABLES.items()}
    name, (share, words) = max(shares.items(), key=lambda each: each[1][0])
    if words >= FEW and share >= ENOUGH and share > as_it_is + 0.2:
        return TABLES[name](text), name
    return text, None


def vietnamese(text: str) -> tuple[float, int]:
    """Tell which share of the words beyond ASCII are Vietnamese syllables, and how many such words there are."""
    strange = [word for word in _PIECES.findall(text[:200_000]) if not word.isascii()][:5_000]
    return (sum(map(is_syllable, strange)) / len(strange) if strange else 1.0), len(strange)


def warning(name: str) -> str:
    """What to say of a text that was rewritten."""
    return f"Văn bản dùng bảng mã cũ {name}; đã chuyển sang Unicode. Hãy soát lại từng chữ trước khi lưu."
