"""How the command line ends: the documented exit codes, and one line of Vietnamese on stderr."""

from enum import IntEnum

from rich.console import Console


class Exit(IntEnum):
    """What the caller's script may rely on."""

    OK = 0
    ERROR = 1
    USAGE = 2
    FORBIDDEN = 3
    """Not logged in, or not allowed."""
    SILENT = 4
    """Some devices did not answer, or could not do it."""
    UNREACHABLE = 5


EXIT_CODES = (
    "Mã thoát: 0 xong; 1 có lỗi; 2 gõ sai lệnh; 3 chưa đăng nhập hoặc không có quyền; "
    "4 có cụm loa không trả lời hoặc không làm được; 5 không kết nối được phòng thu."
)
"""For the help of every group."""


class CliError(Exception):
    """The command ends here. The message is one Vietnamese sentence that names what to mend."""

    def __init__(self, message: str, code: Exit = Exit.ERROR) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def complain(message: str) -> None:
    """Say it on stderr, in one line, whatever is in it."""
    told = " ".join(message.split())
    Console(stderr=True, highlight=False).print(f"loa: {told}", markup=False, soft_wrap=True, style="red")
