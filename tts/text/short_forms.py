"""Abbreviations of administrative writing, as they are spoken. Case matters; the longest is tried first."""

import re
from re import Match, Pattern
from typing import NamedTuple

from tts.text.forms.ambiguous import AMBIGUOUS
from tts.text.forms.bodies import BODIES
from tts.text.forms.foreign import FOREIGN
from tts.text.forms.land import LAND
from tts.text.forms.law import LAW
from tts.text.forms.life import LIFE
from tts.text.forms.people import PEOPLE
from tts.text.letters import is_syllable
from tts.text.reading import Doubt, Rule

SHORT_FORMS = FOREIGN | BODIES | LAW | LIFE | LAND | PEOPLE
"""Written form to spoken form. Proper names keep their capitals; the reading is lowered at the end."""


class _Context(NamedTuple):
    """The same letters stand for something else beside these words."""

    form: str
    before: Pattern[str] | None
    after: Pattern[str] | None
    spoken: str

    def fits(self, match: Match[str]) -> bool:
        start, end = match.span()
        if self.before and not self.before.search(match.string[max(0, start - 30) : start]):
            return False
        return self.after is None or self.after.match(match.string, end) is not None


def _after(form: str, words: str, spoken: str) -> _Context:
    return _Context(form, None, re.compile(words), spoken)


def _following(form: str, words: str, spoken: str) -> _Context:
    return _Context(form, re.compile(rf"(?:{words})\s$"), None, spoken)


_NUMBER = r"\s+(?:số\s+)?[\d\ue000]"
_NAME = r"\s?[A-ZĐ][a-zà-ỹ]{1,6}"
_OFFICES = (
    "Kinh tế|Văn hóa|Nội vụ|Tư pháp|Tài chính|Giáo dục|GD|Hạ tầng|Lao động|LĐ|Tổ chức|Hành chính|Kế toán|Kế hoạch"
    "|Quản lý|Tài nguyên|Nông nghiệp|Công chứng|Y tế|Dân tộc|Thanh tra|Cảnh sát|CS|Đào tạo|Khám|Tham mưu|Tổng hợp"
    "|Công nghệ|Kỹ thuật"
)
_IN_CONTEXT = (
    _after("BCH", r"\s+(?:Đảng|Đoàn|Hội|Trung ương|TW|TƯ|Công đoàn|CĐ|chi bộ|Chi)", "Ban Chấp hành"),
    _following("BCH", "bầu|vào|[Ủủ]y viên|[Uu]ỷ viên|UV|[Hh]ội nghị|nhiệm kỳ", "Ban Chấp hành"),
    _after(
        "BCH",
        r"\s+(?:PCTT|PTDS|PCCC|[Pp]hòng|QS|[Qq]uân sự|[Tt]hống nhất|[Cc]hiến dịch|[Cc]ông trường|[Ứứ]ng phó)",
        "Ban Chỉ huy",
    ),
    _after("BTC", r"-", "Bộ Tài chính"),
    _following("TT", "[Tt]heo|[Cc]ăn cứ|các", "thông tư"),
    _after("TT", _NUMBER, "thông tư"),
    _after(
        "TT",
        r"\s+(?:[Yy] tế|[Vv]ăn|[Gg]iáo|[Hh]ọc|HTCĐ|GD|[Bb]ảo trợ|[Dd]ịch vụ|DV|[Kk]huyến|[Hh]ành chính|[Pp]hục vụ|PV"
        r"|VH|KSBT)",
        "trung tâm",
    ),
    _after("TT", r"\s+[A-ZĐ][a-zà-ỹ]", "thị trấn"),
    _following("TB", "điểm|mức|hạng|loại|hộ", "trung bình"),
    _after("TB", _NUMBER, "thông báo"),
    _following("CĐ", "BCH|Ban Chấp hành|Chủ tịch|CT|đoàn viên|cán bộ", "công đoàn"),
    _after("CĐ", _NUMBER, "công điện"),
    _following("CĐ", "ĐH,|ĐH|đại học,?|trường|hệ", "cao đẳng"),
    _after(
        "CT", r"\s+(?:UBND|HĐND|HĐQT|HĐTV|MTTQ|UBMTTQ|Ủy ban|Hội|HĐ|CĐ|Công đoàn|nước|xã|phường)", "chủ tịch"
    ),
    _after("CT", r"\s+(?:MTQG|mục tiêu|OCOP)", "chương trình"),
    _after("CT", r"\s+(?:TNHH|CP|[Cc]ổ phần)", "công ty"),
    _after("CT", _NUMBER, "chỉ thị"),
    _following("CP", "[Cc]ông ty|CÔNG TY|C[Tt]y|CT|Ngân hàng|NH|TM", "cổ phần"),
    _following("ND", "[Hh]ội|HỘI|hội viên", "nông dân"),
    _following("ND", "[Bb]áo|HĐ|UB|[Tt]òa án|nghệ sĩ", "nhân dân"),
    _following("TN", "Đoàn|ĐOÀN|đoàn viên|ĐV|[Ll]ực lượng", "thanh niên"),
    _following("PN", "[Hh]ội|HỘI|LH|hội viên|chị em", "phụ nữ"),
    _after("SN", r"\s?:?\s?[\d\ue000]", "sinh năm"),
    _after("NS", r"\s?:?\s?(?:19|20)\d\d", "năm sinh"),
    _after("P.", rf"\s?(?:{_OFFICES})", "phòng"),
    _after("P.", r"\s?(?:\d|[A-ZĐ][a-zà-ỹ])", "phường"),
    _after("Q.", r"\s?\d", "quận"),
    _after("Q.", rf"(?!\s?(?:Chủ|Giám|Trưởng|Bí|Viện|Hiệu|Chánh|Vụ|Tổng|Cục|Phó)){_NAME}", "quận"),
    _after("H.", _NAME, "huyện"),
    _after("X.", _NAME, "xã"),
    _after("BS", r"\s?:?\s?\ue000", "biển số"),
    _after("BKS", r"", "biển kiểm soát"),
    _after("DT", r"\s?:?=?\s?[\d\ue000]", "diện tích"),
    _following("DT", "đồng bào|người|công tác|Ban|chính sách", "dân tộc"),
    _following("CN", "Agribank|[Nn]gân hàng|NH|Bank|CSXH", "chi nhánh"),
    _following(
        "CN", "T7,|T7|[Tt]hứ bảy,?|[Tt]hứ 7,?|[Ss]áng|[Cc]hiều|[Tt]ối|[Nn]gày|và|trừ|nghỉ|-|–", "chủ nhật"
    ),
    _following("CN", r"[\d\ue000]|tuyển|nữ|nam", "công nhân"),
    _after("CN", r"\s+(?:may|lao động|kỹ thuật|vệ sinh)", "công nhân"),
    _after("CN", r"(?=\s*[),.;\n]|\s*$)", "chủ nhật"),
    _after("CN", r"\s+[A-ZĐ][a-zà-ỹ]{1,6}\s[A-ZĐ]", "cử nhân"),
    _after("QL", r"\s?[\d\ue000]", "quốc lộ"),
    _after("HĐ", r"\s+(?:lao động|số|mua|thuê|xây|dịch vụ|thi công|kinh tế)", "hợp đồng"),
    _after("HĐ", r"\s+(?:điện tử|GTGT|bán hàng|VAT)", "hóa đơn"),
    _after(
        "HĐ", r"\s+(?:thẩm|tư vấn|nghĩa vụ|NVQS|bầu|thi|xét|kỷ luật|hòa giải|trường|[Đđ]ội|giám)", "hội đồng"
    ),
    _following("HĐ", "[Kk]ý|[Tt]heo|ký kết|bản", "hợp đồng"),
    _following("ĐK", "[Bb]ệnh viện|BV|[Pp]hòng khám", "đa khoa"),
    _after("ĐK", r"\s+(?:xe|kinh doanh|kết hôn|khai|tạm trú|thường trú|nghĩa vụ|NVQS|doanh)", "đăng ký"),
    _following("BP", "[Đđ]ồn|ĐỒN|[Tt]rạm|[Bb]ộ đội|[Ll]ực lượng|chiến sĩ|Công an,", "biên phòng"),
    _following("HC", "[Gg]iờ|[Tt]hủ tục|tổ chức|vi phạm|[Vv]ăn phòng", "hành chính"),
    _following(
        "TU", "[Bb]í thư|[Tt]hường trực|[Tt]hường vụ|BTV|[Vv]ăn phòng|VP|BT|PBT|[Ủủ]y viên", "Tỉnh ủy"
    ),
    _after("ĐT", r"\s+(?:Việt Nam|VN|nữ|nam|U\d\d|bóng|quốc gia)", "đội tuyển"),
    _following("TTND", "[Bb]an|[Hh]oạt động|[Tt]rưởng ban", "thanh tra nhân dân"),
    _following("TTĐT", "ATGT,", "trật tự đô thị"),
    _after("BP", r"\s+(?:một cửa|tiếp nhận|TN)", "bộ phận"),
    _following("NN", "[Ss]ở|[Bb]ộ|sản xuất|đất|HTX|ngành", "nông nghiệp"),
    _following("MN", "[Tt]rường|TRƯỜNG|lớp", "mầm non"),
    _following("TH", "[Tt]rường|TRƯỜNG|cấp", "tiểu học"),
    _following("TC", "[Bb]ộ|[Ss]ở|ngành", "tài chính"),
    _following("KN", "cán bộ|[Tt]rung tâm|TT|[Tt]rạm", "khuyến nông"),
    _following("CV", "theo|[Cc]ăn cứ|các", "công văn"),
    _after("CV", _NUMBER, "công văn"),
    _following("THA", "bệnh|mắc|bị|điều trị", "tăng huyết áp"),
    _following("ĐB", "[Cc]ác|vị|[Bb]ầu|HĐND|QH", "đại biểu"),
    _following("ĐV", "[Cc]án bộ|CB|các|kết nạp", "đảng viên"),
    _following("HN", "hộ|[Cc]huẩn", "hộ nghèo"),
    _following("TX", "GD|giáo dục", "thường xuyên"),
    _after("TX", _NAME, "thị xã"),
    _following("TTĐT", "[Đđ]ội|[Qq]uản lý|[Gg]iữ gìn|[Ll]ập lại|QL", "trật tự đô thị"),
    _following("KH", "[Tt]heo|[Cc]ăn cứ|[Tt]hực hiện", "kế hoạch"),
    _after("KH", _NUMBER, "kế hoạch"),
    _after("BC", _NUMBER, "báo cáo"),
)

_NEIGHBOUR = re.compile(r"[^\W\d_]{2,7}")


def _shouted(match: Match[str]) -> bool:
    """Tell whether a form that is also a syllable («CA», «AI») stands among words in capitals."""
    around = match.string[max(0, match.start() - 9) : match.start()].rsplit("\n", 1)[-1]
    after = match.string[match.end() : match.end() + 9].split("\n", 1)[0]
    words = _NEIGHBOUR.findall(around)[-1:] + _NEIGHBOUR.findall(after)[:1]
    return any(word.isupper() and is_syllable(word) and word not in SHORT_FORMS for word in words)


def _spoken(match: Match[str]) -> str | Doubt | None:
    form = match[0]
    for context in _IN_CONTEXT:
        if form == context.form and context.fits(match):
            return context.spoken
    if form in AMBIGUOUS:
        guess, others = AMBIGUOUS[form]
        return Doubt(
            guess, f"Đọc «{form}» là «{guess}», cũng có thể là {others}; nếu không đúng, hãy sửa cách đọc."
        )
    if form not in SHORT_FORMS or (form.isupper() and is_syllable(form) and _shouted(match)):
        return None
    return SHORT_FORMS[form]


_FORMS = sorted({*SHORT_FORMS, *AMBIGUOUS, *(each.form for each in _IN_CONTEXT)}, key=len, reverse=True)

ABBREVIATIONS = (
    Rule(
        "viết tắt",
        re.compile(
            rf"(?<![\w&])(?<!\d/)(?=[A-ZƯĐđsbvktnp])(?:{'|'.join(map(re.escape, _FORMS))})(?:(?<=[.:])|(?![\w&]))"
            r"(?!/[a-z])"
        ),
        _spoken,
    ),
)
