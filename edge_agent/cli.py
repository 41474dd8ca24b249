"""`loa-agent`: what a technician types on the box."""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.table import Table
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from edge_agent import enrolment, vietnamese
from edge_agent.control import ControlError, ask
from edge_agent.enrolment import EnrolmentError, Home
from edge_agent.main import CannotRun, agent_version, begin_again, run, web_client
from edge_agent.settings import EdgeSettings

FAILED, WRONG_USAGE, NOT_ENROLLED, NOT_RUNNING, BAD_SETTINGS = 1, 2, 3, 4, 5
EXIT_CODES = (
    "Mã thoát: 0 tốt, 1 không làm được, 2 gõ sai lệnh, 3 chưa ghi danh, 4 tác tử không chạy, 5 thiết lập sai."
)

rich_utils.ARGUMENTS_PANEL_TITLE = "Đối số"
rich_utils.OPTIONS_PANEL_TITLE = "Tùy chọn"
rich_utils.COMMANDS_PANEL_TITLE = "Lệnh"
rich_utils.DEFAULT_STRING = "[mặc định: {}]"
rich_utils.REQUIRED_LONG_STRING = "[bắt buộc]"


def _in_vietnamese(option: Any) -> Any:
    if option is not None:
        option.help = "Xem hướng dẫn này."
    return option


_BadParameter: Any = typer.BadParameter  # Typer's own copy of click has no public name
_UsageError = _BadParameter.__mro__[1]


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    pieces = " ".join(command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, pieces, prefix="Cách dùng: ")


class _Group(TyperGroup):
    def main(self, *args: Any, **more: Any) -> Any:
        """Run one command line; what is wrong with it is said in Vietnamese."""
        try:
            code = super().main(*args, **more | {"standalone_mode": False})
        except _UsageError as error:
            if type(error).__name__ == "NoArgsIsHelpError":
                error.show()
            else:
                _refusal(vietnamese.wrong_usage(error), WRONG_USAGE)
            sys.exit(WRONG_USAGE)
        except typer.Abort:
            _refusal("đã dừng theo yêu cầu", FAILED)
            sys.exit(FAILED)
        sys.exit(code if isinstance(code, int) else 0)

    def get_help_option(self, ctx: Any) -> Any:
        return _in_vietnamese(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)


class _Command(TyperCommand):
    def get_help_option(self, ctx: Any) -> Any:
        return _in_vietnamese(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)


main = typer.Typer(
    name="loa-agent",
    cls=_Group,
    options_metavar="[TÙY CHỌN]",
    subcommand_metavar="LỆNH [TÙY CHỌN]...",
    help=f"Tác tử phát thanh trên cụm loa: nhận kế hoạch đã ký, phát đúng giờ, báo lại những gì đã phát. {EXIT_CODES}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out, err = Console(markup=False, highlight=False), Console(stderr=True)

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", help="Tệp thiết lập TOML; mặc định /etc/loa/agent.toml hoặc biến LOA_AGENT_CONFIG."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="In JSON cho máy đọc.")]


@main.command("run", cls=_Command, options_metavar="[TÙY CHỌN]")
def run_command(config: ConfigFile = None) -> None:
    """Chạy tác tử cho đến khi được tắt (SIGTERM hoặc Ctrl-C)."""
    settings = _settings(config)
    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        again = run(settings)
    except EnrolmentError as error:
        raise _refusal(error, NOT_ENROLLED) from error
    except (CannotRun, OSError) as error:
        raise _refusal(error, FAILED) from error
    if again:
        begin_again()


@main.command(cls=_Command, options_metavar="[TÙY CHỌN]")
def status(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Cho biết thiết bị đang thế nào: đang phát gì, đồng hồ, kế hoạch, âm thanh còn thiếu, lỗi gần nhất."""
    reply = _ask(config, {"ask": "status"})
    told = reply.get("status")
    if as_json:
        out.print_json(json.dumps(told, ensure_ascii=False))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in vietnamese.state(told if isinstance(told, dict) else {}):
        table.add_row(name, value)
    out.print(table)


@main.command(cls=_Command, options_metavar="[TÙY CHỌN]")
def stop(
    config: ConfigFile = None,
    airing: Annotated[
        str | None, typer.Option("--airing", help="Chỉ dừng lượt phát này; bỏ trống: dừng mọi thứ đang phát.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Dừng ngay những gì đang phát, không cần phòng thu; nhật ký ghi «stopped»."""
    reply = _ask(config, {"ask": "stop", "airing": airing})
    if as_json:
        out.print_json(json.dumps(reply, ensure_ascii=False))
    else:
        out.print(str(reply.get("said", "")))


@main.command(cls=_Command, options_metavar="[TÙY CHỌN]")
def enrol(
    studio: Annotated[
        str, typer.Option("--studio", help="Địa chỉ phòng thu, ví dụ https://loa.xa-tan-lap.vn.")
    ],
    code: Annotated[str, typer.Option("--code", help="Mã dùng một lần do «loa fleet enrol» in ra.")],
    config: ConfigFile = None,
    again: Annotated[bool, typer.Option("--again", help="Ghi danh lại, thay danh tính đang có.")] = False,
) -> None:
    """Ghi danh thiết bị với phòng thu: tự tạo khóa riêng, ghim khóa gốc có tên trong mã."""
    home = Home(_settings(config).state_dir)
    try:
        with web_client() as client:
            enrolled = enrolment.enrol(
                home, studio, code, version=agent_version(), again=again, client=client
            )
    except EnrolmentError as error:
        raise _refusal(error, FAILED) from error
    out.print(f"Đã ghi danh thiết bị {enrolled.device}. Bắt đầu bằng: loa-agent run")


@main.command(cls=_Command, options_metavar="[TÙY CHỌN]")
def version() -> None:
    """In phiên bản."""
    out.print(agent_version())


def _settings(config: Path | None) -> EdgeSettings:
    if config is not None:
        if not config.is_file():
            raise _refusal(f"không có tệp thiết lập {config}", BAD_SETTINGS)
        os.environ["LOA_AGENT_CONFIG"] = str(config)
    try:
        return EdgeSettings()
    except ValidationError as error:
        faults = vietnamese.wrong_settings(error)
        raise _refusal(f"thiết lập sai (biến LOA_AGENT_* hoặc tệp TOML): {faults}", BAD_SETTINGS) from error
    except PermissionError as error:
        raise _refusal(f"không có quyền đọc {error.filename}", BAD_SETTINGS) from error
    except (SettingsError, OSError) as error:
        raise _refusal(f"không đọc được thiết lập: {error}", BAD_SETTINGS) from error
    except ValueError as error:
        raise _refusal(vietnamese.wrong_toml(error), BAD_SETTINGS) from error


def _ask(config: Path | None, question: dict[str, object]) -> dict[str, object]:
    try:
        return ask(Home(_settings(config).state_dir).socket, question)
    except ControlError as error:
        raise _refusal(error, NOT_RUNNING) from error


def _refusal(what: object, code: int) -> typer.Exit:
    err.print(f"loa-agent: {what}", style="red", soft_wrap=True, markup=False, highlight=False)
    return typer.Exit(code)
