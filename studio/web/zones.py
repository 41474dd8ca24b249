"""Pages of zones: the tree, one zone with its devices, drawing and deleting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session, col, func, select
from starlette.responses import Response

from studio import bookings, devices, removals, zones
from studio.drafts import named
from studio.errors import Invalid, StudioError
from studio.models.places import Device, DeviceZone, Zone, ZoneKind
from studio.web.doors import LOGGED_IN, InTransaction, Now, ZoneKeeper
from studio.web.pages import go, page

router = APIRouter()
Text = Annotated[str, Form()]

DRAWN = (ZoneKind.PROVINCE, ZoneKind.COMMUNE, ZoneKind.HAMLET, ZoneKind.SET)
"""Kinds that people draw; the zone of one device comes with the device."""
MOST_SHOWN = 300
"""Devices offered at once on the page of a zone; a search finds the others."""


@dataclass(frozen=True)
class Branch:
    """One line of the tree."""

    zone: Zone
    depth: int
    devices: int


def tree(known: Sequence[Zone], counts: dict[str, int]) -> list[Branch]:
    """Order zones so that each stands under the one above it, larger kinds first; an orphan stands at the top."""
    ids = {zone.id for zone in known}
    below: dict[str | None, list[Zone]] = {}
    for zone in sorted(known, key=lambda zone: list(ZoneKind).index(zone.kind)):
        below.setdefault(zone.parent if zone.parent in ids else None, []).append(zone)

    def grow(parent: str | None, depth: int) -> list[Branch]:
        found: list[Branch] = []
        for zone in below.get(parent, ()):
            found += [Branch(zone, depth, counts.get(zone.id, 0)), *grow(zone.id, depth + 1)]
        return found

    return grow(None, 0)


@router.get("/vung-phat", dependencies=[LOGGED_IN])
def listing(request: Request, session: InTransaction) -> Response:
    """Show all zones, each under the one above it."""
    return page(request, "zones.html", branches=_tree(session), kind_names=zones.KIND_NAMES)


@router.get("/vung-phat/moi")
def ask(request: Request, session: InTransaction, _user: ZoneKeeper, thuoc: str = "") -> Response:
    """Show the form of a new zone; `thuoc` proposes the one above it."""
    kind = ZoneKind.HAMLET if thuoc else ZoneKind.COMMUNE
    return _form(request, session, name="", kind=kind, parent=thuoc)


@router.post("/vung-phat/moi")
def draw(
    request: Request,
    session: InTransaction,
    now: Now,
    _user: ZoneKeeper,
    name: Text = "",
    kind: Text = "",
    parent: Text = "",
    id: Text = "",  # noqa: A002
) -> Response:
    """Draw a zone."""
    try:
        if kind not in DRAWN:
            raise Invalid("Hãy chọn loại vùng.", field="kind")
        zone = zones.create(
            session,
            name=name,
            kind=ZoneKind(kind),
            parent=parent or None,
            id=id.strip() or None,
            now=now,
        )
    except StudioError as error:
        return _form(request, session, name=name, kind=kind, parent=parent, id=id, error=error)
    return go(request, f"/vung-phat/{zone.id}", flash=f"Đã tạo vùng «{zone.name}». Hãy chọn các cụm loa.")


@router.get("/vung-phat/{zone}", dependencies=[LOGGED_IN])
def show(request: Request, session: InTransaction, now: Now, zone: str, tim: str = "") -> Response:
    """Show one zone and the devices that may be put into it."""
    return _shown(request, session, zones.get(session, zone), now=now, tim=tim)


@router.post("/vung-phat/{zone}/ten")
def rename(
    request: Request, session: InTransaction, now: Now, _user: ZoneKeeper, zone: str, name: Text = ""
) -> Response:
    """Give the zone another name."""
    try:
        row = zones.rename(session, zone, name)
    except Invalid as error:
        return _shown(request, session, zones.get(session, zone), now=now, name=name, error=error)
    return go(request, f"/vung-phat/{zone}", flash=f"Đã đổi tên thành «{row.name}».")


@router.post("/vung-phat/{zone}/cum-loa")
def choose(
    request: Request,
    session: InTransaction,
    _user: ZoneKeeper,
    zone: str,
    member: Annotated[list[str], Form()] = [],  # noqa: B006  (FastAPI copies it)
    shown: Text = "",
) -> Response:
    """Put the ticked devices into the zone; those the page did not show stay as they are."""
    unseen = _direct(session, zone) - set(shown.split())
    changed = zones.set_members(session, zone, unseen | set(member))
    said = f"Đã cập nhật {len(changed)} cụm loa." if changed else "Không có gì thay đổi."
    return go(request, f"/vung-phat/{zone}", flash=said)


@router.post("/vung-phat/{zone}/xoa")
def remove(request: Request, session: InTransaction, now: Now, user: ZoneKeeper, zone: str) -> Response:
    """Delete the zone; its devices leave it and drop its airings, and what was booked for it alone is withdrawn."""
    name = zones.get(session, zone).name
    lost = removals.remove_zone(session, zone, by=user, now=now)
    said = f" Lịch phát {bookings.said(lost)} đã bị hủy." if lost else ""
    return go(request, "/vung-phat", flash=f"Đã xóa vùng «{name}».{said}")


def _tree(session: Session) -> list[Branch]:
    return tree(zones.listed(session, kinds=DRAWN), device_counts(session))


def device_counts(session: Session) -> dict[str, int]:
    """How many devices obey the plan of each zone."""
    query = (
        select(DeviceZone.zone, func.count())
        .join(Device)
        .where(col(Device.deleted_at).is_(None))
        .group_by(DeviceZone.zone)
    )
    return dict(session.exec(query).all())


def _direct(session: Session, zone: str) -> set[str]:
    query = select(DeviceZone.device).where(DeviceZone.zone == zone, col(DeviceZone.direct))
    return set(session.exec(query))


def _form(
    request: Request,
    session: Session,
    *,
    name: str,
    kind: str,
    parent: str,
    id: str = "",  # noqa: A002
    error: StudioError | None = None,
) -> Response:
    above = zones.listed(session, kinds=(ZoneKind.PROVINCE, ZoneKind.COMMUNE))
    return page(
        request,
        "zone_new.html",
        status=error.status if error else 200,
        error=error,
        name=name,
        kind=kind,
        parent=parent,
        wanted_id=id,
        kinds=[(each.value, zones.KIND_NAMES[each]) for each in DRAWN if each is not ZoneKind.DEVICE],
        parents=[("", "Không thuộc vùng nào")]
        + [(each.id, f"{each.name} ({zones.KIND_NAMES[each.kind]})") for each in above],
    )


def _shown(
    request: Request,
    session: Session,
    zone: Zone,
    *,
    now: datetime,
    name: str | None = None,
    tim: str = "",
    error: StudioError | None = None,
) -> Response:
    if zone.kind is ZoneKind.DEVICE:
        return go(request, f"/cum-loa/{zone.id}")
    direct, within = _direct(session, zone.id), {each.id for each in zones.members(session, zone.id)}
    known = [each for each in devices.listed(session) if named(tim, each.name, each.id)]
    known.sort(key=lambda each: (each.id not in direct, each.name, each.id))
    above = zones.get(session, zone.parent) if zone.parent else None
    return page(
        request,
        "zone.html",
        status=error.status if error else 200,
        error=error,
        zone=zone,
        name=zone.name if name is None else name,
        kind_name=zones.KIND_NAMES[zone.kind],
        above=above,
        below=[each for each in zones.listed(session, kinds=DRAWN) if each.parent == zone.id],
        choices=known[:MOST_SHOWN],
        left_out=len(known) - len(known[:MOST_SHOWN]),
        direct=direct,
        within=within,
        booked=removals.booked(session, zone.id, now=now),
        tim=tim,
    )
