"""Who may do what: one table, asked in one place."""

from enum import StrEnum

from studio.errors import Forbidden
from studio.models.users import Role, User


class Action(StrEnum):
    """What can be allowed or not."""

    READ = "read"
    WRITE = "write"
    COMMUNE_DICTIONARY = "commune_dictionary"
    PROVINCE_DICTIONARY = "province_dictionary"
    APPROVE = "approve"
    BOOK = "book"
    PLAY_NOW = "play_now"
    EMERGENCY = "emergency"
    STOP = "stop"
    DEVICES = "devices"
    ZONES = "zones"
    USERS = "users"


RIGHTS: dict[Role, frozenset[Action]] = {
    Role.OFFICER: frozenset(
        {
            Action.READ,
            Action.WRITE,
            Action.COMMUNE_DICTIONARY,
            Action.BOOK,
            Action.PLAY_NOW,
            Action.STOP,
        }
    ),
    Role.LEADER: frozenset(
        {
            Action.READ,
            Action.WRITE,
            Action.COMMUNE_DICTIONARY,
            Action.APPROVE,
            Action.BOOK,
            Action.PLAY_NOW,
            Action.EMERGENCY,
            Action.STOP,
        }
    ),
    Role.TECHNICIAN: frozenset({Action.READ, Action.STOP, Action.DEVICES, Action.ZONES}),
    Role.ADMINISTRATOR: frozenset(
        {
            Action.READ,
            Action.COMMUNE_DICTIONARY,
            Action.PROVINCE_DICTIONARY,
            Action.EMERGENCY,
            Action.STOP,
            Action.DEVICES,
            Action.ZONES,
            Action.USERS,
        }
    ),
}
"""A leader may write too, but never approves what they wrote: studio/deciders.py sees to that."""

ROLE_NAMES = {
    Role.OFFICER: "Cán bộ truyền thanh",
    Role.LEADER: "Lãnh đạo duyệt",
    Role.TECHNICIAN: "Kỹ thuật viên",
    Role.ADMINISTRATOR: "Quản trị",
}
"""What staff call the roles."""

_IN_WORDS = {
    Action.READ: "xem trang này",
    Action.WRITE: "soạn bản tin",
    Action.COMMUNE_DICTIONARY: "sửa từ điển phát âm của xã",
    Action.PROVINCE_DICTIONARY: "sửa từ điển phát âm của tỉnh",
    Action.APPROVE: "duyệt bản tin",
    Action.BOOK: "đặt lịch phát",
    Action.PLAY_NOW: "phát ngay",
    Action.EMERGENCY: "phát thông báo khẩn cấp",
    Action.STOP: "dừng phát",
    Action.DEVICES: "quản lý cụm loa",
    Action.ZONES: "quản lý vùng phát",
    Action.USERS: "quản lý người dùng",
}


def may(user: User, action: Action) -> bool:
    """Say whether this person may do that."""
    return user.disabled_at is None and action in RIGHTS[user.role]


def demand(user: User, action: Action) -> None:
    """Raise Forbidden, naming who may, unless this person may do that."""
    if may(user, action):
        return
    who = ", ".join(ROLE_NAMES[role] for role in Role if action in RIGHTS[role])
    raise Forbidden(
        f"Tài khoản của bạn ({ROLE_NAMES[user.role]}) không được phép {_IN_WORDS[action]}. "
        f"Việc này dành cho: {who}."
    )
