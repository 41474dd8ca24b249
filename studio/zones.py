"""Zones: for whom something is to be heard. Province, commune, hamlet, a chosen set, a single device."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, delete, select

from studio.drafts import one_line
from studio.errors import Conflict, Invalid, NotFound
from studio.models.places import Device, DeviceZone, Zone, ZoneKind

KIND_NAMES = {
    ZoneKind.PROVINCE: "Tỉnh",
    ZoneKind.COMMUNE: "Xã, phường, đặc khu",
    ZoneKind.HAMLET: "Thôn, ấp, khóm",
    ZoneKind.SET: "Nhóm cụm loa",
    ZoneKind.DEVICE: "Cụm loa",
}
"""What staff call the kinds."""
_PARENTS: dict[ZoneKind, set[ZoneKind | None]] = {
    ZoneKind.PROVINCE: {None},
    ZoneKind.COMMUNE: {None, ZoneKind.PROVINCE},
    ZoneKind.HAMLET: {None, ZoneKind.COMMUNE},
    ZoneKind.SET: {None},  # chosen devices may stand anywhere, so a set has nothing above it
}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def wire_name(name: str) -> str:
    """Make a name for topics out of a Vietnamese one: `Ấp 3, xã Tân Lập` → `ap-3-xa-tan-lap`.

    Raises Invalid if no letter or digit is left.
    """
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    slug = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c)))
    slug = slug.strip("-")[:60].rstrip("-")
    if not slug:
        raise Invalid("Tên phải có ít nhất một chữ cái hoặc chữ số.", field="name")
    return slug


def free_id(session: Session, name: str, wanted: str | None) -> str:
    """Choose the id of a new zone or device; they share one space of names, for good.

    `wanted` must be free, else Conflict; without it, one is made from `name`. Raises Invalid for what cannot be an id.
    """
    if wanted is not None:
        if not _NAME.fullmatch(wanted):
            raise Invalid(
                "Mã chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối, tối đa 63 ký tự, ví dụ: ap-3.",
                field="id",
            )
        if session.get(Zone, wanted) is not None:
            raise Conflict(f"Mã {wanted} đã được dùng (mã của vùng đã xóa cũng không dùng lại).", field="id")
        return wanted
    slug = wire_name(name)
    taken = set(session.exec(select(Zone.id).where(col(Zone.id).startswith(slug))))
    return next(
        each for each in (slug, *(f"{slug}-{n}" for n in range(2, len(taken) + 3))) if each not in taken
    )


def clean_name(name: str) -> str:
    """Trim a name that people gave. Raises Invalid if it is empty, longer than 120 characters, or no text."""
    name = one_line(name, "name")
    if not name or len(name) > 120:
        raise Invalid("Tên phải có từ 1 đến 120 ký tự.", field="name")
    return name


def get(session: Session, zone: str, *, to_change: bool = False) -> Zone:
    """Return a zone that is not deleted; `to_change` keeps others from changing it meanwhile. Raises NotFound."""
    row = session.get(Zone, zone, with_for_update=to_change or None)
    if row is None or row.deleted_at is not None:
        raise NotFound(f"Không có vùng phát {zone}.")
    return row


def listed(session: Session, *, kinds: Collection[ZoneKind] | None = None) -> list[Zone]:
    """Return the zones that are not deleted, by name; `kinds` narrows them."""
    query = select(Zone).where(col(Zone.deleted_at).is_(None)).order_by(Zone.name, Zone.id)
    if kinds is not None:
        query = query.where(col(Zone.kind).in_(kinds))
    return list(session.exec(query))


def create(
    session: Session,
    *,
    name: str,
    kind: ZoneKind,
    now: datetime,
    parent: str | None = None,
    id: str | None = None,  # noqa: A002
) -> Zone:
    """Draw a zone; its empty first plan is published by the outbox. Raises Invalid, Conflict, NotFound."""
    if kind not in _PARENTS:
        raise Invalid("Vùng của một cụm loa được tạo cùng với cụm loa đó.", field="kind")
    above = None if parent is None else get(session, parent).kind
    if above not in _PARENTS[kind]:
        raise Invalid(f"«{KIND_NAMES[kind]}» không thể nằm trong vùng {parent}.", field="parent")
    name = clean_name(name)
    zone = Zone(id=free_id(session, name, id), name=name, kind=kind, parent=parent, created_at=now)
    session.add(zone)
    session.flush()
    return zone


def rename(session: Session, zone: str, name: str) -> Zone:
    """Give a zone another name for people; its id stays. Raises NotFound, Invalid."""
    row = get(session, zone, to_change=True)
    row.name = clean_name(name)
    session.flush()
    return row


def members(session: Session, zone: str) -> list[Device]:
    """Return the devices that obey this zone's plan, by id; also those of the zones below it."""
    query = select(Device).join(DeviceZone).where(DeviceZone.zone == zone, col(Device.deleted_at).is_(None))
    return list(session.exec(query.order_by(Device.id)))


def of_device(session: Session, device: str) -> list[Zone]:
    """Return the zones whose plans a device obeys, its own among them."""
    query = select(Zone).join(DeviceZone).where(DeviceZone.device == device).order_by(Zone.id)
    return list(session.exec(query))


def set_members(session: Session, zone: str, devices: Iterable[str]) -> list[str]:
    """Put exactly these devices into the zone, and return those for which that is a change.

    Devices that belong to it through a zone below stay. Raises NotFound, or Invalid for a device's own zone.
    """
    if get(session, zone).kind is ZoneKind.DEVICE:
        raise Invalid("Vùng của một cụm loa chỉ có chính cụm loa đó.", field="devices")
    wanted = set(devices)
    known = set(
        session.exec(select(Device.id).where(col(Device.id).in_(wanted), col(Device.deleted_at).is_(None)))
    )
    if missing := sorted(wanted - known):
        raise NotFound(f"Không có cụm loa {', '.join(missing)}.", field="devices")
    direct = select(DeviceZone.device).where(DeviceZone.zone == zone, col(DeviceZone.direct))
    changed = sorted(wanted ^ set(session.exec(direct)))
    for device in changed:
        held = set(
            session.exec(select(DeviceZone.zone).where(DeviceZone.device == device, col(DeviceZone.direct)))
        )
        place(session, device, held ^ {zone})
    return changed


def place(session: Session, device: str, direct: Collection[str]) -> None:
    """Let a device belong to exactly these zones and all above them; its config goes out anew.

    Its own zone is always among them. Raises NotFound for a zone that is not there.
    """
    wanted = dict.fromkeys({*direct, device}, True)
    for zone in list(wanted):
        above = get(session, zone).parent
        while above is not None:
            wanted.setdefault(above, False)
            above = get(session, above).parent
    session.exec(delete(DeviceZone).where(col(DeviceZone.device) == device))
    session.add_all(
        DeviceZone(device=device, zone=zone, direct=is_direct) for zone, is_direct in wanted.items()
    )
    session.exec(update(Device).where(col(Device.id) == device).values(config_n=Device.config_n + 1))
    session.flush()


def remove(session: Session, zone: str, *, now: datetime) -> None:
    """Delete a zone: its devices leave it, and EMPTY plans are published in its place.

    A cleared topic would say nothing to a device that holds the old plan. Raises NotFound, Conflict.
    """
    row = get(session, zone, to_change=True)
    if row.kind is ZoneKind.DEVICE:
        raise Conflict("Vùng này là của một cụm loa; hãy xóa cụm loa.")
    below = select(Zone.name).where(Zone.parent == zone, col(Zone.deleted_at).is_(None))
    if names := sorted(session.exec(below)):
        raise Conflict(f"Vùng này còn vùng con: {', '.join(names)}. Hãy xóa các vùng con trước.")
    for device in [each.id for each in members(session, zone)]:
        direct = set(
            session.exec(select(DeviceZone.zone).where(DeviceZone.device == device, col(DeviceZone.direct)))
        )
        place(session, device, direct - {zone})
    bury(row, now=now)
    session.flush()


def bury(zone: Zone, *, now: datetime) -> None:
    """Mark a zone deleted, so that its plans go out empty."""
    zone.deleted_at = now
    zone.muted = []
    zone.plan_n += 1
    zone.emergency_n += 1


def raise_plans(session: Session, zones: Collection[str]) -> None:
    """Say that the plans of these zones have changed; the outbox publishes them."""
    session.exec(update(Zone).where(col(Zone.id).in_(zones)).values(plan_n=Zone.plan_n + 1))


def raise_emergencies(session: Session, zones: Collection[str]) -> None:
    """Say that the emergency plans of these zones have changed."""
    session.exec(update(Zone).where(col(Zone.id).in_(zones)).values(emergency_n=Zone.emergency_n + 1))
