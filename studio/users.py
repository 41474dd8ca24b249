"""The people of the studio: added, reset, disabled. Services flush; whoever began the transaction commits."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from studio import passwords
from studio.drafts import one_line
from studio.errors import Conflict, Invalid, NotFound
from studio.models.users import LoginSession, Role, User

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class NewPassword:
    """A one-time password, to be shown once and never kept."""

    user: User
    password: str


def listing(session: Session) -> list[User]:
    """Everybody, by name; the disabled last."""
    return list(session.exec(select(User).order_by(col(User.disabled_at).is_not(None), User.name)))


def get(session: Session, user_id: int) -> User:
    """Find somebody by number; raises NotFound."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("Không có người dùng này.")
    return user


def named(session: Session, name: str) -> User | None:
    """Find somebody by log-in name, whatever its case."""
    return session.exec(select(User).where(User.name == name.strip().casefold())).first()


def names(session: Session, ids: set[int]) -> dict[int, str]:
    """Full names by number, for histories and lists."""
    people = session.exec(select(User).where(col(User.id).in_(ids)))
    return {user.id: user.full_name for user in people if user.id is not None}


def create(session: Session, *, name: str, full_name: str, role: Role, now: datetime) -> NewPassword:
    """Add somebody with a one-time password; raises Invalid or Conflict."""
    name = name.strip().casefold()
    full_name = one_line(full_name, "full_name")
    if not _NAME.fullmatch(name):
        raise Invalid(
            "Tên đăng nhập gồm chữ thường không dấu, số, dấu chấm hoặc gạch, từ 1 đến 40 ký tự.", field="name"
        )
    if not 1 <= len(full_name) <= 80:
        raise Invalid("Hãy ghi họ và tên (không quá 80 ký tự).", field="full_name")
    if named(session, name) is not None:
        raise Conflict(f"Tên đăng nhập «{name}» đã có người dùng.", field="name")
    password = passwords.one_time()
    user = User(
        name=name, full_name=full_name, role=role, password_hash=passwords.hashed(password), created_at=now
    )
    session.add(user)
    session.flush()
    return NewPassword(user, password)


def create_first_administrator(session: Session, now: datetime, *, name: str = "quantri") -> str:
    """Add the first administrator and return the one-time password; raises Conflict once there is anybody."""
    if session.exec(select(func.count()).select_from(User)).one():
        raise Conflict("Hệ thống đã có người dùng; quản trị viên thêm người khác ở trang «Người dùng».")
    return create(session, name=name, full_name="Quản trị viên", role=Role.ADMINISTRATOR, now=now).password


def reset_password(session: Session, user: User) -> NewPassword:
    """Give somebody a new one-time password; ends their log-ins and lifts a lock."""
    password = passwords.one_time()
    _set_password(session, user, password)
    user.must_change_password = True
    session.flush()
    return NewPassword(user, password)


def change_password(session: Session, user: User, *, old: str, new: str) -> None:
    """Let somebody choose their own password; ends all their log-ins. Raises Invalid."""
    if not passwords.fits(old, user.password_hash):
        raise Invalid("Mật khẩu hiện tại không đúng.", field="old")
    passwords.judge(new, user_name=user.name)
    if passwords.normal(new) == passwords.normal(old):
        raise Invalid("Mật khẩu mới phải khác mật khẩu hiện tại.", field="new")
    _set_password(session, user, new)
    user.must_change_password = False
    session.flush()


def set_disabled(session: Session, user: User, *, disabled: bool, by: User, now: datetime) -> None:
    """Shut somebody out at once, or let them in again; never oneself, never the last administrator."""
    if not disabled:
        user.disabled_at = None
    elif user.id == by.id:
        raise Conflict("Bạn không thể tự khóa tài khoản của mình.")
    elif user.disabled_at is None:
        user.disabled_at = now
        end_log_ins(session, user)
    session.add(user)
    session.flush()
    if not _administrators(session):
        raise Conflict("Phải còn ít nhất một quản trị viên đang hoạt động.")


def end_log_ins(session: Session, user: User) -> None:
    """End every log-in of this person, in every browser and command line."""
    session.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id))


def _set_password(session: Session, user: User, password: str) -> None:
    user.password_hash = passwords.hashed(password)
    user.failures, user.locked_until = 0, None
    session.add(user)
    end_log_ins(session, user)


def _administrators(session: Session) -> int:
    active = select(func.count()).where(User.role == Role.ADMINISTRATOR, col(User.disabled_at).is_(None))
    return session.exec(active).one()
