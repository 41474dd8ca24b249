"""`loa login`, `logout`, `password`: a token of one's own, kept from others."""

import json
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import PASSWORD, Loa, Served
from tests.support.mosquitto import free_port


def test_the_token_is_readable_by_its_owner_only(studio: Served) -> None:
    file = studio.home / "config" / "loa" / "login.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o077 == 0
    kept = json.loads(file.read_text())
    assert (kept["url"], kept["user"]) == (studio.url, "quantri")
    assert PASSWORD not in file.read_text()


def test_a_wrong_password_is_refused_and_not_repeated(studio: Served, loa: Loa) -> None:
    told = loa("login", studio.url, "--user", "khong-co", "--password-stdin", stdin="mat-khau-sai-123\n")
    assert told.code == 3
    assert told.err == "loa: Tên đăng nhập hoặc mật khẩu không đúng.\n"
    assert "mat-khau-sai-123" not in told.out + told.err
    assert loa("fleet", "list").code == 3


def test_log_out_ends_the_log_in_here_and_at_the_studio(studio: Served, loa: Loa) -> None:
    entered = loa("login", studio.url + "/", "--user", "QuanTri", "--password-stdin", stdin=PASSWORD)
    assert entered.code == 0, entered.err
    assert "một lần" not in entered.out
    shown = loa("fleet", "list", "--json")
    assert shown.code == 0
    assert loa("logout").code == 0
    after = loa("fleet", "list")
    assert after.code == 3
    assert "loa login" in after.err
    assert loa("logout").code == 0, "twice is harmless"


def test_a_token_of_old_is_refused_with_what_to_do(studio: Served, loa: Loa, tmp_path: Path) -> None:
    loa("login", studio.url, "--user", "quantri", "--password-stdin", stdin=PASSWORD)
    kept = json.loads((tmp_path / "config" / "loa" / "login.json").read_text())
    httpx.delete(
        f"{studio.url}/api/v1/sessions/current", headers={"Authorization": f"Bearer {kept['token']}"}
    )
    told = loa("fleet", "list")
    assert told.code == 3
    assert "đăng nhập" in told.err


def test_a_new_password_must_be_a_good_one(studio: Served) -> None:
    told = studio("password", "--stdin", stdin=f"{PASSWORD}\n12345678\n")
    assert told.code == 1
    assert "ít nhất 10 ký tự" in told.err
    assert "12345678" not in told.out + told.err
    assert studio("fleet", "list", "--json").code == 0


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://a", "http://", "https://a?b=c"])
def test_what_is_no_address_is_wrong_usage(typed: Loa, url: str) -> None:
    told = typed("login", url, "--user", "lan", "--password-stdin")
    assert told.code == 2
    assert "ĐỊA-CHỈ" in told.err


def test_a_studio_that_is_not_there_has_a_code_of_its_own(loa: Loa) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    told = loa("login", url, "--user", "lan", "--password-stdin", stdin="x")
    assert told.code == 5
    assert told.err.startswith(f"loa: Không kết nối được tới phòng thu ở {url}")
    assert len(told.err.splitlines()) == 1
    assert loa("login", "http://khong-co.invalid", "--user", "a", "--password-stdin", stdin="x").code == 5


def test_a_web_server_that_is_no_studio_is_recognised(studio: Served, loa: Loa) -> None:
    told = loa("login", f"{studio.url}/static", "--user", "lan", "--password-stdin", stdin="x")
    assert told.code == 1
    assert "không phải phòng thu" in told.err


def test_a_password_over_an_open_network_is_warned_of(loa: Loa) -> None:
    told = loa("login", "http://khong-co.invalid", "--user", "a", "--password-stdin", stdin="x")
    assert "không mã hóa" in told.err
