"""Getting in, staying in, being kept out; and forms that our own pages did not write."""

import threading
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from studio import users
from studio.db import reading, transaction
from studio.models.users import LoginSession, Role
from studio.web.doors import SESSION_COOKIE

PASSWORD = "chim hót đầu xuân"


def test_a_stranger_is_led_to_the_log_in_and_then_where_they_wanted(browser: Any, person: Any) -> None:
    person("lan", Role.OFFICER)
    one = browser()
    assert "tiep=/doi-mat-khau" in str(one.client.get("/doi-mat-khau").url)
    answer = one.client.post(
        "/dang-nhap",
        data={"csrf": one.csrf(), "name": "Lan ", "password": PASSWORD, "tiep": "/doi-mat-khau"},
    )
    assert answer.status_code == 200
    assert answer.url.path == "/doi-mat-khau"


@pytest.mark.parametrize("elsewhere", ["https://xau.vn/", "//xau.vn", "/\\xau.vn", "xau"])
def test_nobody_is_led_elsewhere(browser: Any, person: Any, elsewhere: str) -> None:
    person("lan", Role.OFFICER)
    one = browser()
    fields = {"csrf": one.csrf(), "name": "lan", "password": PASSWORD, "tiep": elsewhere}
    answer = one.client.post("/dang-nhap", data=fields, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_wrong_name_and_wrong_password_look_the_same(browser: Any, person: Any) -> None:
    person("lan", Role.OFFICER)
    one = browser()
    for name in ("lan", "khong.co"):
        assert "Tên đăng nhập hoặc mật khẩu không đúng." in one.log_in(name, "sai bét", status=401)


def test_guessing_locks_the_account_for_a_while(
    browser: Any, person: Any, clock: Any, engine: Engine
) -> None:
    person("lan", Role.OFFICER)
    one = browser()
    for _ in range(5):
        one.log_in("lan", "sai bét", status=401)
    assert "thử lại sau 15 phút" in one.log_in("lan", PASSWORD, status=429)
    clock.forward(minutes=14, seconds=30)
    assert "thử lại sau 1 phút" in one.log_in("lan", PASSWORD, status=429)
    clock.forward(seconds=30)
    assert "Hôm nay" in one.log_in("lan", PASSWORD)
    with reading(engine) as session:
        lan = users.named(session, "lan")
    assert lan is not None
    assert (lan.failures, lan.locked_until) == (0, None)


def test_guessing_at_once_gains_nothing(open_client: Any, person: Any, engine: Engine) -> None:
    person("lan", Role.OFFICER)
    answers: list[int] = []

    def guess(number: int) -> None:
        given = {"user": "lan", "password": f"đoán lần {number}"}
        answers.append(open_client().post("/api/v1/sessions", json=given).status_code)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [401] * 5 + [429] * 7


def test_a_one_time_password_opens_only_the_door_to_changing_it(
    browser: Any, engine: Engine, clock: Any
) -> None:
    with transaction(engine) as session:
        password = users.create_first_administrator(session, clock())
    one = browser()
    assert "chỉ dùng được một lần" in one.log_in("quantri", password)
    assert "chỉ dùng được một lần" in one.get("/nguoi-dung")
    assert "không giống nhau" in one.post(
        "/doi-mat-khau", status=422, old=password, new="tre xanh rì rào", again="tre xanh"
    )
    assert "hiện tại không đúng" in one.post(
        "/doi-mat-khau", status=422, old="sai", new="tre xanh rì rào", again="tre xanh rì rào"
    )
    assert "phải khác" in one.post("/doi-mat-khau", status=422, old=password, new=password, again=password)
    changed = one.post("/doi-mat-khau", old=password, new="tre xanh rì rào", again="tre xanh rì rào")
    assert "Đã đổi mật khẩu." in changed
    assert "Thêm người dùng" in one.get("/nguoi-dung")
    assert "không đúng" in browser().log_in("quantri", password, status=401)


def test_changing_the_password_ends_every_other_log_in(logged_in: Any, browser: Any) -> None:
    here = logged_in("lan", Role.OFFICER)
    there = browser()
    there.log_in("lan", PASSWORD)
    here.post("/doi-mat-khau", old=PASSWORD, new="tre xanh rì rào", again="tre xanh rì rào")
    assert "Hôm nay</h1>" in here.get("/")
    assert "Đăng nhập</h1>" in there.get("/")


def test_a_log_in_ends_when_nobody_visits_and_after_half_a_day(logged_in: Any, clock: Any) -> None:
    lan = logged_in("lan", Role.OFFICER)
    for _ in range(14):
        clock.forward(minutes=50)
        assert "Hôm nay</h1>" in lan.get("/")
    clock.forward(minutes=50)  # 12 hours and a half since the log-in
    assert "Đăng nhập</h1>" in lan.get("/")
    lan.log_in("lan", PASSWORD)
    clock.forward(minutes=61)
    assert "Đăng nhập</h1>" in lan.get("/")


def test_logging_out_ends_the_log_in_and_not_only_the_cookie(logged_in: Any) -> None:
    lan = logged_in("lan", Role.OFFICER)
    token = lan.client.cookies[SESSION_COOKIE]
    assert "Bạn đã đăng xuất" in lan.post("/dang-xuat")
    assert SESSION_COOKIE not in lan.client.cookies
    lan.client.cookies.set(SESSION_COOKIE, token)
    assert "Đăng nhập</h1>" in lan.get("/")


def test_the_token_is_not_in_the_database_and_the_cookie_is_kept_from_scripts(
    browser: Any, person: Any, engine: Engine
) -> None:
    person("lan", Role.OFFICER)
    one = browser()
    fields = {"csrf": one.csrf(), "name": "lan", "password": PASSWORD}
    answer = one.client.post("/dang-nhap", data=fields, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    with reading(engine) as session:
        row = session.exec(select(LoginSession)).one()
    assert one.client.cookies[SESSION_COOKIE] not in row.model_dump_json()


@pytest.mark.parametrize("forged", [{}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "ữ"}])
def test_a_form_that_our_page_did_not_write_does_nothing(logged_in: Any, forged: dict[str, str]) -> None:
    lan = logged_in("lan", Role.OFFICER)
    draft = {"title": "Giả", "text": "Nội dung giả mạo."}
    answer = lan.client.post("/ban-tin/moi", data=forged | draft)
    assert answer.status_code == 403
    assert "tải lại trang" in answer.text
    assert "Chưa có bản tin nào" in lan.get("/ban-tin")


def test_the_token_of_another_browser_is_worth_nothing(logged_in: Any) -> None:
    lan, hung = logged_in("lan", Role.OFFICER), logged_in("hung", Role.OFFICER)
    draft = {"csrf": hung.csrf(), "title": "Giả", "text": "Nội dung giả mạo."}
    assert lan.client.post("/ban-tin/moi", data=draft).status_code == 403


def test_the_api_takes_no_cookie_and_a_page_no_bearer_token(
    logged_in: Any, open_client: Any, person: Any
) -> None:
    lan = logged_in("lan", Role.OFFICER)
    assert lan.client.get("/api/v1/users/me").status_code == 401
    client = open_client()
    token = client.post("/api/v1/sessions", json={"user": "lan", "password": PASSWORD}).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    assert client.get("/api/v1/users/me").json()["name"] == "lan"
    assert client.get("/").url.path == "/dang-nhap"
    client.cookies.set(SESSION_COOKIE, token)
    assert client.get("/").url.path == "/dang-nhap"
    assert client.delete("/api/v1/sessions/current").status_code == 204
    assert client.get("/api/v1/users/me").status_code == 401
