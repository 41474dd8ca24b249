"""Whatever happens to a request, what a person wrote at length is on the answer: nobody types a bulletin twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import select

from studio import log_in
from studio.db import transaction
from studio.models.users import LoginSession, Role
from studio.services import Services

WRITTEN = {"title": "Mời họp <ấp 3>", "text": "Mời bà con đến nhà văn hóa ấp 3.\nĐúng 7 giờ 30."}
SHOWN = ("Mời họp &lt;ấp 3&gt;</textarea>", "Đúng 7 giờ 30.</textarea>", "Những gì bạn vừa viết")


@pytest.fixture
def lan(logged_in: Callable[..., Any]) -> Any:
    return logged_in("lan", Role.OFFICER)


def holds_all(text: str) -> bool:
    return all(each in text for each in SHOWN)


def test_when_the_log_in_ran_out_while_writing(lan: Any, clock: Any, settings: Any) -> None:
    token = lan.csrf()
    clock.forward(seconds=(settings.session_idle + timedelta(minutes=1)).total_seconds())
    answer = lan.client.post("/ban-tin/moi", data={"csrf": token, **WRITTEN})
    assert answer.status_code == 401
    assert holds_all(answer.text)
    assert 'href="/dang-nhap"' in answer.text


def test_when_somebody_logged_in_anew_in_another_tab(lan: Any) -> None:
    token = lan.csrf()
    lan.log_in("lan", "chim hót đầu xuân")
    answer = lan.client.post("/ban-tin/moi", data={"csrf": token, **WRITTEN})
    assert answer.status_code == 403
    assert holds_all(answer.text)


def test_when_the_bulletin_was_decided_meanwhile(lan: Any, logged_in: Callable[..., Any]) -> None:
    lan.post("/ban-tin/moi", **WRITTEN)
    hung = logged_in("hung", Role.LEADER)
    text = hung.post("/ban-tin/1/tra-lai", status=409, reason="Sai giờ họp, sai cả ngày.")
    assert "Sai giờ họp, sai cả ngày.</textarea>" in text


def test_when_a_field_of_the_form_is_missing(lan: Any) -> None:
    lan.post("/ban-tin/moi", **WRITTEN)
    assert holds_all(lan.post("/ban-tin/1/sua", status=422, **WRITTEN))


def test_when_the_database_has_no_room_left(lan: Any, engine: Engine) -> None:
    def fill(connection: Any, *_about: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "checkout", fill)
    long = "Mời bà con đi họp. " * 2_000
    text = lan.post("/ban-tin/moi", status=503, title="Mời họp", text=long)
    assert text.count("Mời bà con đi họp. ") == 2_000
    assert "ổ đĩa đã đầy" in text


def test_passwords_are_never_given_back(lan: Any) -> None:
    token = lan.csrf()
    lan.log_in("lan", "chim hót đầu xuân")
    typed = {"old": "chim hót đầu xuân", "new": "mùa lúa chín vàng", "again": "mùa lúa chín vàng"}
    answer = lan.client.post("/doi-mat-khau", data={"csrf": token, **typed})
    assert answer.status_code == 403
    assert not any(word in answer.text for word in typed.values())


def test_whoever_only_looked_comes_back_to_where_they_were(
    lan: Any, services: Services, engine: Engine
) -> None:
    with transaction(engine) as session:
        for row in session.exec(select(LoginSession)):
            session.delete(row)
    answer = lan.client.get("/ban-tin?tim=nước lũ&trang=2")
    assert 'name="tiep" value="/ban-tin?tim=n%C6%B0%E1%BB%9Bc%20l%C5%A9&amp;trang=2"' in answer.text
    entered = lan.client.post(
        "/dang-nhap",
        data={
            "csrf": log_in.csrf_token(lan.client.cookies["loa_phien"]),
            "name": "lan",
            "password": "chim hót đầu xuân",
            "tiep": "/ban-tin?tim=n%C6%B0%E1%BB%9Bc%20l%C5%A9&trang=2",
        },
    )
    assert entered.url.query == b"tim=n%C6%B0%E1%BB%9Bc%20l%C5%A9&trang=2"
