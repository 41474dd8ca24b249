"""Pages of zones: the tree, choosing devices, deleting."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from studio import zones
from studio.db import reading
from studio.models.places import Zone, ZoneKind
from studio.models.users import Role
from studio.web.zones import tree
from tests.support.places import Commune, commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Commune:
    return commune(engine, tmp_path / "keys", now=NOW, devices_in={"loa-1": "ap-1", "loa-2": "ap-2"})


@pytest.fixture
def technician(logged_in: Callable[..., Any]) -> Any:
    return logged_in("tam", Role.TECHNICIAN)


def members(place: Commune, zone: str) -> list[str]:
    with reading(place.engine) as session:
        return [device.id for device in zones.members(session, zone)]


@given(st.dictionaries(st.integers(0, 30), st.one_of(st.none(), st.integers(0, 30)), max_size=20))
def test_the_tree_shows_every_zone_once_under_the_one_above_it(parents: dict[int, int | None]) -> None:
    known = [
        Zone(
            id=str(n),
            name=f"Vùng {n}",
            kind=ZoneKind.SET,
            parent=None if above is None else str(above),
            created_at=NOW,
        )
        for n, above in parents.items()
        if above is None or above < n  # a zone is drawn after the one above it, so there is no ring
    ]
    shown = tree(known, {})
    assert sorted(each.zone.id for each in shown) == sorted(zone.id for zone in known)
    depth = {each.zone.id: each.depth for each in shown}
    for each in shown:
        assert each.depth == depth.get(str(each.zone.parent), -1) + 1


def test_the_list_shows_hamlets_under_their_commune_and_counts_devices(
    place: Commune, technician: Any
) -> None:
    text = technician.get("/vung-phat")
    assert text.index("Xã Tân Lập") < text.index("Ấp 1") < text.index("Ấp 2")
    assert 'class="depth-1"' in text


def test_without_zones_the_list_says_where_to_begin(technician: Any) -> None:
    text = technician.get("/vung-phat")
    assert "Chưa có vùng phát" in text
    assert 'href="/vung-phat/moi"' in text


def test_a_zone_is_drawn_and_its_page_opens(place: Commune, technician: Any) -> None:
    text = technician.post("/vung-phat/moi", name="Ấp 3", kind="hamlet", parent="xa-tan-lap")
    assert "Đã tạo vùng «Ấp 3»" in text
    assert "mã ap-3" in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "  ", "kind": "commune"}, "Tên phải có từ 1 đến 120 ký tự."),
        ({"name": "Ấp 9", "kind": "device"}, "Hãy chọn loại vùng."),
        ({"name": "Ấp 9", "kind": "set", "parent": "xa-tan-lap"}, "không thể nằm trong vùng"),
        ({"name": "Ấp 9", "kind": "set", "id": "ap-1"}, "Mã ap-1 đã được dùng"),
        ({"name": "Ấp 9", "kind": "set", "id": "Ấp 9"}, "Mã chỉ gồm chữ thường không dấu"),
    ],
)
def test_a_zone_that_cannot_be_is_refused_at_the_field_and_what_was_typed_stays(
    place: Commune, technician: Any, typed: dict[str, str], said: str
) -> None:
    answer = technician.client.post("/vung-phat/moi", data={"csrf": technician.csrf(), **typed})
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert f'value="{typed["name"]}"' in answer.text
    assert 'class="wrong"' in answer.text


def test_ticks_put_devices_in_and_take_them_out(place: Commune, technician: Any) -> None:
    technician.post("/vung-phat/ap-1/cum-loa", shown="loa-1 loa-2", member="loa-2")
    assert members(place, "ap-1") == ["loa-2"]


def test_devices_the_page_did_not_show_stay_in_the_zone(place: Commune, technician: Any) -> None:
    technician.post("/vung-phat/ap-1/cum-loa", shown="loa-2", member="loa-2")
    assert members(place, "ap-1") == ["loa-1", "loa-2"]


def test_a_search_narrows_the_devices_offered(place: Commune, technician: Any) -> None:
    text = technician.get("/vung-phat/ap-1?tim=LOA-2")
    assert 'value="loa-2"' in text
    assert 'value="loa-1"' not in text
    assert "Không tìm thấy" in technician.get("/vung-phat/ap-1?tim=kh%C3%B4ng-c%C3%B3")


def test_a_zone_is_renamed(place: Commune, technician: Any) -> None:
    assert "Ấp Một" in technician.post("/vung-phat/ap-1/ten", name="Ấp Một")
    assert "Tên phải có từ 1" in technician.post("/vung-phat/ap-1/ten", name=" ", status=422)


def test_a_zone_is_deleted_but_not_while_others_lie_in_it(place: Commune, technician: Any) -> None:
    assert "còn vùng con" in technician.post("/vung-phat/xa-tan-lap/xoa", status=409)
    assert "Đã xóa vùng «Ấp 1»" in technician.post("/vung-phat/ap-1/xoa")
    assert members(place, "ap-1") == []


def test_deleting_asks_first(place: Commune, technician: Any) -> None:
    assert "hx-confirm=" in technician.get("/vung-phat/ap-1")


def test_an_officer_sees_zones_but_changes_none(place: Commune, logged_in: Callable[..., Any]) -> None:
    officer = logged_in("lan", Role.OFFICER)
    text = officer.get("/vung-phat/ap-1")
    assert "Lưu danh sách" not in text
    assert "Xóa vùng" not in text
    officer.post("/vung-phat/ap-1/xoa", status=403)
    assert members(place, "ap-1") == ["loa-1"]


def test_the_zone_of_a_device_leads_to_the_device(place: Commune, technician: Any) -> None:
    assert technician.client.get("/vung-phat/loa-1").url.path == "/cum-loa/loa-1"


def test_an_unknown_zone_is_said_to_be_unknown(technician: Any) -> None:
    assert "Không có vùng phát ap-9" in technician.get("/vung-phat/ap-9", status=404)
