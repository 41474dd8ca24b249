"""The few ways in which the studio says no. Each carries what an answer needs; web/app.py turns it into one."""


class StudioError(Exception):
    """Something the person can mend. The message is Vietnamese and names what to mend; `field` names the input."""

    status = 400
    title = "Yêu cầu chưa thực hiện được"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotLoggedIn(StudioError):
    """Nobody is logged in, or the session is over."""

    status = 401
    title = "Cần đăng nhập"


class Forbidden(StudioError):
    """This person may not do that."""

    status = 403
    title = "Không có quyền"


class NotFound(StudioError):
    """There is no such thing."""

    status = 404
    title = "Không tìm thấy"


class Conflict(StudioError):
    """Not now, not twice, or somebody was quicker."""

    status = 409
    title = "Không thực hiện được lúc này"


class TooLarge(StudioError):
    """More than we take."""

    status = 413
    title = "Dữ liệu quá lớn"


class Invalid(StudioError):
    """The input must be mended first."""

    status = 422
    title = "Dữ liệu chưa đúng"


class TooMany(StudioError):
    """Tried too often; wait."""

    status = 429
    title = "Thử quá nhiều lần"


class NoRoom(StudioError):
    """The disk is full; nothing half-written is left behind."""

    status = 507
    title = "Hết chỗ trên ổ đĩa"
