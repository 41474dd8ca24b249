"""Who works here, and who is logged in."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from studio.db import UtcDateTime, one_of


class Role(StrEnum):
    """What somebody is here for; studio/rights.py says what each may do."""

    OFFICER = "officer"
    LEADER = "leader"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"


class LogInKind(StrEnum):
    """A browser's log-in ends when nobody visits; a token of the command line only by its date."""

    BROWSER = "browser"
    TOKEN = "token"  # noqa: S105


class User(SQLModel, table=True):
    """A person with a log-in. Never deleted, because decisions name them; disabled instead."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40, unique=True)
    full_name: str = Field(max_length=80)
    role: Role = Field(sa_type=one_of(Role))
    password_hash: str = Field(max_length=255)
    must_change_password: bool = True
    failures: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class LoginSession(SQLModel, table=True):
    """One log-in, in a browser or of the command line. The token itself is never stored, only its SHA-256."""

    __tablename__ = "login_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    kind: LogInKind = Field(sa_type=one_of(LogInKind))
    user_id: int = Field(foreign_key="user_account.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
