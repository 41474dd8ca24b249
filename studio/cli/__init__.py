"""`loa`: what technicians and administrators type. A room a file; each is imported only when it is asked for."""

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer
from typer.main import get_command

from studio.cli import words
from studio.cli.exits import EXIT_CODES, CliError, Exit, complain
from studio.errors import StudioError

ROOMS = {
    "studio": "studio.cli.setting_up",
    "login": "studio.cli.log_in",
    "logout": "studio.cli.log_out",
    "password": "studio.cli.password",
    "fleet": "studio.cli.fleet",
    "speech": "studio.cli.speech",
    "demo": "studio.cli.demo",
    "bench": "studio.cli.bench",
}
"""Command → module whose `app` (a Typer) it is. Adding a command touches this and its module."""


class _Rooms(words.Group):
    """Finds a command by its module, so that `loa fleet list` does not wait for speech and migrations."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return [name for name, module in ROOMS.items() if find_spec(module) is not None]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = get_command(import_module(ROOMS[cmd_name]).app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=_Rooms,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    options_metavar="[TÙY CHỌN]",
    subcommand_metavar="LỆNH [ĐỐI SỐ]...",
    epilog=EXIT_CODES,
)


@app.callback(help="Loa: tiếng nói của xã. Phòng thu, cụm loa và giọng đọc.")
def _loa() -> None:
    """Hold the commands together."""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its words as typed, `fleet list`, groups too: for tests that ask each for its help."""

    def walk(path: tuple[str, ...], command: Any) -> Iterator[tuple[str, Any]]:
        yield " ".join(path), command
        if hasattr(command, "list_commands"):
            for name in command.list_commands(None):
                yield from walk((*path, name), command.get_command(None, name))

    yield from walk((), get_command(app))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; what goes wrong is one line on stderr."""
    words.speak_vietnamese()
    command = get_command(app)
    try:
        code = command.main(list(arguments), standalone_mode=False, prog_name="loa")
    except CliError as error:
        complain(error.message)
        return error.code
    except StudioError as error:
        complain(error.message)
        return Exit.ERROR
    except typer.Abort:
        complain("Đã dừng theo yêu cầu.")
        return 130
    except words.UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
        else:
            complain(words.wrong_usage(error))
        return Exit.USAGE
    return code if isinstance(code, int) else Exit.OK


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))
