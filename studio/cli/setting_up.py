"""`loa studio`: set up a studio on this computer, and serve it."""

import json
import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from studio import db, keys, users
from studio.cli import words
from studio.cli.exits import CliError, complain
from studio.cli.settings import read_settings
from studio.errors import Conflict
from studio.settings import StudioSettings


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"


app = words.group("Lập phòng thu trên máy này và chạy phòng thu.")
out = Console(highlight=False)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Thư mục dữ liệu của phòng thu; mặc định theo LOA_STUDIO_DATA.", metavar="THƯ-MỤC"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]


@app.command(
    help="Lập phòng thu: cơ sở dữ liệu, khóa gốc, khóa ký và quản trị viên đầu tiên. Chỉ làm một lần."
)
def init(
    data: Data = None,
    admin: Annotated[
        str, typer.Option("--admin", help="Tên đăng nhập của quản trị viên đầu tiên.", metavar="TÊN")
    ] = "quantri",
    as_json: AsJson = False,
) -> None:
    """Migrate, make keys and the first administrator; print what is shown this once."""
    settings = read_settings(data=data)
    engine = db.create_engine(settings.database_url)
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        db.migrate(engine)
        _found(settings, engine, admin, as_json=as_json)
    except DBAPIError as error:
        shown = engine.url.render_as_string()  # without its password
        raise CliError(f"Không mở được cơ sở dữ liệu {shown}: {error.orig}.") from error
    except OSError as error:
        raise CliError(f"Không ghi được vào {settings.data}: {error.strerror or error}.") from error
    finally:
        engine.dispose()


def _found(settings: StudioSettings, engine: Engine, admin: str, *, as_json: bool) -> None:
    now = datetime.now(UTC)
    try:
        with db.transaction(engine) as session:
            password = users.create_first_administrator(session, now, name=admin)
            root = keys.initialise(session, settings.keys_directory, now=now)
            # Printed before the commit: a root that is in force but was never shown could not be had again.
            _show(settings, admin, password, root, as_json=as_json)
    except Conflict as error:
        raise CliError(f"Phòng thu ở {settings.data} đã được lập rồi; không có gì thay đổi.") from error


@app.command(
    help="Chạy phòng thu: trang web, giao diện lập trình, máy nghe cụm loa, giọng đọc. Ctrl-C để dừng."
)
def serve(
    data: Data = None,
    host: Annotated[
        str | None,
        typer.Option("--host", help="Địa chỉ mạng để nghe; mặc định 127.0.0.1.", metavar="ĐỊA-CHỈ"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", help="Cổng web; 0 là cổng trống bất kỳ.", metavar="SỐ", parser=words.port),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            "--public-url", help="Địa chỉ mà trình duyệt và cụm loa dùng để tới.", metavar="ĐỊA-CHỈ"
        ),
    ] = None,
    log_level: Annotated[
        LogLevel, typer.Option("--log-level", help="Mức ghi nhật ký ra stderr.")
    ] = LogLevel.INFO,
) -> int:
    """Serve until told to stop; 1 if it cannot start."""
    settings = read_settings(data=data, host=host, port=port, public_url=public_url)
    from studio import main  # it imports everything; `init` need not wait for it

    logging.basicConfig(
        level=log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for noisy in ("httpx", "alembic", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return main.serve(settings, say=complain, ready=_tell_address)


def _tell_address(settings: StudioSettings) -> None:
    out.print(f"Phòng thu đang chạy: {settings.url}  (Ctrl-C để dừng)", markup=False, soft_wrap=True)


def _show(settings: StudioSettings, admin: str, password: str, root: keys.NewRoot, *, as_json: bool) -> None:
    if as_json:
        told = {"user": admin, "password": password, "root": root.private, "kid": root.kid}
        out.print(
            json.dumps(told | {"data": str(settings.data)}, ensure_ascii=False), markup=False, soft_wrap=True
        )
        return
    for line in (
        f"Đã lập phòng thu ở {settings.data}",
        "",
        f"Khóa gốc {root.kid}, chỉ hiện MỘT LẦN NÀY. Hãy in ra giấy hoặc chép vào USB rồi cất vào két, đừng để trên",
        "máy này. Mất khóa gốc thì không thay được khóa ký; lộ khóa gốc thì người khác điều khiển được cụm loa.",
        root.private,
        "",
        f"Quản trị viên: {admin}",
        f"Mật khẩu dùng một lần: {password}  (phải đổi ở lần đăng nhập đầu)",
        "",
        "Tiếp theo: loa studio serve",
    ):
        out.print(line, markup=False, soft_wrap=True)
