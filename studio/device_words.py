"""What staff call the things a device tells of itself; the same on pages and in the command line."""

from edge_agent.wire.errors import Refusal
from edge_agent.wire.words import ClockTrust, ReplyState

CLOCK_NAMES = {
    ClockTrust.TRUSTED: "Đúng giờ",
    ClockTrust.HOLDOVER: "Tự giữ giờ",
    ClockTrust.UNKNOWN: "Chưa biết giờ",
}
REFUSAL_NAMES: dict[str, str] = {
    Refusal.MALFORMED: "Không đọc được",
    Refusal.TOO_LARGE: "Quá lớn",
    Refusal.UNKNOWN_KEY: "Ký bằng khoá lạ",
    Refusal.REVOKED_KEY: "Ký bằng khoá đã thu hồi",
    Refusal.BAD_SIGNATURE: "Chữ ký sai",
    Refusal.OUT_OF_SCOPE: "Khoá không có quyền với cụm loa này",
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
