"""The tables of firmware_notes/reference.md, made from the code.

`python -m tests.support.reference_tables` renews them.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_settings import BaseSettings
from typer.main import get_command

from edge_agent.cli import main as loa_agent
from edge_agent.settings import EdgeSettings
from studio.cli import commands as loa_commands
from studio.settings import StudioSettings

REFERENCE = Path(__file__).parents[2] / "firmware_notes" / "reference.md"
SETTINGS: tuple[type[BaseSettings], ...] = (StudioSettings, EdgeSettings)


def settings(of: type[BaseSettings]) -> Iterator[tuple[str, str, str]]:
    """Every setting: variable, default, meaning; what is nested stands under its own name."""
    prefix, joint = of.model_config.get("env_prefix", ""), of.model_config.get("env_nested_delimiter")

    def walk(model: type[BaseModel], before: str) -> Iterator[tuple[str, str, str]]:
        for name, field in model.model_fields.items():
            default = field.get_default(call_default_factory=True, validated_data={})
            if isinstance(default, BaseModel):
                yield from walk(type(default), f"{before}{name}{joint}")
                continue
            shown = "" if default in (None, "") else f"`{default}`"
            yield f"{before}{name}".upper(), shown, " ".join((field.description or "").split())

    yield from walk(of, prefix)


def agent_commands() -> Iterator[tuple[str, Any]]:
    group: Any = get_command(loa_agent)
    yield "", group
    for name in group.list_commands(None):
        yield name, group.get_command(None, name)


def options(command: Any) -> list[Any]:
    return [p for p in command.params if p.name not in {"help", "install_completion", "show_completion"}]


def _settings_table(of: type[BaseSettings]) -> str:
    rows = [f"| `{name}` | {default} | {meaning} |" for name, default, meaning in settings(of)]
    return "\n".join(["| biến môi trường | mặc định | ý nghĩa |", "|---|---|---|", *rows])


def _commands_table(name: str, walk: Callable[[], Iterator[tuple[str, Any]]]) -> str:
    rows = ["| lệnh | làm gì |", "|---|---|"]
    for words, command in walk():
        if hasattr(command, "list_commands"):
            continue
        shown = [
            p.opts[0] if p.param_type_name == "option" else (p.metavar or p.name.upper())
            for p in options(command)
        ]
        typed = " ".join([name, words, *(f"[{each}]" for each in shown)])
        rows.append(f"| `{typed}` | {' '.join((command.help or '').split())} |")
    return "\n".join(rows)


TABLES: dict[str, Callable[[], str]] = {
    "StudioSettings": lambda: _settings_table(StudioSettings),
    "EdgeSettings": lambda: _settings_table(EdgeSettings),
    "loa": lambda: _commands_table("loa", loa_commands),
    "loa-agent": lambda: _commands_table("loa-agent", agent_commands),
}
_MARKED = re.compile(r"<!-- ([\w-]+) -->\n.*?<!-- end -->", re.DOTALL)


def renewed(text: str) -> str:
    """The document with every marked table made anew."""
    return _MARKED.sub(lambda m: f"<!-- {m[1]} -->\n{TABLES[m[1]]()}\n<!-- end -->", text)


if __name__ == "__main__":
    REFERENCE.write_text(renewed(REFERENCE.read_text()))
