"""A commune for tests: people, approved bulletins, zones and devices, straight into the tables."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from scheduler.rules import Rule
from studio import bulletins, devices, zones
from studio.booking_drafts import BookingDraft
from studio.drafts import Draft
from studio.models.bulletins import BulletinState
from studio.models.places import Device, Zone, ZoneKind
from studio.models.recordings import Recording, RecordingState
from studio.models.users import User

NIGHT = [{"begins": "21:30:00", "ends": "05:00:00"}]


def bulletin(
    session: Session,
    *,
    by: User,
    now: datetime,
    title: str = "Luật Đất đai",
    seconds: float = 60.0,
    approved: bool = True,
) -> int:
    """A bulletin with a finished recording; by default approved."""
    sha256 = hashlib.sha256(f"{title} {now}".encode()).hexdigest()
    row = bulletins.write(session, Draft(title=title, text=f"{title}. Mời bà con cùng nghe."), by=by, now=now)
    row.state = BulletinState.APPROVED if approved else BulletinState.WAITING
    row.approved_sha256 = sha256 if approved else None
    session.flush()
    assert row.id is not None
    assert by.id is not None
    session.add(
        Recording(
            bulletin_id=row.id,
            revision=1,
            engine="espeak",
            state=RecordingState.DONE,
            sha256=sha256,
            seconds=seconds,
            size_bytes=int(seconds * 3000),
            asked_by=by.id,
            asked_at=now,
            ended_at=now,
        )
    )
    session.flush()
    return row.id


def zone(
    session: Session,
    name: str,
    *,
    now: datetime,
    kind: ZoneKind = ZoneKind.COMMUNE,
    parent: str | None = None,
) -> Zone:
    return zones.create(session, name=name, kind=kind, parent=parent, now=now, id=zones.wire_name(name))


def device(
    session: Session,
    name: str,
    in_zones: Collection[str],
    *,
    now: datetime,
    quiet_hours: Sequence[dict[str, Any]] = (),
) -> Device:
    row = devices.create(session, name=name, in_zones=in_zones, now=now, id=zones.wire_name(name))
    row.quiet_hours = list(quiet_hours)
    session.flush()
    return row


def commune(session: Session, *, now: datetime, quiet_hours: Sequence[dict[str, Any]] = ()) -> None:
    """`xa` with hamlets `ap-1` (loa-1, loa-2) and `ap-2` (loa-3); `ap-3` has no device."""
    zone(session, "Xã", now=now)
    for n in (1, 2, 3):
        zone(session, f"Ấp {n}", now=now, kind=ZoneKind.HAMLET, parent="xa")
    for n, hamlet in ((1, "ap-1"), (2, "ap-1"), (3, "ap-2")):
        device(session, f"Loa {n}", [hamlet], now=now, quiet_hours=quiet_hours)


def rule(**more: Any) -> Rule:
    """Daily at 17:00 from the 25th on, for three days, unless told otherwise."""
    return Rule.model_validate(
        {"repeats": "daily", "first_day": "2026-11-25", "last_day": "2026-11-27", "at": ["17:00"], **more}
    )


def draft(bulletins: Sequence[int], zones_: Sequence[str] = ("xa",), **more: Any) -> BookingDraft:
    facts: dict[str, Any] = {"rule": rule()} | more
    return BookingDraft(bulletins=tuple(bulletins), zones=tuple(zones_), **facts)
