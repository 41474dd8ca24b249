"""Numbers of legal documents, and the letters and numbers that point into them.

The codes of kinds are those of annex III of Decree 30/2020/NĐ-CP, and the ones in common use beside them.
"""

import re
from re import Match

from tts.text.letters import NAMES, is_syllable, spell
from tts.text.numbers import ROMAN, roman, say_number
from tts.text.reading import Doubt, Rule, always
from tts.text.short_forms import SHORT_FORMS

KINDS = {
    "NĐ": "nghị định", "QĐ": "quyết định", "TT": "thông tư", "NQ": "nghị quyết", "CT": "chỉ thị", "CĐ": "công điện",
    "KH": "kế hoạch", "TB": "thông báo", "BC": "báo cáo", "TTr": "tờ trình", "CV": "công văn", "HD": "hướng dẫn",
    "QC": "quy chế", "QyĐ": "quy định", "QĐi": "quy định", "QyC": "quy chế", "TTLT": "thông tư liên tịch",
    "NQLT": "nghị quyết liên tịch", "VBHN": "văn bản hợp nhất", "PL": "pháp lệnh", "L": "lệnh", "SL": "sắc lệnh",
    "CTr": "chương trình", "ĐA": "đề án", "PA": "phương án", "GM": "giấy mời", "BB": "biên bản", "HĐ": "hợp đồng",
    "KL": "kết luận", "GUQ": "giấy ủy quyền", "TC": "thông cáo", "DA": "dự án", "GP": "giấy phép",
    "TTri": "thông tri", "QTr": "quy trình", "ĐK": "đăng ký", "CC": "chứng chỉ", "QĐXP": "quyết định xử phạt",
}  # fmt: skip

ISSUERS = {
    "CP": "Chính phủ", "TTg": "Thủ tướng Chính phủ", "TTCP": "Thanh tra Chính phủ", "CTN": "Chủ tịch nước",
    "QH": "Quốc hội", "UBTVQH": "Ủy ban Thường vụ Quốc hội", "VPQH": "Văn phòng Quốc hội",
    "VPCP": "Văn phòng Chính phủ", "TW": "Trung ương", "BCT": "Bộ Công Thương", "BCA": "Bộ Công an",
    "BQP": "Bộ Quốc phòng", "BTP": "Bộ Tư pháp", "BTC": "Bộ Tài chính", "BNV": "Bộ Nội vụ", "BNG": "Bộ Ngoại giao",
    "BYT": "Bộ Y tế", "BXD": "Bộ Xây dựng", "BGDĐT": "Bộ Giáo dục và Đào tạo", "BGTVT": "Bộ Giao thông vận tải",
    "BTTTT": "Bộ Thông tin và Truyền thông", "BKHCN": "Bộ Khoa học và Công nghệ", "BKHĐT": "Bộ Kế hoạch và Đầu tư",
    "BNNPTNT": "Bộ Nông nghiệp và Phát triển nông thôn", "BNNMT": "Bộ Nông nghiệp và Môi trường",
    "BTNMT": "Bộ Tài nguyên và Môi trường", "BLĐTBXH": "Bộ Lao động - Thương binh và Xã hội",
    "BVHTTDL": "Bộ Văn hóa, Thể thao và Du lịch", "BDTTG": "Bộ Dân tộc và Tôn giáo", "NHNN": "Ngân hàng Nhà nước",
    "KTNN": "Kiểm toán nhà nước", "TANDTC": "Tòa án nhân dân tối cao", "VKSTC": "Viện kiểm sát nhân dân tối cao",
    "VKSNDTC": "Viện kiểm sát nhân dân tối cao", "HĐTP": "Hội đồng Thẩm phán", "MTTW": "Mặt trận Trung ương",
    "HĐBCQG": "Hội đồng bầu cử quốc gia", "TLĐ": "Tổng Liên đoàn Lao động Việt Nam",
    "BTCTW": "Ban Tổ chức Trung ương", "BTGTW": "Ban Tuyên giáo Trung ương",
    "BTGDVTW": "Ban Tuyên giáo và Dân vận Trung ương", "UBKTTW": "Ủy ban Kiểm tra Trung ương",
    "VPTW": "Văn phòng Trung ương", "BCĐTW": "Ban Chỉ đạo Trung ương", "TWĐTN": "Trung ương Đoàn Thanh niên",
    "TCT": "Tổng cục Thuế", "TCHQ": "Tổng cục Hải quan", "CHQ": "Cục Hải quan", "UBDT": "Ủy ban Dân tộc",
    "UBCKNN": "Ủy ban Chứng khoán Nhà nước", "BCH": "Ban Chỉ huy", "BHXHVN": "Bảo hiểm xã hội Việt Nam",
    "TCTK": "Tổng cục Thống kê", "STP": "Sở Tư pháp", "STC": "Sở Tài chính", "SNV": "Sở Nội vụ", "SYT": "Sở Y tế",
    "SXD": "Sở Xây dựng", "SCT": "Sở Công Thương", "SGDĐT": "Sở Giáo dục và Đào tạo",
    "SNNMT": "Sở Nông nghiệp và Môi trường", "SVHTTDL": "Sở Văn hóa, Thể thao và Du lịch",
    "SKHCN": "Sở Khoa học và Công nghệ", "TU": "Tỉnh ủy", "ĐU": "Đảng ủy", "HU": "Huyện ủy", "CAX": "Công an xã",
    "CAT": "Công an tỉnh",
}  # fmt: skip

JUDGMENTS = {
    "HS": "hình sự", "HSST": "hình sự sơ thẩm", "HSPT": "hình sự phúc thẩm", "DS": "dân sự",
    "DSST": "dân sự sơ thẩm", "DSPT": "dân sự phúc thẩm", "HC": "hành chính", "HCST": "hành chính sơ thẩm",
    "LĐ": "lao động", "KDTM": "kinh doanh thương mại", "HNGĐ": "hôn nhân và gia đình", "HN": "hôn nhân",
    "ST": "sơ thẩm", "PT": "phúc thẩm", "GĐT": "giám đốc thẩm", "TT": "tái thẩm", "QĐST": "quyết định sơ thẩm",
    "QĐPT": "quyết định phúc thẩm",
}  # fmt: skip
"""Codes of the courts' papers, as the template of Resolution 01/2017/NQ-HĐTP numbers them."""

_MATTERS = {
    "XPHC": "xử phạt vi phạm hành chính", "XPVPHC": "xử phạt vi phạm hành chính", "VPHC": "vi phạm hành chính",
    "ANQP": "an ninh, quốc phòng", "KT": "kinh tế", "NC": "nội chính", "VX": "văn xã", "TH": "tổng hợp",
    "TD": "tiếp dân", "VPĐP": "Văn phòng điều phối", "KGVX": "khoa giáo, văn xã", "NĐ": "nghị định",
}  # fmt: skip
"""What a paper is about, or the desk that drafted it: it stands last and issues nothing."""

_SUFFIX = r"[A-ZĐ][A-Za-zĐđ]{0,11}\d{0,2}(?:[-/][A-ZĐ][A-Za-zĐđ&]{0,11}\d{0,2}){0,4}"
_NAMED_AFTER = re.compile(r"(?:\s*\(?ngày\s+[\d/.\- thángnăm]{1,30}\)?)?\s*,?\s*của\s")
_CALLED = (
    "luật",
    "văn bản",
    "mẫu",
    "bản án",
    "thông tri",
    "án lệ",
    "giấy",
    "đơn",
    "điều lệ",
    "quy trình",
    "chứng chỉ",
)
_DOCUMENT_BEFORE = re.compile(
    rf"(?:{'|'.join(sorted({*KINDS.values(), *_CALLED, *KINDS}, key=len, reverse=True))})"
    r"(?:\s+số)?\s*:?\s*$",
    re.IGNORECASE,
)


def _issuer(code: str) -> str | None:
    stem = code.rstrip("0123456789")
    name = ISSUERS.get(stem) or SHORT_FORMS.get(stem)
    if name is None and code[:1] in _OFFICES and (field := SHORT_FORMS.get(stem[1:])):
        name = f"{_OFFICES[code[:1]]} {field}"
    term = code[len(stem) :]
    return f"{name} khóa {say_number(int(term))}" if name and term else name


def _document(match: Match[str]) -> str | Doubt | None:
    codes = re.split("[-/]", match[4])
    if "/" not in match[0] or (len(codes) == 1 and len(codes[0]) == 1):
        return None
    said = [say_number(int(match[1]))]
    if match[2]:
        said.append(f"năm {say_number(int(match[2]))}")
    if all(code in JUDGMENTS for code in codes):
        return " ".join(said + [JUDGMENTS[code] for code in codes])
    of = "của"
    before = match.string[max(0, match.start() - 100) : match.start()]
    if codes[0] in KINDS:
        kind = KINDS[codes.pop(0)]
        if kind not in before.lower() and not _DOCUMENT_BEFORE.search(before):
            said.append(kind)
            of = ""
    about = [_MATTERS[codes.pop()]] if codes and codes[-1] in _MATTERS else []
    issuers = [(code, _issuer(code)) for code in codes]
    if all(name for _, name in issuers):
        if issuers and not _NAMED_AFTER.match(match.string, match.end()):
            issues = codes[0] not in SHORT_FORMS or codes[0].rstrip("0123456789") in _BODIES
            said += [of if issues else "", ", ".join(name for _, name in issuers if name)]
        return " ".join(filter(None, said + about))
    said += [name or spell(code) for code, name in issuers] + about
    strange = ", ".join(code for code, name in issuers if not name)
    return Doubt(
        " ".join(said), f"Không rõ cơ quan ký hiệu «{strange}»; hãy viết đầy đủ tên cơ quan ban hành."
    )


_OFFICES = {"B": "Bộ", "S": "Sở", "P": "Phòng"}
_BODIES = {*ISSUERS, "UBND", "HĐND", "MTTQ", "UBMTTQ", "TAND", "VKSND", "BCĐ", "BCH", "CA", "BCHQS"}


def _standard(match: Match[str]) -> str:
    """«TCVN 9001-2:2015»: number, part, year, and who issued it."""
    part = f" phần {say_number(int(match[2]))}" if match[2] else ""
    issuer = _issuer(match[4]) if match[4] else None
    by = f" của {issuer}" if issuer else f" {spell(match[4] or '')}".rstrip()
    return f"{say_number(int(match[1]))}{part} năm {say_number(int(match[3]))}{by}"


def _point(match: Match[str]) -> str:
    """«điểm a, b và d»: the letters of a law by their names."""
    return re.sub(r"(?<!\w)[a-zđ](?!\w)", lambda letter: NAMES[letter[0]], match[0])


def _roman_after_its_noun(match: Match[str]) -> str | None:
    if match[2] == "L":
        return None  # a group or a class named by its letter
    number = roman(match[2])
    ordinal = {1: "nhất", 4: "tư"}.get(number) if match[1].lower() == "thứ" else None
    return f"{match[1]} {ordinal or say_number(number)}"


def _lone_roman(match: Match[str]) -> str | None:
    return None if is_syllable(match[0]) else say_number(roman(match[0]))


_YEAR_OF_A_LAW = re.compile(
    r"(?:bổ sung|sửa đổi|\bbs|\bsđ|Hiến pháp|\bBL[A-ZĐ]{1,4}"
    r"|(?:\b[Ll]uật|Pháp lệnh|\bLuật [A-ZĐ]{2,6})(?:,?\s[^\W\d]{1,10}){0,10})\s$"
)


def _year_of_a_law(match: Match[str]) -> str | None:
    before = match.string[max(0, match.start() - 80) : match.start()]
    named = before.endswith("năm ") or not _YEAR_OF_A_LAW.search(before)
    return None if named else f"năm {say_number(int(match[0]))}"


def _number_of_year(match: Match[str]) -> str:
    return f"{say_number(int(match[1]))} năm {say_number(int(match[2]))}"


_HEADS = (
    "[Cc]hương|CHƯƠNG|[Pp]hần|PHẦN|[Mm]ục|MỤC|[Kk]h[óo][aá]|KHÓA|[Tt]hứ|[Tt]hế kỷ|[Đđ]ại hội|ĐẠI HỘI"
    "|[Pp]hụ lục|PHỤ LỤC|[Kk]ỳ|[Hh]ạng|[Ll]oại|[Cc]ấp|[Bb]ảng|[Bb]iểu|[Đđ]ợt|[Gg]iai đoạn|[Tt]ập|[Nn]hóm"
    "|[Vv]ùng|[Qq]uyển|báo động|cấp độ|mức|bậc|vòng|tuyến|độ|[Hh]ọc kỳ|[Ll]ớp|[Bb]áo động|[Tt]iết"
)

DOCUMENTS = (
    Rule(
        "số văn bản",
        re.compile(rf"(?<![\w/.-])(\d{{1,6}})(?:/((?:19|20)\d{{2}}))?([/-])({_SUFFIX})(?![\w])"),
        _document,
    ),
    Rule(
        "số tiêu chuẩn",
        re.compile(
            r"(?:(?<=TCVN )|(?<=QCVN )|(?<=TCCS )|(?<=ISO )|(?<=IEC ))(\d{1,5})(?:-(\d{1,3}))?:((?:19|20)\d{2})"
            r"(?:/([A-ZĐ]{2,10}))?(?![\w/])"
        ),
        _standard,
    ),
)

POINTS = (
    Rule("điều viết tắt", re.compile(r"(?<![\w.])Đ\.\s?(?=\d)"), always("điều")),
    Rule(
        "điểm của khoản",
        re.compile(r"(?<=[Đđ]iểm )[a-zđ](?!\w)(?:\s?(?:,|và|hoặc|đến|,\s?điểm)\s?[a-zđ](?![\w/])){0,25}"),
        _point,
    ),
)

YEARS_AND_NUMERALS = (
    Rule(
        "năm của luật",
        re.compile(
            r"(?<=\s)(?:19|20)\d{2}(?=\s*(?:[,.;:()\n]|$|và\b|của\b|thì\b|quy định|được|đã|về|nghiêm))"
        ),
        _year_of_a_law,
    ),
    Rule("số của năm", re.compile(r"(?<=số )(\d{1,6})/((?:19|20)\d{2})(?![\w/-]|[.,]\d)"), _number_of_year),
    Rule("số La Mã", re.compile(rf"\b({_HEADS})\s({ROMAN})(?!\w)"), _roman_after_its_noun),
    Rule("số La Mã", re.compile(r"(?<![\w.-])(?=[XVI]{2,6}(?!\w|[.-]\w))" + ROMAN + r"(?!\w)"), _lone_roman),
)
