"""`loa login`: name and password once, a token from then on."""

import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from studio.cli import account, words
from studio.cli.account import Account
from studio.cli.client import StudioClient
from studio.cli.exits import complain

app = words.group()
out = Console(highlight=False)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def address(text: str) -> str:
    """Parse the address of a studio."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise typer.BadParameter("phải là địa chỉ như https://loa.xa-tan-lap.vn hoặc http://127.0.0.1:8080.")
    return text.strip().rstrip("/")


@app.command(help="Đăng nhập vào phòng thu. Thẻ đăng nhập được cất trong thư mục cấu hình của bạn.")
def login(
    url: Annotated[str, typer.Argument(help="Địa chỉ phòng thu.", metavar="ĐỊA-CHỈ", parser=address)],
    user: Annotated[str, typer.Option("--user", "-u", help="Tên đăng nhập.", metavar="TÊN")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Đọc mật khẩu từ đầu vào chuẩn, không hỏi.")
    ] = False,
) -> None:
    """Log in and keep the token."""
    if urlsplit(url).scheme == "http" and urlsplit(url).hostname not in LOOPBACK:
        complain("Cảnh báo: địa chỉ http:// không mã hóa, người khác trên mạng có thể đọc được mật khẩu.")
    password = (
        sys.stdin.readline().rstrip("\r\n") if password_stdin else typer.prompt("Mật khẩu", hide_input=True)
    )
    with StudioClient(url) as studio:
        given = studio.post("/sessions", {"user": user, "password": password})
    person = given["user"]
    account.save(Account(url=url, user=person["name"], token=given["token"]))
    out.print(f"Đã đăng nhập {url} với tên {person['full_name']}.", markup=False, soft_wrap=True)
    if person["must_change_password"]:
        out.print("Mật khẩu này chỉ dùng một lần. Hãy đổi ngay: loa password", markup=False)
