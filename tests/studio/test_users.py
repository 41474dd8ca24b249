"""People: added with a one-time password, reset, shut out; and who may do what."""

import itertools
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from studio import passwords, users
from studio.db import reading, transaction
from studio.errors import Conflict, Forbidden, Invalid
from studio.models.users import LoginSession, Role, User
from studio.rights import RIGHTS, Action, demand, may


def test_the_first_administrator_gets_a_one_time_password_and_there_is_no_second(
    engine: Engine, clock: Any
) -> None:
    with transaction(engine) as session:
        password = users.create_first_administrator(session, clock())
        with pytest.raises(Conflict, match="đã có người dùng"):
            users.create_first_administrator(session, clock())
    with reading(engine) as session:
        admin = users.named(session, "quantri")
    assert admin is not None
    assert admin.role is Role.ADMINISTRATOR
    assert admin.must_change_password
    assert passwords.fits(password, admin.password_hash)
    assert password not in admin.password_hash


def test_one_time_passwords_differ_and_pass_our_own_rules() -> None:
    made = {passwords.one_time() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert not set(password) & set("ilo01")
        passwords.judge(password, user_name="lan")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("ngắn quá", "ít nhất 10"),
        ("12345678901", "quá đơn giản"),
        ("aaaaaaaaaaaa", "quá đơn giản"),
        ("!!!!!!!!!!!!", "quá đơn giản"),
        ("Matkhau@2026", "quá phổ biến"),
        ("Mật khẩu 2026", "quá phổ biến"),
        ("password1234", "quá phổ biến"),
        ("lan.nguyen2026", "giống tên đăng nhập"),
        ("x" * 201, "quá 200"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        passwords.judge(password, user_name="lan.nguyen")


@pytest.mark.parametrize("name", ["nguyen-thi-lan", "nguyen.thi_lan", "nguyenthilan2026"])
def test_a_password_that_is_ones_own_name_is_refused_however_the_name_is_written(name: str) -> None:
    with pytest.raises(Invalid, match="giống tên đăng nhập"):
        passwords.judge("Nguyễn Thị Lan 1990", user_name=name)


def test_whatever_password_is_taken_lets_one_in_afterwards() -> None:
    long = unicodedata.normalize("NFD", "ề" * 60 + "ữ" * 60 + "ạbcđẽ" * 10)
    assert len(long) > passwords.LONGEST
    passwords.judge(long, user_name="lan")
    assert passwords.fits(long, passwords.hashed(long))
    assert not passwords.fits("a" * 100_000, passwords.hashed(long))


def test_a_password_typed_on_another_keyboard_is_the_same_password() -> None:
    kept = passwords.hashed("chim hót đầu xuân")
    assert passwords.fits("chim ho\u0301t \u0111a\u0302\u0300u xua\u0302n", kept)
    assert not passwords.fits("chim hot dau xuan", kept)
    assert not passwords.fits("chim hót đầu xuân", None)


@pytest.mark.parametrize(
    ("name", "full_name", "field"),
    [("", "Lan", "name"), ("Lan Anh", "Lan", "name"), ("l" * 41, "Lan", "name"), ("lan", " ", "full_name")],
)
def test_a_name_that_will_not_do_is_refused(
    engine: Engine, clock: Any, name: str, full_name: str, field: str
) -> None:
    with transaction(engine) as session, pytest.raises(Invalid) as refused:
        users.create(session, name=name, full_name=full_name, role=Role.OFFICER, now=clock())
    assert refused.value.field == field


def test_two_people_never_share_a_name(engine: Engine, person: Any, clock: Any) -> None:
    person("lan", Role.OFFICER)
    with transaction(engine) as session, pytest.raises(Conflict):
        users.create(session, name=" LAN", full_name="Lan khác", role=Role.LEADER, now=clock())


def test_whoever_is_shut_out_is_out_at_once(engine: Engine, person: Any, logged_in: Any, clock: Any) -> None:
    admin = person("quantri", Role.ADMINISTRATOR)
    lan = logged_in("lan", Role.OFFICER)
    assert "Hôm nay" in lan.get("/")
    with transaction(engine) as session:
        user = users.named(session, "lan")
        assert user is not None
        users.set_disabled(session, user, disabled=True, by=admin, now=clock())
        assert session.exec(select(LoginSession)).all() == []
    assert "Tên đăng nhập" in lan.get("/")
    assert "đã bị khóa" in lan.log_in("lan", "chim hót đầu xuân", status=401)


def test_the_last_administrator_stays(engine: Engine, person: Any, clock: Any) -> None:
    admin, other = person("mot", Role.ADMINISTRATOR), person("hai", Role.ADMINISTRATOR)
    with transaction(engine) as session:
        users.set_disabled(session, users.get(session, other.id), disabled=True, by=admin, now=clock())
    with pytest.raises(Conflict, match="tự khóa"), transaction(engine) as session:
        users.set_disabled(session, users.get(session, admin.id), disabled=True, by=admin, now=clock())
    with pytest.raises(Conflict, match="ít nhất một quản trị"), transaction(engine) as session:
        users.set_disabled(session, users.get(session, admin.id), disabled=True, by=other, now=clock())


NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
ALLOWED = {
    Action.READ: "officer leader technician administrator",
    Action.WRITE: "officer leader",
    Action.COMMUNE_DICTIONARY: "officer leader administrator",
    Action.PROVINCE_DICTIONARY: "administrator",
    Action.APPROVE: "leader",
    Action.BOOK: "officer leader",
    Action.PLAY_NOW: "officer leader",
    Action.EMERGENCY: "leader administrator",
    Action.STOP: "officer leader technician administrator",
    Action.DEVICES: "technician administrator",
    Action.ZONES: "technician administrator",
    Action.USERS: "administrator",
}


@pytest.mark.parametrize(("role", "action"), list(itertools.product(Role, Action)))
def test_rights_are_what_was_agreed(role: Role, action: Action) -> None:
    user = User(name="x", full_name="X", role=role, password_hash="", created_at=NOON)
    allowed = role in ALLOWED[action].split()
    assert may(user, action) == allowed
    if not allowed:
        with pytest.raises(Forbidden, match="Việc này dành cho"):
            demand(user, action)


def test_every_role_is_in_the_table_and_the_disabled_may_nothing() -> None:
    assert set(RIGHTS) == set(Role)
    out = User(name="x", full_name="X", role=Role.LEADER, password_hash="", created_at=NOON, disabled_at=NOON)
    assert not any(may(out, action) for action in Action)
