"""The words a technician sees on the box."""

import re
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from edge_agent.cli import main
from edge_agent.settings import EdgeSettings

GROUP: Any = typer.main.get_command(main)
VIETNAMESE = re.compile(
    r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE
)


@pytest.mark.parametrize("command", sorted(GROUP.commands))
def test_every_command_and_option_has_help_in_vietnamese(command: str) -> None:
    found = GROUP.commands[command]
    assert found.help and VIETNAMESE.search(found.help), (
        f"{command}: a technician at night needs a sentence here"
    )
    for option in found.params:
        if option.name != "help":
            assert getattr(option, "help", None), f"{command} {option.name} has no help"


def test_help_names_the_exit_codes() -> None:
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0 and "Mã thoát" in answer.stdout
    assert "Xem hướng dẫn này" in answer.stdout and "Show this message" not in answer.stdout


@pytest.mark.parametrize("name", sorted(EdgeSettings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    said = EdgeSettings.model_fields[name].description
    assert said and VIETNAMESE.search(said)
