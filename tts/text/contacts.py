"""What people are to call, write to or find: telephones, web addresses, house numbers."""

import re
from re import Match

from tts.text.letters import has_vowel, is_syllable, spell
from tts.text.numbers import say_digits, say_number
from tts.text.reading import Rule
from tts.text.short_forms import SHORT_FORMS

_ADDRESS = re.compile(r"[^\W\d_]{1,200}|\d{1,200}|[^\w\s]|_")
_SIGNS = {
    ".": "chấm", "/": "gạch chéo", "-": "gạch ngang", "_": "gạch dưới", "@": "a còng", "?": "hỏi", "=": "bằng",
    "&": "và", ":": "hai chấm", "#": "thăng", "%": "phần trăm", "+": "cộng", "~": "ngã",
}  # fmt: skip
_ENDINGS = {"vn": "vê nờ", "gov": "gov", "com": "com", "www": "vê kép vê kép vê kép"}

_HOST = (
    r"(?:[a-z0-9][a-z0-9-]{0,62}\.){1,6}"
    "(?:vn|com|org|net|edu|gov|info|me|io|asia|app|online|xyz|top|shop|site|vip|cc)"
)
_CALL = re.compile(
    r"(?:\b(?:gọi|điện thoại|đường dây nóng|hotline|liên hệ|số máy|số|đầu số|bấm|quay số|nhắn tin)|ĐT|SĐT|đt)"
    r"(?:[ :]{1,2}(?:ngay|đến|tới|số|cho|điện|khẩn cấp|cấp cứu|cứu nạn|hoặc|và|\d{3,4},?)){0,6}[ :]{1,2}$"
    r"|\b(?:tổng đài|đường dây nóng|hotline|cảnh sát|cứu hỏa|chữa cháy|cấp cứu|lực lượng)"
    r"(?: [^\W\d_]{1,10}){0,9}[ :]{1,3}$",
    re.IGNORECASE,
)


def _word(part: str) -> str:
    if part.isdigit():
        return say_digits(part)
    low = part.lower()
    if low in _ENDINGS:
        return _ENDINGS[low]
    return low if len(low) > 1 and (has_vowel(low) or is_syllable(low)) else spell(low)


def _address(match: Match[str]) -> str:
    """Web and mail addresses: names as words, signs by name, the scheme left out (nobody types it)."""
    plain = re.sub(r"^(?:https?://)?", "", match[0], flags=re.IGNORECASE).rstrip("/")
    return " ".join(
        _SIGNS.get(part) or _word(part)
        for part in _ADDRESS.findall(plain)
        if part in _SIGNS or part.isalnum()
    )


def _phone(match: Match[str]) -> str | None:
    """One number, or several with a stroke between."""
    numbers = re.split(r"\s?/\s?", match[0])
    said = [("cộng " if "+" in number else "") + say_digits(number) for number in numbers]
    known = all(8 <= len(re.sub(r"\D", "", number)) <= 12 for number in numbers)
    return " hoặc ".join(said) if known else None


def _short_number(match: Match[str]) -> str | None:
    """Emergency and service numbers are dialled, so their digits are said."""
    before = match.string[max(0, match.start() - 50) : match.start()]
    return say_digits(match[0]) if _CALL.search(before) and "kêu gọi" not in before.lower() else None


def _mixed(match: Match[str]) -> str:
    """«QL1A», «5A», «CX1»: letters and digits grown together, each run in its own way."""
    said = []
    for run in re.findall(r"[^\W\d_]{1,40}|\d{1,40}", match[0]):
        if run.isdigit():
            said.append(say_digits(run) if len(run) > 6 or run.startswith("0") else say_number(int(run)))
        else:
            word = len(run) > 1 and not run.isupper() and (is_syllable(run) or has_vowel(run))
            said.append(SHORT_FORMS.get(run) or (run if word else spell(run)))
    return " ".join(said)


def _house(match: Match[str]) -> str:
    return " xuyệt ".join(_mixed_text(part) for part in match[0].split("/"))


def _mixed_text(part: str) -> str:
    found = re.fullmatch(r".{1,40}", part)
    return _mixed(found) if found else part


def _initials(match: Match[str]) -> str:
    return spell(match[0])


ADDRESSES = (
    Rule("địa chỉ thư", re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}@{_HOST}(?!\w)", re.IGNORECASE), _address),
    Rule(
        "địa chỉ mạng",
        re.compile(
            rf"(?<![\w@.-])(?:https?://[^\s<>«»“”\"()]{{1,300}}(?<![.,;:!?])|{_HOST}(?:/[\w./?=&%#~+-]{{0,300}}(?<![.,;:!?]))?(?![\w-]))",
            re.IGNORECASE,
        ),
        _address,
    ),
)

_LOCAL = r"(?:\(0\d{1,4}\)|0\d{1,4}|1[89]00)(?:[ .-]?\d{1,7}){1,4}"

PHONES = (
    Rule("điện thoại", re.compile(r"(?<![\w.,/+])\(?\+84\)?[\d .-]{7,16}(?<=\d)(?![\w/]|,\d)"), _phone),
    Rule(
        "điện thoại",
        re.compile(rf"(?<![\w.,/-]){_LOCAL}(?:\s?/\s?{_LOCAL}){{0,3}}(?![\w/]|[.,-]\d)"),
        _phone,
    ),
    Rule(
        "số gọi ngắn",
        re.compile(
            r"(?<![\w.,/-])(?:11[1-9]|1022|1[4-9]\d{2})(?![\w/-]|[.,]\d)"
            r"(?! (?:ấp|hộ|người|đồng|trường|ca|vụ|triệu|tỷ|nghìn)\b)"
        ),
        _short_number,
    ),
)

NAMES_AND_NUMBERS = (
    Rule(
        "số nhà",
        re.compile(r"(?<![\w/])\d{1,5}[A-Za-zĐđ]?(?:/\d{1,5}[A-Za-zĐđ]?){1,4}(?![\w/])(?<=[A-Za-zĐđ])"),
        _house,
    ),
    Rule(
        "chữ cái đầu tên",
        re.compile(r"(?<![\w.])(?:[A-ZĐ]\.){2,6}[A-ZĐ]?(?!\w)|(?<![\w.])[A-ZĐ]\.(?=\s?[A-ZĐ]|[,;)])"),
        _initials,
    ),
    Rule(
        "chữ và số",
        re.compile(r"(?<!\w)(?=[^\W_]{0,40}\d)(?=[^\W_]{0,40}[^\W\d_])[^\W_]{2,40}(?!\w)"),
        _mixed,
    ),
)
