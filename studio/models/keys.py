"""Keys: whom devices believe. Private halves are never here; the signer's lies in a file, the root's in a safe."""

from datetime import datetime

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from studio.db import UtcDateTime


class StudioState(SQLModel, table=True):
    """One row about this studio."""

    __tablename__ = "studio_state"

    id: int = Field(default=1, primary_key=True)
    epoch: int = 1
    """First half of every revision; restoring a backup raises it."""


class RootKey(SQLModel, table=True):
    """The public half of a key that signs only key lists; devices pin it when they are enrolled."""

    __tablename__ = "root_key"

    kid: str = Field(primary_key=True, max_length=64)
    x: str = Field(max_length=43)
    created_at: datetime = Field(sa_type=UtcDateTime)


class SignerKey(SQLModel, table=True):
    """A key that speaks for the studio. Its private half is the file `keys/<kid>.jwk` in the data directory."""

    __tablename__ = "signer_key"

    kid: str = Field(primary_key=True, max_length=64)
    x: str = Field(max_length=43)
    zones: list[str] = Field(default_factory=list, sa_type=JSON)
    devices: list[str] = Field(default_factory=list, sa_type=JSON)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class SignedKeyList(SQLModel, table=True):
    """A KeyList as a root signed it; the newest goes into every config."""

    __tablename__ = "signed_key_list"

    epoch: int = Field(primary_key=True)
    n: int = Field(primary_key=True)
    jws: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
