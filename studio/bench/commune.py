"""A commune of any size to measure in: its zones, its enrolled devices, and how each last said it was."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from edge_agent.wire.accounts import Presence
from edge_agent.wire.words import ClockTrust, Revision
from studio.models.places import Device, DeviceZone, Zone, ZoneKind

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
"""The time in every benchmark: noon in Vietnam."""
COMMUNE = "xa-do"


def insert_all(session: Session, like: SQLModel, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows that differ from `like` in these columns, in bulk; `like` itself is not inserted."""
    same = like.model_dump()
    session.execute(insert(type(like)), [{**same, **row} for row in rows])


def devices_of(count: int) -> list[str]:
    """Ids of so many devices."""
    return [f"loa-{n:05d}" for n in range(1, count + 1)]


def hamlets_of(count: int) -> list[str]:
    """Ids of so many hamlets."""
    return [f"ap-{n:03d}" for n in range(1, count + 1)]


def settle(session: Session, keys: Mapping[str, str], *, zones: int) -> None:
    """Draw a commune with `zones - 1` hamlets (at least one), and enrol the devices named in `keys` (id → `x`)."""
    hamlets = hamlets_of(max(1, zones - 1))
    session.add(_zone(COMMUNE, "Xã Đo", ZoneKind.COMMUNE))
    session.flush()
    session.add_all(_zone(each, f"Ấp {each[3:]}", ZoneKind.HAMLET, COMMUNE) for each in hamlets)
    session.add_all(_zone(each, f"Cụm {each[4:]}", ZoneKind.DEVICE) for each in keys)
    session.add_all(_device(device, x, n) for n, (device, x) in enumerate(keys.items()))
    session.flush()
    session.add_all(_places(list(keys), hamlets))
    session.flush()


def _zone(name: str, shown: str, kind: ZoneKind, parent: str | None = None) -> Zone:
    return Zone(id=name, name=shown, kind=kind, parent=parent, published_plan_n=1, created_at=NOW)


def _device(name: str, x: str, n: int) -> Device:
    """One in twenty has not been heard of for an hour."""
    seen = NOW - (timedelta(hours=1) if n % 20 == 19 else timedelta(seconds=n % 60))
    told = Presence(
        kind="presence",
        device=name,
        online=True,
        at=seen,
        version="0.1.0",
        player="alsa",
        clock=ClockTrust.TRUSTED,
        clock_source="kernel",
        clock_error_s=0.01,
        config=Revision(1, 1),
        plans={COMMUNE: Revision(1, 1)},
        volume=80,
        disk_free_mb=20_000,
        temperature_c=48.5,
    )
    return Device(
        id=name,
        name=f"Cụm {name[4:]}",
        created_at=NOW - timedelta(days=60),
        key_x=x,
        broker_password="$7$",  # noqa: S106  no password has this hash
        enrolled_at=NOW - timedelta(days=60),
        published_config_n=1,
        online=True,
        last_seen_at=seen,
        presence=told.model_dump(mode="json", exclude_defaults=True),
    )


def _places(devices: Sequence[str], hamlets: Sequence[str]) -> list[DeviceZone]:
    found = []
    for n, device in enumerate(devices):
        found += [
            DeviceZone(device=device, zone=device),
            DeviceZone(device=device, zone=hamlets[n % len(hamlets)]),
            DeviceZone(device=device, zone=COMMUNE, direct=False),
        ]
    return found
