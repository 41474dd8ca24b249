"""Signs, bullets and list numbers: what a reader says for them, or leaves out, or makes a pause of."""

import re
from re import Match

from tts.text.letters import NAMES
from tts.text.numbers import ROMAN, roman, say_number
from tts.text.reading import Rule, always

_SAID = {
    "%": "phần trăm", "‰": "phần nghìn", "№": "số", "&": "và", "+": "cộng", "=": "bằng", "@": "a còng", "#": "thăng",
    "$": "đô la", "€": "ơ rô", "£": "bảng Anh", "₫": "đồng", "§": "mục", "×": "nhân", "÷": "chia", "±": "cộng trừ",
    "≤": "nhỏ hơn hoặc bằng", "≥": "lớn hơn hoặc bằng", "<": "nhỏ hơn", ">": "lớn hơn", "≠": "khác", "≈": "xấp xỉ",
    "°": "độ", "½": "một phần hai", "¼": "một phần tư", "¾": "ba phần tư", "²": "bình phương", "³": "lập phương",
    "¹": "mũ một", "⁴": "mũ bốn", "⁵": "mũ năm", "⁶": "mũ sáu", "⁷": "mũ bảy", "⁸": "mũ tám", "⁹": "mũ chín",
    "⁻": "âm", "Ø": "phi", "√": "căn", "∞": "vô cực", "~": "khoảng",
}  # fmt: skip

_PAUSES = {
    "(": ",",
    ")": ",",
    "[": ",",
    "]": ",",
    "{": ",",
    "}": ",",
    "|": ",",
    "–": ",",
    "—": ",",
    "→": ",",
    "⇒": ",",
}
_SILENT = "\"'`´“”„‟‘’‚«»‹›*•·●○◦▪▫■□◆◇►▶✓✔※_©®™^\\\u00ad\ufeff"


def _sign(match: Match[str]) -> str:
    return _SAID[match[0]]


def _dots(match: Match[str]) -> str:
    """An ellipsis ends a sentence only where a new one begins."""
    rest = match.string[match.end() : match.end() + 3].lstrip()
    return "," if rest[:1].islower() else "."


def _list_number(match: Match[str]) -> str:
    said = " chấm ".join(say_number(int(part)) for part in re.findall(r"\d+", match[1]))
    return f"{said},"


def _list_letter(match: Match[str]) -> str:
    return f"{NAMES[match[1].lower()]},"


def _list_roman(match: Match[str]) -> str | None:
    return f"{say_number(roman(match[1]))},"


POWERS = (
    Rule("đường kính", re.compile(r"[Øø⌀](?=\s?\d)"), always("phi")),
    Rule("số mũ, phân số", re.compile("[²³½¼¾¹⁴-⁹⁻]"), _sign),
    Rule("nhân", re.compile(r"(?<=\d)\s?[x×]\s?(?=\d)"), always("nhân")),
)

LISTS = (
    Rule(
        "số mục đầu dòng",
        re.compile(r"(?m)^[ \t]{0,40}\(?(\d{1,3}(?:\.\d{1,2}){0,3})(?:[.)]{1,2}|[.)/]-)(?=\s)"),
        _list_number,
    ),
    Rule("chữ mục đầu dòng", re.compile(r"(?m)^[ \t]{0,40}\(?([a-zđA-ZĐ])\)(?=\s)"), _list_letter),
    Rule("số La Mã đầu dòng", re.compile(rf"(?m)^[ \t]{{0,40}}({ROMAN})[.)](?=\s)"), _list_roman),
    Rule("gạch đầu dòng", re.compile(r"(?m)^[ \t]{0,40}[-–—+*•●▪►][ \t]{1,40}(?=\S)"), always("")),
)

MARKS = (
    Rule("số hiệu", re.compile("№|(?<!\\w)N°(?=\\s?\\d)"), always("số")),
    Rule("dấu hết", re.compile(r"\./\.?(?=\s|$)"), always(".")),
    Rule("dấu", re.compile(f"[{re.escape(''.join(_SAID))}]"), _sign),
    Rule("gạch chéo giữa từ", re.compile(r"(?<=[^\W\d_])/(?=[^\W\d_])"), always(" ")),
    Rule("gạch chéo", re.compile(r"/"), always("trên")),
    Rule("gạch nối", re.compile(r"(?<=\w)-(?=\w)"), always(" ")),
    Rule("ngắt", re.compile(f"[{re.escape(''.join(_PAUSES))}-]|−"), always(",")),
    Rule("chấm lửng", re.compile(r"…|\.{2,}"), _dots),
    Rule("không đọc", re.compile(f"[{re.escape(_SILENT)}]"), always("")),
)
