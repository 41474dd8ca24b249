"""Days, months, quarters and hours."""

import re
from re import Match

from tts.text.numbers import roman, say_number
from tts.text.reading import Rule

_DASH = r"\s?[-–—]\s?"
_DM = r"\d{1,2}[/.]\d{1,2}(?:[/.]\d{4})?"
_CLOCK = r"\d{1,2}(?:\s?[hH]\s?(?:\d{2})?|\s?[gG]\s?\d{2}|:\d{2}|[gG](?=\s(?:sáng|trưa|chiều|tối|đêm|ngày|kém|đúng)))"
_MINUTES = r"(?:p|ph|['’′])?"

_OWN_WORD = re.compile(
    r"(?:(?:ngày|mùng|mồng|rằm|đường|phố)\s+(?:\d{1,2}(?:\s?(?:,|và|-|–|đến)\s?)){0,12}"
    r"|(?:sáng|trưa|chiều|tối|đêm)\s+(?:\d{1,2}(?:\s?(?:,|và|-|–|đến)\s?)){1,12})$",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"(?:Ngày|Lễ|[Nn]gày lễ|[Kk]ỷ niệm|[Cc]hào mừng|[Dd]ịp|Quốc khánh|Tết|Giỗ|[Nn]gày thành lập|[Tt]háng cao điểm)"
    r"(?:\s[^\s\d.,;:]{1,12}){0,9}\s\(?$"
)
_CALLS_FOR_A_DATE = re.compile(
    r"(?:\b(?:từ|đến|tới|trước|sau|hôm|nay|sáng|trưa|chiều|tối|đêm|hôm nay|dịp|lễ|ngày|mùng|mồng|vào|hạn"
    r"|thứ \w{2,4},?|chủ nhật,?)"
    r"|quốc khánh|giải phóng|pháp luật việt nam|hùng vương|quốc tế \w{1,8}|phụ nữ|nhà giáo việt nam"
    r"|ngày [\d/, ]{3,30}(?:và|hoặc|đến|,))"
    r"\s*[:(]?\s*(?:\d{1,2}/\d{1,2}(?:\s?,\s|\s(?:và|hoặc)\s)){0,4}$",
    re.IGNORECASE,
)
_ONE_DAY = re.compile(
    r"(?<!các )(?<!từ )(?<!mấy )(?<!những )\b(?:[Nn]gày|[Ss]áng|[Cc]hiều|[Tt]ối|[Tt]rưa|[Đđ]êm)\s+$"
)
_CALLS_FOR_A_COUNT = re.compile(
    r"\s+(?:ấp|khóm|thôn|xã|phường|hộ|chỉ tiêu|tiêu chí|đại biểu|người|số|đơn vị|diện tích|trường|giờ|phiếu|tổng)\b"
)


def month(number: int) -> str:
    """Name a month; the fourth is «tháng tư»."""
    return "tháng tư" if number == 4 else f"tháng {say_number(number)}"


def _calendar(written: str) -> str | None:
    """Read d/m or d/m/yyyy without the word «ngày», or None if there is no such day."""
    day, mon, *year = (int(part) for part in re.split(r"[/.-]", written))
    if not (1 <= day <= 31 and 1 <= mon <= 12):
        return None
    said = f"{say_number(day)} {month(mon)}"
    return f"{said} năm {say_number(year[0])}" if year else said


def _before(match: Match[str], reach: int = 40) -> str:
    return match.string[max(0, match.start() - reach) : match.start()]


def _with_day(match: Match[str], said: str) -> str:
    return said if _OWN_WORD.search(_before(match, 80)) else f"ngày {said}"


def _date(match: Match[str]) -> str | None:
    said = _calendar(match[0])
    return said and _with_day(match, said)


def _dates_apart(match: Match[str]) -> str | None:
    first, last = _calendar(match[1]), _calendar(match[2])
    if first is None or last is None:
        return None
    said = f"{_with_day(match, first)} đến ngày {last}"
    return said if re.search(r"từ(?: ngày)?\s+$", _before(match)) else f"từ {said}"


def _days_apart(match: Match[str]) -> str | None:
    last = _calendar(match[2])
    return last and _with_day(match, f"{say_number(int(match[1]))} đến ngày {last}")


def _day_and_month(match: Match[str]) -> str | None:
    """«2/9» is a day where the words around call for one; else fractions and counts come first."""
    said = _calendar(match[0])
    if said is None or _CALLS_FOR_A_COUNT.match(match.string, match.end()):
        return None
    before = _before(match, 80)
    called = _CALLS_FOR_A_DATE.search(before[-60:]) or _EVENT.search(before) or _OWN_WORD.search(before)
    followed = re.compile(r"\s*(?:âm|dương) lịch|\s+h[ằà]ng năm|\s*,?\s*năm").match(match.string, match.end())
    clearly = int(match[1]) > int(match[2]) and int(match[1]) > 12 and match[0] != "24/7"
    return _with_day(match, said) if called or followed or clearly else None


def _day_dash_month(match: Match[str]) -> str | None:
    """«20-11» is a day, as newspapers write it, only after one day's word or a holiday's name; else it is a range."""
    before = _before(match, 80)
    if not (_EVENT.search(before) or _ONE_DAY.search(before)):
        return None
    said = _calendar(match[0])
    return said and _with_day(match, said)


def _month_of_year(match: Match[str]) -> str | None:
    number, year = int(match[1]), f"năm {say_number(int(match[2]))}"
    if re.search(r"(?:số|kỳ|đợt|lần|quý|học kỳ)\s+$", _before(match), re.IGNORECASE):
        return f"{say_number(number)} {year}"
    said = f"{month(number)} {year}"
    return said.removeprefix("tháng ") if re.search(r"tháng\s+$", _before(match), re.IGNORECASE) else said


def _months_apart(match: Match[str]) -> str:
    year = f" năm {say_number(int(match[4]))}" if match[4] else ""
    return f"{match[1]} {month(int(match[2]))[6:]} đến {month(int(match[3]))}{year}"


def _fourth_month(match: Match[str]) -> str | None:
    return "tư" if re.search(r"tháng\s$", _before(match), re.IGNORECASE) else None


def _quarter(match: Match[str]) -> str:
    number = int(match[2]) if match[2].isdigit() else roman(match[2])
    year = f" năm {say_number(int(match[3]))}" if match[3] else ""
    return f"{match[1].lower()} {say_number(number)}{year}"


def _weekday(match: Match[str]) -> str:
    number = int(match[1])
    if match[2]:
        return f"{month(number)} năm {say_number(int(match[2]))}"
    if number > 8:
        return month(number)
    return "chủ nhật" if number == 8 else f"thứ {('tư' if number == 4 else say_number(number))}"


_WEEKDAYS = ("", "", "hai", "ba", "tư", "năm", "sáu", "bảy")


def _weekdays_apart(match: Match[str]) -> str:
    first, last = (
        "chủ nhật" if day in ("8", "CN") else f"thứ {_WEEKDAYS[int(day)]}" for day in match.groups()
    )
    return f"{first} đến {last}"


def _hour(written: str) -> str | None:
    hour, minute = (int(part) if part else 0 for part in re.split(r"\s?[hHgG:]\s?", written, maxsplit=1))
    if minute > 59 or (minute and hour > 24) or (":" in written and hour > 24):
        return None
    said = f"{say_number(hour)} giờ"
    return f"{said} {say_number(minute)}" + (" phút" if minute < 10 else "") if minute else said


def _clock(match: Match[str]) -> str | None:
    said = _hour(match[1])
    named = said and match[0] != match[1] and not said.endswith(("giờ", "phút"))
    return f"{said} phút" if named else said


def _lasting(match: Match[str]) -> str:
    """«12'35"» of a race or a place on the map."""
    seconds = f" {say_number(int(match[2]))} giây" if match[2] else ""
    return f"{say_number(int(match[1]))} phút{seconds}"


def _hours_apart(match: Match[str]) -> str | None:
    first = _hour(match[1] if re.search(r"\D", match[1]) else f"{match[1]}h")
    last = _hour(match[2])
    if first is None or last is None:
        return None
    said = f"{first} đến {last}"
    return said if re.search(r"\b(?:từ|lúc|khoảng)\s+$", _before(match)) else f"từ {said}"


_FREE = r"(?<![\w/.,-])"
_END = r"(?![/.,-]?\d)(?!\w)"

DATES = (
    Rule(
        "khoảng tháng",
        re.compile(rf"\b([Tt]háng) (0?[1-9]|1[0-2]){_DASH}(0?[1-9]|1[0-2])(?:/((?:19|20)\d{{2}}))?{_END}"),
        _months_apart,
    ),
    Rule("khoảng ngày", re.compile(rf"{_FREE}({_DM}){_DASH}({_DM}){_END}"), _dates_apart),
    Rule("khoảng ngày trong tháng", re.compile(rf"{_FREE}(\d{{1,2}}){_DASH}({_DM}){_END}"), _days_apart),
    Rule("ngày tháng năm", re.compile(rf"{_FREE}\d{{1,2}}([/.-])\d{{1,2}}\1\d{{4}}{_END}"), _date),
    Rule("ngày tháng", re.compile(rf"{_FREE}(\d{{1,2}})/(\d{{1,2}}){_END}"), _day_and_month),
    Rule("ngày tháng", re.compile(rf"{_FREE}\d{{1,2}}-\d{{1,2}}{_END}"), _day_dash_month),
    Rule("tháng năm", re.compile(rf"{_FREE}(0?[1-9]|1[0-2])[/-]((?:19|20)\d{{2}}){_END}"), _month_of_year),
    Rule("tháng tư", re.compile(rf"{_FREE}0?4{_END}"), _fourth_month),
    Rule(
        "quý", re.compile(rf"\b(Quý|quý)\s(IV|I{{1,3}}|0?[1-4])(?:[/-]((?:19|20)\d{{2}}))?{_END}"), _quarter
    ),
    Rule(
        "khoảng thứ", re.compile(rf"(?<!\w)T([2-7]){_DASH}(?:T(?=[2-8]))?([2-8]|CN)(?!\w)"), _weekdays_apart
    ),
    Rule("tháng năm", re.compile(rf"(?<!\w)T0?([1-9]|1[0-2])[/.-]((?:19|20)\d{{2}}){_END}"), _month_of_year),
    Rule("thứ trong tuần", re.compile(rf"(?<!\w)T([2-9]|1[0-2])(?:/((?:19|20)\d{{2}}))?{_END}"), _weekday),
)

TIMES = (
    Rule(
        "khoảng giờ",
        re.compile(rf"{_FREE}({_CLOCK}|\d{{1,2}}){_MINUTES}{_DASH}({_CLOCK}){_MINUTES}{_END}"),
        _hours_apart,
    ),
    Rule("giờ phút", re.compile(rf"{_FREE}({_CLOCK}){_MINUTES}{_END}"), _clock),
    Rule(
        "phút giây",
        re.compile(r"(?<![\w/.,'’\"-])(\d{1,3})['’′](?:\s?(\d{1,2})(?:[\"”″]|''))?(?!\w)"),
        _lasting,
    ),
)
