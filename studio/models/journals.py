"""Journals of the devices, as far as the studio has them, byte for byte."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from edge_agent.wire.accounts import NO_RECORD
from studio.db import UtcDateTime


class Journal(SQLModel, table=True):
    """How far one journal is stored. A new SD card starts a new one."""

    device: str = Field(primary_key=True, foreign_key="device.id", max_length=63)
    journal: str = Field(primary_key=True, max_length=64)
    stored: int = 0
    """Every record up to this number is stored; later ones may be, beyond a gap."""
    last_digest: str = Field(default=NO_RECORD, max_length=64)
    """Digest of the text of record `stored`."""
    broken_at: int | None = None
    """The first record that does not follow from the one before it, or came twice with different words."""
    heard_at: datetime = Field(sa_type=UtcDateTime)


class JournalRecord(SQLModel, table=True):
    """One record, as it stands in the journal of the device."""

    __tablename__ = "journal_record"

    device: str = Field(primary_key=True, foreign_key="device.id", max_length=63)
    journal: str = Field(primary_key=True, max_length=64)
    n: int = Field(primary_key=True)
    text: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=UtcDateTime)
