"""Commands: what is momentary, who was to obey, and what each said."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from edge_agent.wire.words import CommandName, ReplyState
from studio.db import UtcDateTime, one_of


class Command(SQLModel, table=True):
    """One order to a zone or to a device; `(epoch, n)` counts up for each of them."""

    id: str = Field(primary_key=True, max_length=64)
    zone: str | None = Field(default=None, foreign_key="zone.id", index=True, max_length=63)
    device: str | None = Field(default=None, foreign_key="device.id", index=True, max_length=63)
    epoch: int
    n: int
    name: CommandName = Field(sa_type=one_of(CommandName))
    airing: str | None = Field(default=None, max_length=80)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    by: int | None = Field(default=None, foreign_key="user_account.id")
    """Who ordered it; null: the studio itself."""
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the broker had it; null: it waits, or has expired unsaid."""


class CommandReply(SQLModel, table=True):
    """How far a command came on one device. Written with the command for each device that is to obey."""

    __tablename__ = "command_reply"

    command: str = Field(primary_key=True, foreign_key="command.id", max_length=64)
    device: str = Field(primary_key=True, foreign_key="device.id", max_length=63)
    state: ReplyState | None = Field(default=None, sa_type=one_of(ReplyState))
    """Null: it has not answered."""
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The device's clock."""
    heard_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(default="", max_length=200)
    detail: str = Field(default="", sa_type=Text)
