"""`loa password`: change one's own password, above all the one-time password."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from studio.cli import account, words
from studio.cli.account import Account
from studio.cli.client import StudioClient
from studio.cli.exits import CliError

app = words.group()


@app.command(help="Đổi mật khẩu của bạn. Mọi nơi khác đang đăng nhập bằng tài khoản này đều bị đăng xuất.")
def password(
    stdin: Annotated[
        bool,
        typer.Option("--stdin", help="Đọc từ đầu vào chuẩn: dòng 1 mật khẩu hiện tại, dòng 2 mật khẩu mới."),
    ] = False,
) -> None:
    """Change the password and keep the new token."""
    known = account.load()
    if stdin:
        old, new = (sys.stdin.readline().rstrip("\r\n") for _ in range(2))
    else:
        old = typer.prompt("Mật khẩu hiện tại", hide_input=True)
        new = typer.prompt("Mật khẩu mới (ít nhất 10 ký tự)", hide_input=True)
        if typer.prompt("Nhập lại mật khẩu mới", hide_input=True) != new:
            raise CliError("Hai lần nhập mật khẩu mới không giống nhau.")
    with StudioClient.of_account() as studio:
        given = studio.put("/users/me/password", {"old": old, "new": new})
    account.save(Account(url=known.url, user=known.user, token=given["token"]))
    Console(highlight=False).print("Đã đổi mật khẩu.")
