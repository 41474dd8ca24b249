"""`loa studio init`: keys and the first administrator, once; secrets are told once and kept nowhere else."""

import json
from pathlib import Path

import pytest

from edge_agent.wire import signing
from tests.cli.conftest import Loa, Served


def test_what_is_shown_is_the_root_and_a_password(loa: Loa, tmp_path: Path) -> None:
    told = loa("studio", "init", "--data", str(tmp_path / "s"))
    assert told.code == 0, told.err
    assert told.err == ""
    (line,) = [each for each in told.out.splitlines() if each.startswith("{")]
    root = signing.private_key(line)
    assert f"Khóa gốc {signing.kid(root)}" in told.out
    assert "két" in told.out
    assert "Quản trị viên: quantri" in told.out
    assert "Mật khẩu dùng một lần: " in told.out


def test_each_secret_is_told_once_and_stands_in_no_file(loa: Loa, tmp_path: Path) -> None:
    told = loa("studio", "init", "--data", str(tmp_path / "s"), "--json")
    secrets = (told.json["password"], json.loads(told.json["root"])["d"])
    for secret in secrets:
        assert told.out.count(secret) == 1
        for file in (each for each in tmp_path.rglob("*") if each.is_file()):
            assert secret.encode() not in file.read_bytes(), file


def test_only_the_owner_can_read_what_was_made(loa: Loa, tmp_path: Path) -> None:
    loa("studio", "init", "--data", str(tmp_path / "s"))
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0
    (signer,) = (tmp_path / "s" / "keys").iterdir()
    assert signer.stat().st_mode & 0o077 == 0


def test_a_second_time_is_refused_and_changes_nothing(loa: Loa, tmp_path: Path) -> None:
    loa("studio", "init", "--data", str(tmp_path / "s"))
    before = {file: file.read_bytes() for file in (tmp_path / "s").rglob("*") if file.is_file()}
    again = loa("studio", "init", "--data", str(tmp_path / "s"))
    assert (again.code, again.out) == (1, "")
    assert "đã được lập rồi" in again.err
    assert {file: file.read_bytes() for file in (tmp_path / "s").rglob("*") if file.is_file()} == before


def test_a_place_that_cannot_be_is_named(loa: Loa, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    told = loa("studio", "init", "--data", str(tmp_path / "file" / "s"))
    assert told.code == 1
    assert len(told.err.splitlines()) == 1
    assert str(tmp_path / "file" / "s") in told.err


def test_a_name_that_cannot_be_is_refused_and_the_studio_can_still_be_set_up(
    loa: Loa, tmp_path: Path
) -> None:
    refused = loa("studio", "init", "--data", str(tmp_path / "s"), "--admin", "Ông Quản")
    assert refused.code == 1
    assert "Tên đăng nhập gồm" in refused.err
    assert refused.out == ""
    assert loa("studio", "init", "--data", str(tmp_path / "s")).code == 0


def test_without_init_nothing_is_served(loa: Loa, tmp_path: Path) -> None:
    told = loa("studio", "serve", "--data", str(tmp_path / "s"), "--port", "0", LOA_STUDIO_BROKER__PORT="0")
    assert told.code == 1
    assert "loa studio init" in told.err


def test_a_port_that_is_taken_is_named(studio: Served, loa: Loa, tmp_path: Path) -> None:
    port = studio.url.rpartition(":")[2]
    told = loa("studio", "serve", "--data", str(tmp_path / "s"), "--port", port)
    assert told.code == 1
    assert f"Cổng {port}" in told.err


BROKER = "LOA_STUDIO_BROKER__"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"LOA_STUDIO_TIME_ZONE": "Asia/Nowhere"}, "LOA_STUDIO_TIME_ZONE: không phải tên múi giờ"),
        ({f"{BROKER}PORT": "99999"}, f"{BROKER}PORT."),
        (
            {f"{BROKER}EMBEDDED": "false", f"{BROKER}TLS": "true"},
            f"{BROKER}CA_FILE: {BROKER}TLS=true cần tệp",
        ),
        (
            {f"{BROKER}TLS": "true", f"{BROKER}CA_FILE": "/ca.pem"},
            f"{BROKER}TLS: máy chủ MQTT tự chạy không có TLS",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    loa: Loa, tmp_path: Path, given: dict[str, str], told: str
) -> None:
    refused = loa("studio", "serve", "--data", str(tmp_path), **given)
    assert refused.code == 1
    assert told in refused.err
    assert len(refused.err.splitlines()) == 1
