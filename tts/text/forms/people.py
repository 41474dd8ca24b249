"""Titles, formulae of signing and addressing, and the small words that are written short."""

PEOPLE = {
    "TM.": "thay mặt", "T/M": "thay mặt", "KT.": "ký thay", "K/T": "ký thay", "TL.": "thừa lệnh", "T/L": "thừa lệnh",
    "TUQ.": "thừa ủy quyền", "TUN.": "thừa ủy nhiệm", "Q.": "quyền", "V/v": "về việc", "v/v": "về việc",
    "V/V": "về việc", "đ/c": "đồng chí", "Đ/c": "đồng chí", "đ.c": "đồng chí", "ĐC": "địa chỉ", "Đ/C": "địa chỉ",
    "ThS.": "thạc sĩ", "ThS": "thạc sĩ", "Ths.": "thạc sĩ", "Ths": "thạc sĩ", "TS.": "tiến sĩ", "TS": "tiến sĩ",
    "PGS.": "phó giáo sư", "PGS": "phó giáo sư", "GS.": "giáo sư", "GS": "giáo sư", "TSKH.": "tiến sĩ khoa học",
    "TSKH": "tiến sĩ khoa học", "BS.": "bác sĩ", "BS": "bác sĩ", "Bs.": "bác sĩ", "Bs": "bác sĩ",
    "BSCKI": "bác sĩ chuyên khoa một", "BSCKII": "bác sĩ chuyên khoa hai", "BSCK1": "bác sĩ chuyên khoa một",
    "BSCK2": "bác sĩ chuyên khoa hai", "CKI": "chuyên khoa một", "CKII": "chuyên khoa hai", "CK1": "chuyên khoa một",
    "CK2": "chuyên khoa hai", "DS.": "dược sĩ", "YS.": "y sĩ", "KS.": "kỹ sư", "CN.": "cử nhân", "LS.": "luật sư",
    "KTS.": "kiến trúc sư", "KTS": "kiến trúc sư", "NSƯT": "nghệ sĩ ưu tú", "NSND": "nghệ sĩ nhân dân",
    "NGƯT": "nhà giáo ưu tú", "TTƯT": "thầy thuốc ưu tú", "TTND": "thầy thuốc nhân dân", "AHLĐ": "Anh hùng Lao động",
    "v.v.": "vân vân", "v.v": "vân vân", "vv": "vân vân", "v.v…": "vân vân", "VD": "ví dụ", "VD:": "ví dụ:",
    "Vd": "ví dụ", "vd": "ví dụ", "Vd:": "ví dụ:", "vd:": "ví dụ:", "LH:": "liên hệ:", "Tr.": "trang",
    "tr.": "trang", "B/c": "báo cáo", "b/c": "báo cáo",
}  # fmt: skip
