"""Farewells: a deleted device keeps its account at the broker until it was seen to know that it is to fall silent.

Its last config names no zones. Nothing it says is believed meanwhile but a presence that shows it holds that config.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from edge_agent.wire.accounts import Presence
from edge_agent.wire.words import Revision
from studio import keys
from studio.models.places import Device

LASTS = timedelta(days=14)
"""How long the account is kept for a box that is away; by then the plans on its disk are over."""


def taken(session: Session, told: Iterable[Presence]) -> list[str]:
    """Which of these deleted devices hold the newest of their configs. Only reads."""
    held = {presence.device: presence.config for presence in told if presence.config is not None}
    epoch = keys.epoch(session)
    wanted = session.exec(select(Device.id, Device.config_n).where(col(Device.id).in_(held)))
    return [device for device, n in wanted if held[device] >= Revision(epoch, n)]


def overdue(session: Session, now: datetime) -> list[str]:
    """Deleted devices that have an account still, though nobody has seen them for long. Only reads."""
    kept = select(Device.id).where(
        col(Device.broker_password).is_not(None), col(Device.deleted_at) <= now - LASTS
    )
    return list(session.exec(kept))


def end(session: Session, gone: Collection[str]) -> None:
    """Forget key and account of these deleted devices; the broker is to be told after the commit."""
    session.exec(
        update(Device)
        .where(col(Device.id).in_(gone), col(Device.deleted_at).is_not(None))
        .values(key_x=None, broker_password=None)
    )
