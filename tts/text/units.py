"""Numbers with what they count: measures, money, percentages, ranges and fractions."""

import re
from re import Match

from tts.text.numbers import NUMBER, say_digits, say_number, say_written
from tts.text.reading import Rule, always

UNITS = {
    "mg": "mi li gam", "μg": "mi crô gam", "g": "gam", "kg": "ki lô gam", "ml": "mi li lít", "mL": "mi li lít",
    "l": "lít", "L": "lít", "km": "ki lô mét", "m": "mét", "cm": "xăng ti mét", "mm": "mi li mét", "dm": "đề xi mét",
    "m2": "mét vuông", "m²": "mét vuông", "m3": "mét khối", "m³": "mét khối", "km2": "ki lô mét vuông",
    "km²": "ki lô mét vuông", "cm2": "xăng ti mét vuông", "cm²": "xăng ti mét vuông", "cm3": "xăng ti mét khối",
    "cm³": "xăng ti mét khối", "ha": "héc ta", "Ha": "héc ta", "h": "giờ", "s": "giây", "°C": "độ xê", "ºC": "độ xê",
    "oC": "độ xê", "°": "độ", "º": "độ", "dB": "đề xi ben", "dBA": "đề xi ben", "kW": "ki lô oát", "W": "oát",
    "kWh": "ki lô oát giờ", "mAh": "mi li am pe giờ", "MPa": "mê ga pát can", "kPa": "ki lô pát can",
    "Pa": "pát can", "Wh": "oát giờ", "°N": "độ vĩ bắc", "°E": "độ kinh đông", "°S": "độ vĩ nam",
    "°W": "độ kinh tây", "°B": "độ vĩ bắc", "°Đ": "độ kinh đông", "mmHg": "mi li mét thủy ngân",
    "hPa": "héc tô pát can", "MW": "mê ga oát", "MWh": "mê ga oát giờ", "kVA": "ki lô vôn am pe",
    "tr.đ": "triệu đồng", "tr.đồng": "triệu đồng", "trđồng": "triệu đồng", "tỷđ": "tỷ đồng", "tỉđ": "tỷ đồng",
    "kcal": "ki lô ca lo", "ppm": "pê pê mờ", "m³/giây": "mét khối trên giây", "m3/giây": "mét khối trên giây",
    "m/giây": "mét trên giây", "l/s": "lít trên giây", "TB": "tê ra bai", "KB": "ki lô bai",
    "Mbps": "mê ga bít trên giây", "kV": "ki lô vôn", "V": "vôn", "CV": "mã lực", "HP": "mã lực", "Hz": "héc",
    "MHz": "mê ga héc", "GB": "gi ga bai", "MB": "mê ga bai", "%": "phần trăm", "‰": "phần nghìn", "đ": "đồng",
    "₫": "đồng", "vnđ": "đồng", "VNĐ": "đồng", "VND": "đồng", "USD": "đô la Mỹ", "$": "đô la", "EUR": "ơ rô",
    "€": "ơ rô", "tr": "triệu", "trđ": "triệu đồng", "k": "nghìn", "km/h": "ki lô mét trên giờ",
    "km/giờ": "ki lô mét trên giờ", "m/s": "mét trên giây", "m3/s": "mét khối trên giây",
    "m³/s": "mét khối trên giây",
}  # fmt: skip

_WORDS = (
    "miligam|mililít|kilôgam|kilômét|đồng|tấn|tạ|yến|lít|mét|gam|giờ|ngày|tuần|tháng|quý|năm|người|lần|vụ"
    "|hộ|khẩu|suất|đối tượng|học sinh|trường hợp|tổ chức|cá nhân|công|kW|chuyến|con|cây|sào|công đất|chiếc"
    "|phương tiện|xe|buổi|ca|tiết|kỳ|khóa|lượt|mâm|phòng|thùng|bao|chai|hộp|cái|cuốn|tờ|bộ|đầu|cặp|ký|kí"
    "|lượng|chỉ|bình|cá thể|sản phẩm|vé|kiện|kWh|HS|SV|đêm|phút|giây|tuần lễ"
)
_SPELLED = {
    "HS": "học sinh",
    "SV": "sinh viên",
    "kWh": "ki lô oát giờ",
    "kW": "ki lô oát",
    "miligam": "mi li gam",
    "mililít": "mi li lít",
    "kilôgam": "ki lô gam",
    "kilômét": "ki lô mét",
}
_SYMBOLS = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_SCALE = r"(?:trăm|nghìn|ngàn|triệu|tỷ|tỉ)"
_DASH = r"\s?[-–—÷]\s?"
_FREE = r"(?<![\w.,/-])"


def _then(step: str) -> str:
    return rf"(?:/(?:(?P<{step}n>{NUMBER})\s?)?(?P<{step}u>{_SYMBOLS}|{_WORDS})(?![\w²³]))?"


_MEASURE = re.compile(
    rf"(?<!\w)(?P<minus>[-−](?=\d))?(?<![\d.,/])(?P<lo>{NUMBER})(?:\s?(?P<los>%|‰|tr))?(?:{_DASH}(?P<hi>{NUMBER}))?"
    rf"(?:\s?(?P<unit>{_SYMBOLS})(?![\w²³])|\s(?P<word>{_SCALE}(?:\sđồng|đ)?|{_WORDS})(?=/(?:{_WORDS}|{_SYMBOLS}|\d)))"
    rf"{_then('a')}{_then('b')}"
)
_CONCENTRATIONS = {"mg", "g", "μg", "ml", "mL", "km", "m", "m3", "m³", "miligam", "mililít", "dB"}


def _thousands(match: Match[str]) -> str:
    """«350,000 đồng», «30 000 đồng»: a dong has no thousandths, so comma and space part thousands."""
    return say_number(int(re.sub(r"\D", "", match[0])))


def _size(match: Match[str]) -> str:
    sides = [say_written(side) for side in re.split(r"\s?[x×X*]\s?", match[1])]
    return " ".join(filter(None, (" nhân ".join(sides), _unit(match[2]) if match[2] else "")))


_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def _power(match: Match[str]) -> str:
    minus = "âm " if match[2] else ""
    power = say_number(int(match[3].translate(_RAISED)))
    return " ".join(
        filter(None, (say_number(int(match[1])), "mũ", minus + power, _unit(match[4]) if match[4] else ""))
    )


def _unit(written: str) -> str:
    return UNITS.get(written) or _SPELLED.get(written, written)


def _measure(match: Match[str]) -> str | None:
    parts = match.groupdict()
    first = parts["unit"] or parts["word"]
    # «5 g» is five grams, «5G» a network; «điểm 5 đ» never comes alone: a dong has at least two digits.
    if first in ("đ", "k") and len(parts["lo"]) < 2:
        return None
    said = [
        "âm" if parts["minus"] else "",
        say_written(parts["lo"]),
        _unit(parts["los"]) if parts["los"] and parts["los"] != first else "",
        f"đến {say_written(parts['hi'])}" if parts["hi"] else "",
        _unit(first),
    ]
    for step in "ab":
        if parts[f"{step}u"]:
            number = parts[f"{step}n"]
            link = "trên" if number or first in _CONCENTRATIONS else "một"
            said += [link, say_written(number) if number else "", _unit(parts[f"{step}u"])]
    return " ".join(filter(None, said))


def _scaled(match: Match[str]) -> str:
    """«2,5 triệu đồng», «74,5 tỷ đ»: the number alone; its scale stands in words."""
    return say_written(match[0])


def _range(match: Match[str]) -> str:
    return f"{say_written(match[1])} đến {say_written(match[2])}"


_COUNTED = re.compile(
    r"\s+(?:ấp|khóm|thôn|bản|buôn|xã|phường|đặc khu|tỉnh|huyện|trường|chi bộ|chi hội|tổ|tiêu chí|chỉ tiêu|nhiệm vụ"
    r"|hồ sơ|điểm trường|cụm|tuyến|công trình|mô hình|cơ quan|trạm)\b"
)


def _fraction(match: Match[str]) -> str | None:
    """«3/4 số hộ» is a part, «9/10 ấp» a count, «số 12/4» a house."""
    over, under = int(match[1]), int(match[2])
    before = match.string[max(0, match.start() - 25) : match.start()]
    if re.search(r"(?:\bsố|nhà|hẻm|ngõ|ngách|kiệt|tổ)\s+$", before, re.IGNORECASE):
        return f"{say_number(over)} xuyệt {say_number(under)}"
    counted = _COUNTED.match(match.string, match.end()) or re.search(r"thứ\s+$", before)
    if 0 < over < under <= 10 and not counted:
        return f"{say_number(over)} phần {'tư' if under == 4 else say_number(under)}"
    return f"{say_number(over)} trên {say_number(under)}"


def _ratio(match: Match[str]) -> str:
    return f"{say_number(int(match[1]))} trên {say_number(int(match[2]))} {_unit(match[3])}"


def _money(match: Match[str]) -> str:
    return UNITS[match[0]]


_COUNTS_TIME = {"ngày", "tháng", "năm", "tuần", "quý", "giờ", "vụ", "lần"}


def _each(match: Match[str]) -> str | None:
    """«120 kg phân/ha», «thu nhập 5 triệu đồng mỗi người/tháng»; «ngày/tháng/năm» of a form is no rate."""
    before = match.string[max(0, match.start() - 40) : match.start()]
    rate = re.search(r"[\d\ue000][^.;\n/]*$", before)
    return f"{match[1]} một {_unit(match[2])}" if rate and match[1].lower() not in _COUNTS_TIME else None


def _ordinal(match: Match[str]) -> str | None:
    number = int(match[0])
    return {1: "nhất", 4: "tư"}.get(number)


def _weekdays(match: Match[str]) -> str:
    """«các ngày thứ 2, 4, 6»: the fourth of them is «thứ tư» too."""
    return re.sub(r"\d", lambda day: "tư" if day[0] == "4" else say_number(int(day[0])), match[0])


def _long(match: Match[str]) -> str | None:
    """Twelve digits in a row, or four that begin with nought, name something: they are not a quantity."""
    digits = match[0]
    return say_digits(digits) if len(digits) >= 9 or (len(digits) > 3 and digits[0] == "0") else None


def _dotted(match: Match[str]) -> str:
    return " chấm ".join(say_number(int(part)) for part in match[0].split("."))


def _number(match: Match[str]) -> str:
    return say_written(match[0])


MEASURES = (
    Rule(
        "tiền",
        re.compile(r"(?<![\w.,/-])\d{1,3}(?:[, \u00a0]\d{3}){1,4}(?=\s?(?:đồng|đ|VNĐ|VND|vnđ)(?!\w))"),
        _thousands,
    ),
    Rule(
        "kích thước",
        re.compile(
            rf"(?<![\w.,/-])({NUMBER}(?:\s?[x×X*]\s?{NUMBER}){{1,2}})(?:\s?({_SYMBOLS}))?(?![\w²³/]|[.,]\d)"
        ),
        _size,
    ),
    Rule(
        "số mũ",
        re.compile(rf"(?<![\w.,/-])(\d{{1,6}})(⁻)?([⁰¹²³⁴-⁹]{{1,3}})(?:\s?({_SYMBOLS})(?![\w²³/]))?"),
        _power,
    ),
    Rule("số đo, tiền", _MEASURE, _measure),
)

MONEY = (
    Rule("tỷ lệ", re.compile(r"(?<![\w/.,])(\d{1,4})/(\d{1,4})\s?(mmHg|h|giờ)(?![\w/])"), _ratio),
    Rule(
        "tiền",
        re.compile(
            r"(?:(?<=triệu )|(?<=nghìn )|(?<=ngàn )|(?<=trăm )|(?<=tỷ )|(?<=tỉ )|(?<=triệu)|(?<=tỷ))"
            r"(?:VNĐ|VND|vnđ|USD|EUR|đ)(?!\w)"
        ),
        _money,
    ),
    Rule("số lượng lớn", re.compile(rf"{_FREE}{NUMBER}(?=\s{_SCALE}(?!\w))"), _scaled),
)

RANGES = (
    Rule("khoảng số", re.compile(rf"{_FREE}({NUMBER}){_DASH}({NUMBER})(?![\w/-]|[.,]\d)"), _range),
    Rule(
        "khoảng số mở",
        re.compile(r"(?<=\d)\s?[-–—]\s?(?=(?:dưới|trên|hơn|gần|không quá)\s\d)"),
        always("đến"),
    ),
)

FRACTIONS = (
    Rule("phân số", re.compile(r"(?<![\w/.,])(\d{1,6})/(\d{1,6})(?!\w|[/.,]\d)"), _fraction),
    Rule(
        "mỗi",
        re.compile(
            r"(?<![\w/])([^\W\d_]{2,10})/(ha|người|tháng|năm|ngày|vụ|lần|km|kg|m2|m²|lít|giờ|tuần|quý|công)(?![\w/])"
        ),
        _each,
    ),
)

NUMBERS = (
    Rule("các thứ", re.compile(r"(?<=thứ )[2-7](?:(?:,\s?|,? và )[2-7]){1,5}(?![\w/]|[.,]\d)"), _weekdays),
    Rule("thứ tự", re.compile(r"(?:(?<=\b[Tt]hứ )|(?<=\bTHỨ ))0?[14](?![\w/]|[.,]\d)"), _ordinal),
    Rule("dãy số", re.compile(r"(?<![\w.,])\d{4,40}(?!\w|,\d)"), _long),
    Rule("số mục", re.compile(r"(?<![\w.,])\d{1,4}(?:\.\d{1,2}){1,4}(?![\w]|[.,]\d)"), _dotted),
    Rule("số", re.compile(rf"(?<!\w){NUMBER}(?!\w)"), _number),
)
