"""The layers of the house, and rooms that stay small."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("studio", "tts", "scheduler", "edge_agent")
FILES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations/versions" not in str(path)  # written by Alembic, one statement after the other
)
LONGEST_FILE = 300
LONGEST_FUNCTION = 60
USUAL_FUNCTION = 40


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    told = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def imports() -> dict[str, set[str]]:
    """Which of our modules each of our modules imports at its top."""
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in FILES
    }
    found: dict[str, set[str]] = {}
    for name, path in names.items():
        wanted: set[str] = set()
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                wanted |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
        found[name] = (wanted & names.keys()) - {name}
    return found


def test_no_module_imports_itself_by_a_detour() -> None:
    left = imports()
    while free := {name for name, wanted in left.items() if not wanted & left.keys()}:
        left = {name: wanted for name, wanted in left.items() if name not in free}
    # A package is not in a cycle because its own rooms name it: only what remains after those is one.
    cycle = {n: {w for w in wanted & left.keys() if not n.startswith(f"{w}.")} for n, wanted in left.items()}
    while free := {name for name, wanted in cycle.items() if not wanted & cycle.keys()}:
        cycle = {name: wanted for name, wanted in cycle.items() if name not in free}
    assert not cycle


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_rooms_are_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    assert max((length for _, length in functions(path)), default=0) <= LONGEST_FUNCTION


def test_most_functions_are_under_forty_lines() -> None:
    lengths = [length for path in FILES for _, length in functions(path)]
    assert sum(length <= USUAL_FUNCTION for length in lengths) >= 0.97 * len(lengths)


@pytest.mark.parametrize("word", ["utils", "util", "helper", "helpers", "manager", "common", "misc"])
def test_no_room_is_called_a_lumber_room(word: str) -> None:
    assert not [path for path in FILES if path.stem == word]
