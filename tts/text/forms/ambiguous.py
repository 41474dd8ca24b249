"""Forms that stand for several things: the commonest is said, and the author is told of the others."""

AMBIGUOUS = {
    "HĐ": ("hợp đồng", "hội đồng, hóa đơn"), "TT": ("trung tâm", "thông tư, thị trấn, thanh tra"),
    "CT": ("chỉ thị", "chủ tịch, chương trình, công ty"), "TB": ("thông báo", "thương binh, trung bình"),
    "ND": ("nhân dân", "nông dân"), "TN": ("thanh niên", "tài nguyên, tốt nghiệp"), "PN": ("phụ nữ", "pháp nhân"),
    "BT": ("bí thư", "bê tông, bồi thường"), "TC": ("tổ chức", "tài chính, trung cấp"), "CB": ("cán bộ", "cảnh báo"),
    "HN": ("hộ nghèo", "Hà Nội, hội nghị"), "KN": ("khuyến nông", "khiếu nại"),
    "MN": ("mầm non", "miền núi, miền Nam"), "CC": ("căn cước", "công chức, chung cư"),
    "KL": ("kết luận", "khối lượng"), "BB": ("biên bản", "bắt buộc"), "NS": ("ngân sách", "năm sinh, nông sản"),
    "ĐB": ("đại biểu", "đường bộ, đồng bằng"), "DT": ("dân tộc", "diện tích, di tích"), "QL": ("quản lý", "quốc lộ"),
    "ĐK": ("đăng ký", "đa khoa, điều kiện"), "BP": ("biên phòng", "bộ phận"),
    "NN": ("nông nghiệp", "nhà nước, nước ngoài"), "CĐ": ("cao đẳng", "công đoàn, công điện"),
    "CV": ("công văn", "chuyên viên, mã lực"), "KT": ("kinh tế", "kỹ thuật, kiểm tra"),
    "TX": ("thị xã", "thường xuyên"), "TH": ("tiểu học", "trường hợp, tổng hợp"),
    "ĐV": ("đảng viên", "đơn vị, động vật"), "THA": ("thi hành án", "tăng huyết áp"), "TE": ("trẻ em", "thể dục"),
    "XD": ("xây dựng", "xăng dầu"), "BC": ("báo cáo", "bưu chính"), "KH": ("kế hoạch", "khoa học, khách hàng"),
    "XK": ("xuất khẩu", "xuất khẩu lao động"), "NK": ("nhập khẩu", "nhân khẩu"), "LH": ("liên hệ", "liên hiệp"),
    "BCH": ("Ban Chấp hành", "Ban Chỉ huy"), "CN": ("công nghiệp", "chủ nhật, công nhân, chi nhánh"),
    "HC": ("hành chính", "hóa chất"), "TU": ("Tỉnh ủy", "Thành ủy"), "SN": ("sinh năm", "sự nghiệp"),
}  # fmt: skip
"""Written form to what is said, and what else it might be, for the author."""
