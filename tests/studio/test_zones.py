"""Zones: names for topics, who belongs where, and what is said when one goes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from studio import devices, zones
from studio.db import reading
from studio.errors import Conflict, Invalid, NotFound
from studio.models.places import Zone, ZoneKind
from tests.support.places import Commune, commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
DEVICES = {"loa-1": "ap-1", "loa-2": "ap-1", "loa-3": "ap-2", "loa-4": "xa-tan-lap"}


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Commune:
    return commune(engine, tmp_path / "keys", now=NOW, devices_in=DEVICES)


def ids(session: Session, zone: str) -> list[str]:
    return [device.id for device in zones.members(session, zone)]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Xã Tân Lập", "xa-tan-lap"),
        ("Ấp 3", "ap-3"),
        ("ẤP ĐÔNG HƯNG", "ap-dong-hung"),
        ("Đầm Dơi – khóm 1/2", "dam-doi-khom-1-2"),
        ("Nguyễn Việt Khái", "nguyen-viet-khai"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_vietnamese_name_becomes_a_wire_name(name: str, slug: str) -> None:
    assert zones.wire_name(name) == slug


@pytest.mark.parametrize("name", ["", "   ", "!!!", "ខ្មែរ"])
def test_a_name_without_letters_for_a_wire_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="chữ cái"):
        zones.wire_name(name)


def test_a_second_zone_of_the_same_name_gets_a_number(place: Commune) -> None:
    with place.session() as session:
        created = [
            zones.create(session, name="Ấp 1", kind=ZoneKind.HAMLET, parent="xa-tan-lap", now=NOW).id
            for _ in range(2)
        ]
    assert created == ["ap-1-2", "ap-1-3"]


@pytest.mark.parametrize("bad", ["Ấp 3", "ap 3", "-ap", "ap/3", "+", "#", "a" * 64, ""])
def test_what_cannot_stand_in_a_topic_is_no_id(place: Commune, bad: str) -> None:
    with place.session() as session, pytest.raises(Invalid, match="Mã chỉ gồm"):
        zones.create(session, name="Ấp", kind=ZoneKind.HAMLET, id=bad, now=NOW)


def test_a_commune_hears_with_all_its_hamlets(place: Commune) -> None:
    with reading(place.engine) as session:
        assert ids(session, "xa-tan-lap") == ["loa-1", "loa-2", "loa-3", "loa-4"]
        assert ids(session, "ap-1") == ["loa-1", "loa-2"]
        assert [z.id for z in zones.of_device(session, "loa-1")] == ["ap-1", "loa-1", "xa-tan-lap"]


def test_moving_members_tells_only_those_that_moved(place: Commune) -> None:
    with place.session() as session:
        before = {d: devices.get(session, d).config_n for d in DEVICES}
        assert zones.set_members(session, "ap-1", ["loa-2", "loa-3"]) == ["loa-1", "loa-3"]
    with reading(place.engine) as session:
        after = {d: devices.get(session, d).config_n for d in DEVICES}
        assert {d for d in DEVICES if after[d] > before[d]} == {"loa-1", "loa-3"}
        assert ids(session, "ap-1") == ["loa-2", "loa-3"]
        assert ids(session, "xa-tan-lap") == ["loa-2", "loa-3", "loa-4"]
        assert [z.id for z in zones.of_device(session, "loa-1")] == ["loa-1"], "its own zone stays"


def test_a_set_is_chosen_devices_from_anywhere(place: Commune) -> None:
    with place.session() as session:
        chosen = zones.create(session, name="Ven sông", kind=ZoneKind.SET, now=NOW)
        zones.set_members(session, chosen.id, ["loa-1", "loa-4"])
        assert ids(session, "ven-song") == ["loa-1", "loa-4"]


def test_an_unknown_device_is_named_and_nobody_moves(place: Commune) -> None:
    with pytest.raises(NotFound, match="loa-9"), place.session() as session:
        zones.set_members(session, "ap-1", ["loa-3", "loa-9"])
    with reading(place.engine) as session:
        assert ids(session, "ap-1") == ["loa-1", "loa-2"]


def test_a_deleted_zone_loses_its_devices_and_says_so_with_new_plans(place: Commune) -> None:
    with place.session() as session:
        before = zones.get(session, "ap-1").plan_n
        zones.remove(session, "ap-1", now=NOW)
    with reading(place.engine) as session:
        row = session.get(Zone, "ap-1")
        assert row is not None
        assert row.plan_n > before
        assert row.emergency_n > 0
        assert [z.id for z in zones.of_device(session, "loa-1")] == ["loa-1"]
        with pytest.raises(NotFound):
            zones.get(session, "ap-1")


def test_the_id_of_a_deleted_zone_is_never_used_again(place: Commune) -> None:
    with place.session() as session:
        zones.remove(session, "ap-1", now=NOW)
        with pytest.raises(Conflict, match="ap-1"):
            zones.create(session, name="Ấp 1", kind=ZoneKind.HAMLET, id="ap-1", now=NOW)
        assert zones.create(session, name="Ấp 1", kind=ZoneKind.HAMLET, now=NOW).id == "ap-1-2"


def test_a_commune_with_hamlets_is_not_deleted(place: Commune) -> None:
    with place.session() as session, pytest.raises(Conflict, match="Ấp 1, Ấp 2"):
        zones.remove(session, "xa-tan-lap", now=NOW)


def test_a_hamlet_does_not_hold_a_commune(place: Commune) -> None:
    with place.session() as session, pytest.raises(Invalid, match="không thể nằm trong"):
        zones.create(session, name="Xã Khác", kind=ZoneKind.COMMUNE, parent="ap-1", now=NOW)
