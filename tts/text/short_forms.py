"""Abbreviations of administrative writing, as they are spoken. Case matters; the longest is tried first."""

import re
from re import Match

from tts.text.letters import is_syllable
from tts.text.reading import Rule

SHORT_FORMS = {
    # bodies of the state, the Party and the front
    "UBND": "Ủy ban nhân dân", "HĐND": "Hội đồng nhân dân", "UBMTTQ": "Ủy ban Mặt trận Tổ quốc",
    "UBMTTQVN": "Ủy ban Mặt trận Tổ quốc Việt Nam", "MTTQ": "Mặt trận Tổ quốc",
    "MTTQVN": "Mặt trận Tổ quốc Việt Nam",
    "TAND": "Tòa án nhân dân", "TANDTC": "Tòa án nhân dân tối cao", "VKSND": "Viện kiểm sát nhân dân",
    "VKS": "Viện kiểm sát", "CSĐT": "Cảnh sát điều tra", "CSGT": "Cảnh sát giao thông", "CA": "Công an",
    "BCA": "Bộ Công an", "QH": "Quốc hội", "UBTVQH": "Ủy ban Thường vụ Quốc hội", "ĐBQH": "đại biểu Quốc hội",
    "TW": "Trung ương", "TƯ": "Trung ương", "BCĐ": "Ban Chỉ đạo", "BCHQS": "Ban Chỉ huy Quân sự",
    "BTV": "Ban Thường vụ",
    "CHQS": "Chỉ huy Quân sự", "BCH": "Ban Chỉ huy", "BQL": "Ban quản lý", "BTC": "Ban tổ chức",
    "HTX": "hợp tác xã",
    "LHPN": "Liên hiệp Phụ nữ", "HLHPN": "Hội Liên hiệp Phụ nữ", "CCB": "Cựu chiến binh",
    "TNCS": "Thanh niên Cộng sản",
    "CP": "Chính phủ", "TTg": "Thủ tướng Chính phủ", "VPCP": "Văn phòng Chính phủ", "VPQH": "Văn phòng Quốc hội",
    "TNMT": "Tài nguyên và Môi trường", "NNMT": "Nông nghiệp và Môi trường", "GDĐT": "Giáo dục và Đào tạo",
    "GD&ĐT": "Giáo dục và Đào tạo", "GD-ĐT": "Giáo dục và Đào tạo", "LĐTBXH": "Lao động, Thương binh và Xã hội",
    "LĐTB&XH": "Lao động, Thương binh và Xã hội", "LĐ-TB&XH": "Lao động, Thương binh và Xã hội",
    "TT&TT": "Thông tin và Truyền thông", "TTTT": "Thông tin và Truyền thông",
    "NN&PTNT": "Nông nghiệp và Phát triển nông thôn",
    "NN&MT": "Nông nghiệp và Môi trường", "TN&MT": "Tài nguyên và Môi trường", "KH&CN": "Khoa học và Công nghệ",
    "KH&ĐT": "Kế hoạch và Đầu tư", "VHTTDL": "Văn hóa, Thể thao và Du lịch", "VH-TT": "Văn hóa, Thể thao",
    "VHTT": "Văn hóa, Thể thao", "GTVT": "Giao thông vận tải", "VP": "Văn phòng", "VT": "Văn thư",
    "XHCN": "xã hội chủ nghĩa",
    # law
    "PBGDPL": "phổ biến, giáo dục pháp luật", "TGPL": "trợ giúp pháp lý", "VBQPPL": "văn bản quy phạm pháp luật",
    "QPPL": "quy phạm pháp luật", "VPPL": "vi phạm pháp luật", "VPHC": "vi phạm hành chính",
    "XPVPHC": "xử phạt vi phạm hành chính", "XLVPHC": "xử lý vi phạm hành chính", "BLHS": "Bộ luật Hình sự",
    "BLDS": "Bộ luật Dân sự", "BLTTHS": "Bộ luật Tố tụng hình sự", "BLTTDS": "Bộ luật Tố tụng dân sự",
    "BLLĐ": "Bộ luật Lao động", "NĐ": "nghị định", "QĐ": "quyết định", "NQ": "nghị quyết", "CT": "chỉ thị",
    "TTLT": "thông tư liên tịch", "KH": "kế hoạch", "TTHC": "thủ tục hành chính", "CCHC": "cải cách hành chính",
    "DVC": "dịch vụ công", "DVCTT": "dịch vụ công trực tuyến", "HNGĐ": "hôn nhân và gia đình", "sđ": "sửa đổi",
    "bs": "bổ sung", "SĐBS": "sửa đổi, bổ sung", "SHTT": "sở hữu trí tuệ", "QSDĐ": "quyền sử dụng đất",
    "GCN": "giấy chứng nhận", "GCNQSDĐ": "giấy chứng nhận quyền sử dụng đất", "KNTC": "khiếu nại, tố cáo",
    "PCTN": "phòng, chống tham nhũng", "BLGĐ": "bạo lực gia đình", "PCTP": "phòng, chống tội phạm",
    "PCMT": "phòng, chống ma túy", "TNXH": "tệ nạn xã hội", "TP": "thành phố", "TP.": "thành phố",
    "Tp.": "thành phố", "Tp": "thành phố", "tp": "thành phố", "tp.": "thành phố",
    "HCM": "Hồ Chí Minh", "TPHCM": "thành phố Hồ Chí Minh", "TX": "thị xã",
    "TX.": "thị xã", "TT.": "thị trấn", "TTr": "tờ trình",
    # papers and people
    "CCCD": "căn cước công dân", "CMND": "chứng minh nhân dân", "GPLX": "giấy phép lái xe",
    "GPKD": "giấy phép kinh doanh",
    "GPXD": "giấy phép xây dựng", "ĐKKD": "đăng ký kinh doanh", "BHYT": "bảo hiểm y tế", "BHXH": "bảo hiểm xã hội",
    "BHTN": "bảo hiểm thất nghiệp", "GTGT": "giá trị gia tăng", "TNCN": "thu nhập cá nhân",
    "TNDN": "thu nhập doanh nghiệp", "NVQS": "nghĩa vụ quân sự", "KSK": "khám sức khỏe",
    "CBCC": "cán bộ, công chức",
    "CBCCVC": "cán bộ, công chức, viên chức", "VNeID": "vê nờ e i đê", "OTP": "ô tê pê", "SĐT": "số điện thoại",
    "SDT": "số điện thoại", "ĐT": "điện thoại", "ĐTDĐ": "điện thoại di động", "đt": "điện thoại",
    "TTĐT": "thông tin điện tử",
    "TTDT": "thông tin điện tử", "CNTT": "công nghệ thông tin", "CĐS": "chuyển đổi số", "AI": "ây ai",
    "TNGT": "tai nạn giao thông", "ATGT": "an toàn giao thông", "TTATGT": "trật tự, an toàn giao thông",
    "TTATXH": "trật tự, an toàn xã hội", "ANTT": "an ninh trật tự", "ANTQ": "an ninh Tổ quốc",
    "ANQP": "an ninh, quốc phòng",
    "QPAN": "quốc phòng, an ninh", "QP-AN": "quốc phòng, an ninh", "ANCT": "an ninh chính trị",
    "PCCC": "phòng cháy, chữa cháy", "CNCH": "cứu nạn, cứu hộ", "PCTT": "phòng, chống thiên tai",
    "TKCN": "tìm kiếm cứu nạn",
    "ATTP": "an toàn thực phẩm", "VSATTP": "vệ sinh an toàn thực phẩm", "BVMT": "bảo vệ môi trường",
    "SXH": "sốt xuất huyết",
    "TCM": "tay chân miệng", "KHHGĐ": "kế hoạch hóa gia đình", "TYT": "trạm y tế", "TTYT": "trung tâm y tế",
    "BV": "bệnh viện", "NTM": "nông thôn mới", "KT-XH": "kinh tế, xã hội", "KTXH": "kinh tế, xã hội",
    "VHXH": "văn hóa, xã hội",
    "NSNN": "ngân sách nhà nước", "GRDP": "giê rờ đê pê", "GDP": "giê đê pê", "DN": "doanh nghiệp",
    "CTCP": "công ty cổ phần",
    "TNHH": "trách nhiệm hữu hạn", "KCN": "khu công nghiệp", "XDCB": "xây dựng cơ bản",
    "GPMB": "giải phóng mặt bằng",
    "NHCSXH": "Ngân hàng Chính sách xã hội", "CSXH": "chính sách xã hội", "NCT": "người cao tuổi",
    "NKT": "người khuyết tật",
    "TTXH": "trật tự xã hội", "LLVT": "lực lượng vũ trang", "DQTV": "dân quân tự vệ", "THCS": "trung học cơ sở",
    "THPT": "trung học phổ thông", "TH": "tiểu học", "ĐH": "đại học", "CĐ": "cao đẳng",
    "TCCN": "trung cấp chuyên nghiệp",
    "GDTX": "giáo dục thường xuyên", "HS": "học sinh", "SV": "sinh viên", "HSSV": "học sinh, sinh viên",
    "GV": "giáo viên",
    "QL": "quốc lộ", "TL": "tỉnh lộ", "CN": "chủ nhật", "TKV": "tê ca vê", "IUU": "i u u",
    "LHQ": "Liên hợp quốc", "WHO": "Tổ chức Y tế Thế giới", "VN": "Việt Nam", "HIV/AIDS": "hát i vê, ết",
    "HIV": "hát i vê",
    "TM.": "thay mặt", "KT.": "ký thay", "TL.": "thừa lệnh", "TUQ.": "thừa ủy quyền", "Q.": "quyền",
    "V/v": "về việc", "v/v": "về việc", "đ/c": "đồng chí", "Đ/c": "đồng chí", "ĐC": "địa chỉ", "Đ/C": "địa chỉ",
    "ThS.": "thạc sĩ", "ThS": "thạc sĩ", "TS.": "tiến sĩ", "TS": "tiến sĩ", "PGS.": "phó giáo sư",
    "PGS": "phó giáo sư",
    "GS.": "giáo sư", "GS": "giáo sư", "BS.": "bác sĩ", "BS": "bác sĩ", "BSCKI": "bác sĩ chuyên khoa một",
    "BSCKII": "bác sĩ chuyên khoa hai", "KS.": "kỹ sư", "CN.": "cử nhân", "LS.": "luật sư",
    "TTƯT": "thầy thuốc ưu tú",
    "v.v.": "vân vân", "v.v": "vân vân", "vv": "vân vân", "VD": "ví dụ", "VD:": "ví dụ:", "Vd": "ví dụ",
    "vd": "ví dụ",
    "km": "ki lô mét", "COVID": "covid", "Covid": "covid", "ASEAN": "a xê an", "UNESCO": "u nét xcô",
}  # fmt: skip
"""Written form to spoken form. Proper names keep their capitals; the reading is lowered at the end."""

_IN_CONTEXT = (
    # (form, what must follow, spoken): the same letters stand for something else beside these words
    ("BCH", r"\s+(?:Đảng|Đoàn|Hội|Trung ương|TW|TƯ|Công đoàn|CĐ|chi bộ|Chi)", "Ban Chấp hành"),
    ("TT", r"\s+(?:số\s+)?[\d\ue000]", "thông tư"),
    ("TT", r"\s+[A-ZĐ][a-zà-ỹ]", "thị trấn"),
    ("TB", r"\s+(?:số\s+)?[\d\ue000]", "thông báo"),
    ("CĐ", r"\s+(?:số\s+)?[\d\ue000]", "công điện"),
    ("CN", r"\s+[A-ZĐ][a-zà-ỹ]{1,6}\s[A-ZĐ]", "cử nhân"),
    ("Q.", r"\s?\d", "quận"),
    ("P.", r"\s?(?:\d|[A-ZĐ][a-zà-ỹ])", "phường"),
    ("H.", r"\s?[A-ZĐ][a-zà-ỹ]{1,6}", "huyện"),
    ("X.", r"\s?[A-ZĐ][a-zà-ỹ]{1,6}", "xã"),
)

_NEIGHBOUR = re.compile(r"[^\W\d_]{2,7}")


def _shouted(match: Match[str]) -> bool:
    """Tell whether a form that is also a syllable («CA», «AI») stands among words in capitals."""
    around = match.string[max(0, match.start() - 9) : match.start()].rsplit("\n", 1)[-1]
    after = match.string[match.end() : match.end() + 9].split("\n", 1)[0]
    words = _NEIGHBOUR.findall(around)[-1:] + _NEIGHBOUR.findall(after)[:1]
    return any(word.isupper() and is_syllable(word) and word not in SHORT_FORMS for word in words)


def _spoken(match: Match[str]) -> str | None:
    form = match[0]
    for written, follows, spoken in _IN_CONTEXT:
        if form == written and re.compile(follows).match(match.string, match.end()):
            return spoken
    if form not in SHORT_FORMS or (form.isupper() and is_syllable(form) and _shouted(match)):
        return None
    return SHORT_FORMS[form]


_FORMS = sorted({*SHORT_FORMS, *(form for form, _, _ in _IN_CONTEXT)}, key=len, reverse=True)

ABBREVIATIONS = (
    Rule(
        "viết tắt",
        re.compile(
            rf"(?<![\w/&])(?=[A-ZĐđsbvVkt])(?:{'|'.join(map(re.escape, _FORMS))})(?:(?<=\.)|(?![\w&]))(?!/[a-z])"
        ),
        _spoken,
    ),
)
