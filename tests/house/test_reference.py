"""Every setting and every command is documented, and firmware_notes/reference.md says what the code does."""

import re
from typing import Any

import pytest

from studio.cli import commands as loa_commands
from tests.support.reference_tables import (
    REFERENCE,
    SETTINGS,
    TABLES,
    agent_commands,
    options,
    renewed,
    settings,
)

TEXT = REFERENCE.read_text()
COMMANDS: list[tuple[str, Any]] = [
    *((f"loa {words}".strip(), command) for words, command in loa_commands()),
    *((f"loa-agent {words}".strip(), command) for words, command in agent_commands()),
]
VIETNAMESE = re.compile(
    "[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE
)


def test_the_reference_is_as_the_code_is() -> None:
    assert renewed(TEXT) == TEXT, "run: python -m tests.support.reference_tables"


def test_every_table_is_in_the_reference() -> None:
    assert all(f"<!-- {name} -->" in TEXT for name in TABLES)


@pytest.mark.parametrize("of", SETTINGS, ids=lambda of: of.__name__)
def test_every_setting_is_explained(of: Any) -> None:
    assert [name for name, _, meaning in settings(of) if not meaning] == []


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_and_option_has_vietnamese_help(name: str, command: Any) -> None:
    assert VIETNAMESE.search(command.help or ""), f"{name}: a technician at night needs a sentence here"
    for option in options(command):
        assert VIETNAMESE.search(getattr(option, "help", None) or ""), (
            f"{name} {option.name}: say what it does"
        )
