"""PURE: the words in which the box speaks to a technician: of its state, of settings, of a command typed wrong."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from edge_agent.wire.errors import Refusal

_WORDS = {
    "device": "Thiết bị",
    "version": "Phiên bản",
    "connected": "Kết nối phòng thu",
    "why_down": "Lý do mất kết nối",
    "player": "Bộ phát",
    "playing": "Đang phát",
    "next": "Sắp phát",
    "volume": "Âm lượng (%)",
    "muted": "Tắt tiếng",
    "clock": "Đồng hồ",
    "clock_source": "Căn cứ của đồng hồ",
    "clock_error_s": "Sai số đồng hồ tối đa (giây)",
    "missing": "Âm thanh còn thiếu",
    "queue": "Bản ghi chờ phòng thu lưu",
    "behind": "Kế hoạch mới chưa nhận được",
    "refused": "Thông điệp đã từ chối",
    "disk_free_mb": "Đĩa trống (MB)",
    "temperature_c": "Nhiệt độ (°C)",
    "player_error": "Lỗi phát gần nhất",
    "fetch_error": "Lỗi tải gần nhất",
}
_CLOCKS = {"trusted": "tin cậy", "holdover": "tự giữ giờ", "unknown": "KHÔNG BIẾT GIỜ: không phát"}
_SOURCES = {
    "kernel": "máy được đồng bộ giờ qua mạng hoặc GPS",
    "welcome": "phòng thu trả lời",
    "rtc": "đồng hồ có pin",
}
_REFUSED = {
    Refusal.MALFORMED: "sai dạng",
    Refusal.TOO_LARGE: "quá lớn",
    Refusal.UNKNOWN_KEY: "khóa lạ",
    Refusal.REVOKED_KEY: "khóa đã bị thu hồi",
    Refusal.BAD_SIGNATURE: "chữ ký sai",
    Refusal.OUT_OF_SCOPE: "khóa không có quyền ở đây",
    Refusal.MISPLACED: "đặt sai chỗ",
    Refusal.ROLLED_BACK: "cũ hơn bản đang giữ",
    Refusal.REPLAYED: "phát lại lời cũ",
    Refusal.EXPIRED: "quá hạn",
}
_WHY_DOWN = {
    "Not authorized": "máy chủ MQTT không nhận thiết bị này; hãy xem phòng thu còn giữ nó không, rồi ghi danh lại",
    "Bad user name or password": "máy chủ MQTT không nhận tên hoặc mật khẩu; hãy ghi danh lại",
    "Session taken over": "một thiết bị khác dùng cùng danh tính; thẻ nhớ có thể đã bị sao chép",
    "Server unavailable": "máy chủ MQTT đang bận; sẽ tự nối lại",
    "Server busy": "máy chủ MQTT đang bận; sẽ tự nối lại",
    "Unspecified error": "đường truyền bị ngắt; sẽ tự nối lại",
    "Keep alive timeout": "đường truyền im lặng quá lâu; sẽ tự nối lại",
}
_DOCUMENTS = {"config": "cấu hình", "plan": "kế hoạch của", "emergency": "kế hoạch khẩn cấp của"}
_SETTINGS = {
    "literal_error": "phải là một trong: {expected}",
    "less_than_equal": "tối đa là {le}",
    "greater_than_equal": "tối thiểu là {ge}",
    "greater_than": "phải lớn hơn {gt}",
    "int_parsing": "phải là số nguyên",
    "int_type": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "float_parsing": "phải là số",
    "float_type": "phải là số",
    "path_type": "phải là một đường dẫn",
    "extra_forbidden": "không có thiết lập này",
}


def state(told: Mapping[str, object]) -> list[tuple[str, str]]:
    """The status of the box, line by line: what it is, and how it is."""
    told = {"playing": "không", "clock": "unknown", **told}
    return [
        (word, _said(name, told[name]))
        for name, word in _WORDS.items()
        if told.get(name) not in (None, "", [], {})
    ]


def wrong_settings(error: ValidationError) -> str:
    """Which settings are wrong, and what each must be."""
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {_wrong(each)}" for each in error.errors())


def wrong_toml(error: ValueError) -> str:
    """Where a file of settings cannot be read."""
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    where = f" (dòng {found[1]}, cột {found[2]})" if found else ""
    return f"tệp thiết lập sai cú pháp TOML{where}"


def wrong_usage(error: Any) -> str:
    """What is wrong with a command line; `error` is one of click's UsageErrors."""
    context = getattr(error, "ctx", None)
    hint = f"; xem: {context.command_path} --help" if context is not None else ""
    option = getattr(error, "option_name", "")
    match type(error).__name__:
        case "NoSuchOption":
            return f"không có tùy chọn {option}{hint}"
        case "MissingParameter":
            return f"còn thiếu {error.param.opts[0]}{hint}"
        case "BadOptionUsage":
            return f"tùy chọn {option} còn thiếu giá trị{hint}"
        case _:
            return f"gõ chưa đúng: không có lệnh này, thừa đối số, hoặc giá trị không hợp lệ{hint}"


def _said(name: str, value: object) -> str:
    match name, value:
        case "clock", str():
            return _CLOCKS.get(value, value)
        case "clock_source", str():
            return _SOURCES.get(value, value)
        case "why_down", str():
            return _WHY_DOWN.get(value, value)
        case "behind", list():
            return "\n".join(map(_document, value))
        case "refused", dict():
            return ", ".join(f"{_REFUSED.get(why, why)}: {n}" for why, n in value.items())
        case _, bool():
            return "có" if value else "không"
        case _, list():
            return "\n".join(map(str, value))
        case _:
            return str(value)


def _document(name: str) -> str:
    what, _, zone = name.partition("/")
    return f"{_DOCUMENTS.get(what, what)} {zone}".rstrip()


def _wrong(fault: Any) -> str:
    known = _SETTINGS.get(fault["type"])
    if known is None:
        return "giá trị không hợp lệ"
    facts = {name: str(value).replace(" or ", " hoặc ") for name, value in fault.get("ctx", {}).items()}
    return known.format(**facts)
