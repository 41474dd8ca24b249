"""What staff call the things a device tells of itself; the same on pages and in the command line."""

from edge_agent.wire.errors import Refusal
from edge_agent.wire.words import ClockTrust, Reason, ReplyState

CLOCK_NAMES = {
    ClockTrust.TRUSTED: "Đúng giờ",
    ClockTrust.HOLDOVER: "Tự giữ giờ",
    ClockTrust.UNKNOWN: "Chưa biết giờ",
}
REFUSAL_NAMES: dict[str, str] = {
    Refusal.MALFORMED: "Không đọc được",
    Refusal.TOO_LARGE: "Quá lớn",
    Refusal.UNKNOWN_KEY: "Ký bằng khóa lạ",
    Refusal.REVOKED_KEY: "Ký bằng khóa đã thu hồi",
    Refusal.BAD_SIGNATURE: "Chữ ký sai",
    Refusal.OUT_OF_SCOPE: "Khóa không có quyền với cụm loa này",
    Refusal.MISPLACED: "Đặt sai chỗ",
    Refusal.ROLLED_BACK: "Bản cũ bị gửi lại",
    Refusal.REPLAYED: "Lệnh cũ bị phát lại",
    Refusal.EXPIRED: "Lệnh hết hạn",
}
"""Why a device refused a message. A newer device may send a word that is not here."""
REPLY_NAMES = {
    None: "Chưa trả lời",
    ReplyState.RECEIVED: "Đã nhận lệnh",
    ReplyState.DONE: "Đã làm xong",
    ReplyState.FAILED: "Không làm được",
}
"""How far a command has come."""
REASONS = {
    Reason.STALE: "Đã quá giờ phát nên cụm loa bỏ qua.",
    Reason.QUIET_HOURS: "Đang trong giờ yên tĩnh.",
    Reason.MUTED: "Cụm loa đang bị tắt tiếng.",
    Reason.CLOCK_UNKNOWN: "Cụm loa không chắc giờ nên không dám phát.",
    Reason.SOUND_MISSING: "Chưa tải được âm thanh về cụm loa.",
    Reason.SOUND_CORRUPT: "Âm thanh trên cụm loa bị hỏng.",
    Reason.PRE_EMPTED: "Nhường cho bản tin khẩn cấp hoặc ưu tiên hơn.",
    Reason.STOPPED: "Có người bấm dừng.",
    Reason.WITHDRAWN: "Lịch phát đã bị hủy.",
    Reason.POWER_CUT: "Mất điện hoặc khởi động lại khi đang phát.",
    Reason.PLAYER: "Bộ phát âm thanh của cụm loa bị lỗi.",
    Reason.REBUILT: "Cụm loa mất dữ liệu nên không rõ đã phát chưa; không phát lại để khỏi trùng.",
}
"""Why an airing did not sound, in a sentence for staff."""


def why(reason: str) -> str:
    """Why an airing did not sound, as a sentence; a word of a newer device is shown as it is."""
    return REASONS[Reason(reason)] if reason in set(Reason) else reason
