"""The words a technician sees on the box."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from edge_agent.cli import main
from edge_agent.settings import EdgeSettings
from edge_agent.vietnamese import state
from edge_agent.wire.errors import Refusal

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
    assert "Cách dùng: loa-agent" in answer.stdout and "Usage" not in answer.stdout


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("stpo", "không có lệnh này"),
        ("status extra", "thừa đối số"),
        ("enrol", "còn thiếu --studio"),
        ("run --confg x", "không có tùy chọn --confg"),
        ("status --config", "tùy chọn --config còn thiếu giá trị"),
    ],
)
def test_a_line_typed_wrong_is_explained_in_vietnamese(line: str, words: str) -> None:
    answer = CliRunner().invoke(main, line.split())
    assert answer.exit_code == 2 and words in answer.stderr
    assert "Error" not in answer.stderr and "Usage" not in answer.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('clock = "sundial"', "clock: phải là một trong: 'auto' hoặc 'host'"),
        ("tone_s = 99", "tone_s: tối đa là 20"),
        ("tone_s = 0", "tone_s: phải lớn hơn 0"),
        ('tone_s = "long"', "tone_s: phải là số"),
        ("reserve_mb = 0", "reserve_mb: tối thiểu là 1"),
        ("reserve_mb = 1.5", "reserve_mb: phải là số nguyên"),
        ("state_dir = 5", "state_dir: phải là một đường dẫn"),
        ("volume = 3", "volume: không có thiết lập này"),
        ("player = =", "sai cú pháp TOML (dòng 1"),
    ],
)
def test_a_wrong_setting_is_explained_in_vietnamese(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(text)
    answer = CliRunner().invoke(main, ["status", "--config", str(path)], env={"LOA_AGENT_CONFIG": None})
    assert answer.exit_code == 5 and words in answer.stderr
    assert not re.search(r"\b(should|input|value|invalid)\b", answer.stderr, re.IGNORECASE)


def test_a_file_of_settings_that_is_none_is_named(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["status", "--config", str(tmp_path)], env={"LOA_AGENT_CONFIG": None})
    assert answer.exit_code == 5 and str(tmp_path) in answer.stderr


def test_the_state_of_a_box_is_told_in_vietnamese() -> None:
    told = {
        "clock": "holdover",
        "clock_source": "welcome",
        "connected": False,
        "why_down": "Not authorized",
        "behind": ["config", "plan/ap-3", "emergency/ap-3"],
        "refused": {each.value: 2 for each in Refusal},
    }
    lines = dict(state(told))
    assert lines["Căn cứ của đồng hồ"] == "phòng thu trả lời" and lines["Kết nối phòng thu"] == "không"
    assert lines["Lý do mất kết nối"].startswith("máy chủ MQTT không nhận thiết bị này")
    assert lines["Kế hoạch mới chưa nhận được"] == "cấu hình\nkế hoạch của ap-3\nkế hoạch khẩn cấp của ap-3"
    refused = lines["Thông điệp đã từ chối"]
    assert "chữ ký sai: 2" in refused and not any(each.value in refused for each in Refusal)


@pytest.mark.parametrize("name", sorted(EdgeSettings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    said = EdgeSettings.model_fields[name].description
    assert said and VIETNAMESE.search(said)
