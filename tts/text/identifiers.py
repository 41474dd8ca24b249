"""What names one thing and is read sign by sign: number plates, boats, tax codes, forms; roads, milestones, scores."""

import re
from re import Match

from tts.text.letters import spell
from tts.text.numbers import say_digits, say_number
from tts.text.reading import Rule

_ROADS = {
    "ĐT": "đường tỉnh", "QL": "quốc lộ", "TL": "tỉnh lộ", "HL": "hương lộ", "ĐH": "đường huyện", "ĐX": "đường xã",
    "CT": "cao tốc",
}  # fmt: skip
_PLATE_BEFORE = re.compile(
    r"(?:biển(?: kiểm soát| số| xe)?|BKS|BSX?|xe\b[^.,;\n]{0,25}|ô tô|mô tô|số hiệu|số đăng ký)\s?[:.]?\s*$",
    re.IGNORECASE,
)


def _one_by_one(written: str) -> str:
    """Name every letter and digit; what stands between them is not said."""
    runs = re.findall(r"[^\W\d_]+|\d+", written)
    return " ".join(say_digits(run) if run.isdigit() else spell(run) for run in runs)


def _named(match: Match[str]) -> str:
    return _one_by_one(match[0])


def _pointed(match: Match[str]) -> str:
    """«V.07.02.26»: every sign, the points too."""
    return " chấm ".join(_one_by_one(part) for part in match[0].split("."))


def _codes(match: Match[str]) -> str:
    return ", ".join(_one_by_one(part) for part in match[0].split(", "))


def _blood(match: Match[str]) -> str:
    return f"{spell(match[1] or match[2])} {'dương' if match[3] == '+' else 'âm'}"


def _plate(match: Match[str]) -> str | None:
    """«69-F1 234.56» is a plate by its form alone; «69A 1234» needs the word before it."""
    before = match.string[max(0, match.start() - 40) : match.start()]
    return _one_by_one(match[0]) if match[1] or _PLATE_BEFORE.search(before) else None


def _marked(match: Match[str]) -> str:
    """«PM2.5», «N5,1»: the letters, and the number with its point."""
    letters, whole, sign, rest = match.groups()
    point = "chấm" if sign == "." else "phẩy"
    return f"{spell(letters)} {say_number(int(whole))} {point} {say_number(int(rest))}"


def _road(match: Match[str]) -> str | None:
    kind, number, letter = match.groups()
    if number.startswith("0") and len(number) > 2:
        return None  # a telephone
    said = say_digits(number) if number.startswith("0") else say_number(int(number))
    return " ".join(filter(None, (_ROADS[kind], said, spell(letter or ""))))


def _milestone(match: Match[str]) -> str:
    further = f" cộng {say_number(int(match[2]))}" if match[2] else ""
    return f"ki lô mét {say_number(int(match[1]))}{further}"


_PLAYED_BEFORE = re.compile(
    r"\b(?:thắng|thua|hòa|ho[aà]|tỷ số|tỉ số|chung cuộc|dẫn|gỡ)\b[^.;:\n]{0,30}$", re.IGNORECASE
)
_PLAYED_AFTER = re.compile(r"\s+(?:trong trận|ở trận|trước đội|nghiêng về|sau loạt|cho đội)")


def _score(match: Match[str]) -> str | None:
    before = match.string[max(0, match.start() - 50) : match.start()]
    if not (_PLAYED_BEFORE.search(before) or _PLAYED_AFTER.match(match.string, match.end())):
        return None
    return f"{say_number(int(match[1]))} {say_number(int(match[2]))}"


IDENTIFIERS = (
    Rule(
        "biển số",
        re.compile(
            r"(?<![\w.,/-])\d{2}\s?-?\s?[A-ZĐ]{1,2}\d?\s?[-. ]\s?(?:(\d{3}\.\d{2})|\d{4,5})(?![\w/]|[.,-]\d)"
        ),
        _plate,
    ),
    Rule("số hiệu tàu cá", re.compile(r"(?<![\w/-])[A-Z]{2,3}[- ]?\d{4,5}[- ]?TS(?![\w/-])"), _named),
    Rule("mã số thuế", re.compile(r"(?<![\w.,/-])\d{10}-\d{3}(?![\w/]|[.,-]\d)"), _named),
    Rule(
        "mẫu đơn",
        re.compile(r"(?:(?<=[Mm]ẫu )|(?<=[Mm]ẫu số ))[A-ZĐ]{1,4}\d{1,3}[a-z]?(?:-[A-ZĐ]{1,4}\d?)?(?![\w/])"),
        _named,
    ),
    Rule(
        "ký hiệu", re.compile(r"(?<![\w.,/-])([A-Z]{1,4})(\d{1,3})([.,])(\d{1,2})(?![\w/]|[.,-]\d)"), _marked
    ),
    Rule(
        "lý trình",
        re.compile(r"(?<!\w)[Kk][Mm]\s?(\d{1,4})(?:\s?\+\s?(\d{1,3}))?(?![\w/]|[.,]\d)"),
        _milestone,
    ),
    Rule(
        "tên đường",
        re.compile(rf"(?<![\w/-])({'|'.join(_ROADS)})[. ]?(\d{{1,3}})([A-ZĐ])?(?!\w|[/+-]|[. ,]?\d)"),
        _road,
    ),
    Rule("nhóm máu", re.compile(r"(?:(?<=nhóm máu )(A|B|AB|O)|(?<!\w)(Rh))\s?([+-])(?!\w)"), _blood),
    Rule("mã số", re.compile(r"(?<![\w.,/-])[A-ZĐ]{1,3}(?:\.\d{2,3}){2,4}(?!\w|[.,]\d)"), _pointed),
    Rule("mã số", re.compile(r"(?:(?<=mã số )|(?<=Mã số ))\d{2}(?:\.\d{2,3}){1,4}(?!\w|[.,]\d)"), _pointed),
    Rule("dãy số", re.compile(r"(?<![\w.,/-])\d{1,5}(?:-\d{1,7}){3,5}(?![\w/-])"), _named),
    Rule(
        "mã",
        re.compile(
            r"(?:(?<=mã đối tượng )|(?<=ký hiệu )|(?<=mã loại )|(?<=mã hiệu ))"
            r"[A-ZĐ]{1,5}\d{0,3}(?:, [A-ZĐ]{1,5}\d{0,3}){0,20}(?!\w)"
        ),
        _codes,
    ),
    Rule(
        "tỷ số",
        re.compile(
            r"(?<![\w.,/-])(\d{1,3})\s?[-–:]\s?(\d{1,3})(?![\w/]|[.,-]\d)"
            r"(?!\s?(?:trận|bàn|điểm|ngày|người|lần|%|tháng|giờ))"
        ),
        _score,
    ),
)
