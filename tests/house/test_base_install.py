"""What a Pi installs: the wheel alone, without any extra."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the base wheel and what it needs."""
    folder = tmp_path_factory.mktemp("base")
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    built = run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), ".")
    assert built.returncode == 0, built.stderr
    venv = folder / "venv"
    assert run(sys.executable, "-m", "venv", "--without-pip", str(venv)).returncode == 0
    (wheel,) = folder.glob("loa-*.whl")
    installed = run(*pip, "--python", str(venv / "bin" / "python"), "install", str(wheel))
    assert installed.returncode == 0, installed.stderr
    return venv / "bin"


@pytest.mark.timeout(300)
def test_the_agent_helps_itself_on_a_base_install(base: Path) -> None:
    told = run(base / "loa-agent", "--help")
    assert told.returncode == 0, told.stderr
    for command in ("run", "status", "stop", "enrol"):
        assert command in told.stdout


@pytest.mark.timeout(300)
def test_the_studio_says_in_one_line_what_it_needs(base: Path) -> None:
    told = run(base / "loa", "--help")
    assert told.returncode == 1
    assert len(told.stderr.strip().splitlines()) == 1
    assert "pip install '.[studio]'" in told.stderr
