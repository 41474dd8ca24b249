"""`loa logout`: the token is worth nothing afterwards, here and at the studio."""

from rich.console import Console

from studio.cli import account, words
from studio.cli.client import StudioClient
from studio.cli.exits import CliError, Exit, complain

app = words.group()


@app.command(help="Đăng xuất: hủy thẻ đăng nhập ở phòng thu và xóa khỏi máy này.")
def logout() -> None:
    """End the log-in; the file goes even if the studio does not answer."""
    try:
        with StudioClient.of_account() as studio:
            studio.delete("/sessions/current")
    except CliError as error:
        if error.code is Exit.UNREACHABLE:
            complain("Phòng thu không trả lời, nên thẻ còn hiệu lực ở đó đến khi hết hạn.")
    account.forget()
    Console(highlight=False).print("Đã đăng xuất.")
