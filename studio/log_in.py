"""Log-ins: rows with a hashed random token, a lock after wrong passwords, two ways to run out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, or_, select

from studio import passwords, users
from studio.db import reading, transaction
from studio.errors import NotLoggedIn, TooMany
from studio.models.users import LogInKind, LoginSession, User
from studio.settings import StudioSettings

_WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."
_TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class LogIn:
    """A log-in that holds now."""

    session: LoginSession
    user: User


def log_in(
    engine: Engine, name: str, password: str, *, kind: LogInKind, settings: StudioSettings, now: datetime
) -> str:
    """Check name and password and return a new token. Raises NotLoggedIn or TooMany.

    Has transactions of its own: a wrong password must be counted although the request fails, and argon2 is
    too slow to hold the database's write lock. An attempt is counted before it is looked at, so that many
    at once gain nothing.
    """
    user_id, password_hash = _count_attempt(engine, name, settings=settings, now=now)
    if not passwords.fits(password, password_hash) or user_id is None:
        raise NotLoggedIn(_WRONG, field="password")
    with transaction(engine) as session:
        user = users.get(session, user_id)
        if user.disabled_at is not None:
            raise NotLoggedIn("Tài khoản này đã bị khóa. Hãy liên hệ quản trị viên.")
        user.failures, user.locked_until = 0, None
        session.exec(delete(LoginSession).where(col(LoginSession.expires_at) <= now))
        return start(session, user, kind=kind, settings=settings, now=now)


def start(session: Session, user: User, *, kind: LogInKind, settings: StudioSettings, now: datetime) -> str:
    """Open a log-in for somebody who has shown who they are; returns its token."""
    assert user.id is not None
    token = secrets.token_urlsafe(32)
    lasts = settings.session_lasts if kind is LogInKind.BROWSER else settings.token_lasts
    session.add(
        LoginSession(
            token_hash=_hash(token),
            kind=kind,
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
        )
    )
    session.flush()
    return token


def find(session: Session, token: str, *, settings: StudioSettings, now: datetime) -> LogIn | None:
    """Say whose token this is, if it still holds. Only reads."""
    query = (
        select(LoginSession, User)
        .join(User)
        .where(LoginSession.token_hash == _hash(token))
        .where(LoginSession.expires_at > now, col(User.disabled_at).is_(None))
        .where(or_(LoginSession.kind == LogInKind.TOKEN, LoginSession.seen_at > now - settings.session_idle))
    )
    row = session.exec(query).first()
    return None if row is None else LogIn(*row)


def stale(found: LogIn, *, now: datetime) -> bool:
    """Say whether the visit is worth writing down: once a minute is enough."""
    return now - found.session.seen_at > _TOUCH_EVERY


def touch(session: Session, found: LogIn, *, now: datetime) -> None:
    """Write down that this log-in was used."""
    row = session.get(LoginSession, found.session.id)
    if row is not None:
        row.seen_at = now
        session.flush()


def log_out(session: Session, token: str) -> None:
    """End the log-in of this token; harmless if it is over."""
    session.exec(delete(LoginSession).where(col(LoginSession.token_hash) == _hash(token)))


def csrf_token(secret: str) -> str:
    """Derive the token that forms must bring from the secret only this browser's cookie holds."""
    return hashlib.sha256(b"csrf:" + secret.encode()).hexdigest()


def _count_attempt(
    engine: Engine, name: str, *, settings: StudioSettings, now: datetime
) -> tuple[int | None, str | None]:
    with reading(engine) as session:
        if users.named(session, name) is None:  # guesses at random names need no write lock
            return None, None
    with transaction(engine) as session:
        user = users.named(session, name)
        if user is None:
            return None, None
        if user.locked_until is not None:
            _refuse_while_locked(user.locked_until, now)
            user.failures, user.locked_until = 0, None
        user.failures += 1
        if user.failures >= settings.lock_after:
            user.locked_until = now + settings.lock_for
        return user.id, user.password_hash


def _refuse_while_locked(until: datetime, now: datetime) -> None:
    if until > now:
        minutes = -((now - until) // timedelta(minutes=1))
        raise TooMany(f"Sai mật khẩu quá nhiều lần. Tài khoản tạm khóa, hãy thử lại sau {minutes} phút.")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
