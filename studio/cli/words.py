"""What the parsing of the command line says to people, in Vietnamese: wrong usage, values, titles of help."""

from typing import Any

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from studio.cli.exits import EXIT_CODES

UsageError: Any = typer.BadParameter.__mro__[1]
"""Base of every complaint about usage. Typer carries its own copy of click, which has no public name."""
ClickException: Any = UsageError.__mro__[1]


class Command(TyperCommand):
    """A command whose `--help` is in Vietnamese."""

    def get_help_option(self, ctx: Any) -> Any:
        """Explain `--help` itself."""
        return _explained(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that says how it is typed."""
        _write_usage(self, ctx, formatter)


class Group(TyperGroup):
    """A group of commands whose `--help` is in Vietnamese."""

    def get_help_option(self, ctx: Any) -> Any:
        """Explain `--help` itself."""
        return _explained(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that says how it is typed."""
        _write_usage(self, ctx, formatter)


class Room(typer.Typer):
    """A Typer whose commands are of our kind."""

    def command(self, name: str | None = None, **more: Any) -> Any:
        """Add a command, as Typer does."""
        return super().command(name, **({"cls": Command} | more))


def group(about: str | None = None) -> typer.Typer:
    """Make the Typer of one room; with `about` it is a group of commands that explains itself."""
    return Room(
        cls=Group,
        help=about,
        no_args_is_help=about is not None,
        add_completion=False,
        pretty_exceptions_enable=False,
        options_metavar="[TÙY CHỌN]",
        subcommand_metavar="LỆNH [ĐỐI SỐ]...",
        epilog=EXIT_CODES,
    )


def speak_vietnamese() -> None:
    """Give Typer's help its Vietnamese titles."""
    rich_utils.ARGUMENTS_PANEL_TITLE = "Đối số"
    rich_utils.OPTIONS_PANEL_TITLE = "Tùy chọn"
    rich_utils.COMMANDS_PANEL_TITLE = "Lệnh"
    rich_utils.DEFAULT_STRING = "[mặc định: {}]"
    rich_utils.REQUIRED_LONG_STRING = "[bắt buộc]"


def wrong_usage(error: Any) -> str:
    """Say what is wrong with the command line. What our own parsers said is kept."""
    context = getattr(error, "ctx", None)
    hint = f" Xem: {context.command_path} --help" if context is not None else ""
    name = _name(error)
    match type(error).__name__:
        case "NoSuchOption":
            return f"Không có tùy chọn {getattr(error, 'option_name', '')}.{hint}"
        case "MissingParameter":
            return f"Còn thiếu {name}.{hint}"
        case "BadOptionUsage":
            return (
                f"Tùy chọn {getattr(error, 'option_name', '')} dùng chưa đúng, có lẽ còn thiếu giá trị.{hint}"
            )
        case "BadParameter":
            said = str(getattr(error, "message", ""))
            ours = any(char in said for char in "ấảáậặãạềếểệịọộốớợờủụứừựđươâêôăèéẹàùúìíòóỳý")
            return f"{name}: {said if ours else 'giá trị không hợp lệ.'}{hint}"
        case _:
            return f"Gõ chưa đúng: không có lệnh con này, hoặc thừa đối số.{hint}"


def percent(text: str) -> int:
    """Parse a volume, 0 to 100."""
    return _whole(text, 0, 100)


def port(text: str) -> int:
    """Parse a TCP port; 0 takes a free one."""
    return _whole(text, 0, 65535)


def seconds(text: str) -> int:
    """Parse how long to wait, up to ten minutes."""
    return _whole(text, 0, 600)


def _whole(text: str, least: int, most: int) -> int:
    text = str(text).strip()
    if not text.isdecimal() or len(text) > 6 or not least <= int(text) <= most:
        raise typer.BadParameter(f"phải là số nguyên từ {least} đến {most}.")
    return int(text)


def _explained(option: Any) -> Any:
    if option is not None:
        option.help = "Xem hướng dẫn này."
    return option


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    pieces = " ".join(command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, pieces, prefix="Cách dùng: ")


def _name(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return str(getattr(error, "param_hint", "") or "giá trị")
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name).upper()
