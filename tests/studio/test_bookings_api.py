"""/api/v1/bookings, /play-now, /emergencies and /airings: the same rules as the pages."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from studio import keys
from studio.db import transaction
from studio.models.bookings import Booking
from studio.models.places import Device
from studio.models.users import Role, User
from studio.settings import StudioSettings
from tests.support import station

PASSWORD = "chim hót đầu xuân"


@pytest.fixture
def law(engine: Engine, person: Callable[..., User], clock: Any, settings: StudioSettings) -> int:
    author = person("tac-gia", Role.OFFICER)
    with transaction(engine) as session:
        keys.initialise(session, settings.data / "keys", now=clock())
        station.commune(session, now=clock(), quiet_hours=station.NIGHT)
        for device in session.exec(select(Device)):
            device.enrolled_at = clock()
        return station.bulletin(session, by=author, now=clock())


@pytest.fixture
def enter(
    open_client: Callable[[], httpx.Client], person: Callable[..., User], law: int
) -> Callable[[str, Role], httpx.Client]:
    def make(name: str, role: Role) -> httpx.Client:
        person(name, role)
        client = open_client()
        told = client.post("/api/v1/sessions", json={"user": name, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {told.json()['token']}"
        return client

    return make


@pytest.fixture
def lan(enter: Callable[[str, Role], httpx.Client]) -> httpx.Client:
    return enter("lan", Role.OFFICER)


def wish(law: int, **more: Any) -> dict[str, Any]:
    rule = {"repeats": "daily", "first_day": "2026-11-25", "last_day": "2026-11-27", "at": ["17:00"]}
    return {"bulletins": [law], "zones": ["ap-1"], "rule": rule | more}


def test_a_booking_is_made_shown_listed_and_withdrawn(lan: httpx.Client, law: int) -> None:
    made = lan.post("/api/v1/bookings", json=wish(law))
    assert made.status_code == 201, made.text
    booking = made.json()
    assert booking["rule_text"] == "17:00 hằng ngày từ 25/11/2026 đến 27/11/2026"
    assert booking["next_at"] == "2026-11-25T10:00:00Z"
    assert [name.partition("@")[2] for name in booking["airings"]] == [
        f"202611{day}T100000Z" for day in (25, 26, 27)
    ]
    address = f"/api/v1/bookings/{booking['id']}"
    assert lan.get(address).json() == booking
    assert [each["id"] for each in lan.get("/api/v1/bookings").json()] == [booking["id"]]
    assert lan.post(f"{address}/withdraw").json()["withdrawn_at"]
    assert lan.get("/api/v1/bookings").json() == []
    assert lan.get("/api/v1/bookings?past=true").json()[0]["id"] == booking["id"]


def test_a_preview_tells_faults_and_warnings_and_saves_nothing(
    lan: httpx.Client, law: int, engine: Engine
) -> None:
    told = lan.post("/api/v1/bookings/preview", json=wish(law, at=["03:15"])).json()
    assert told["faults"][0]["field"] == "at"
    lan.post("/api/v1/bookings", json=wish(law))
    told = lan.post("/api/v1/bookings/preview", json=wish(law, first_day="2026-11-24")).json()
    assert told["faults"] == []
    assert "phát trước" in told["warnings"][0]
    assert [line["is_new"] for line in told["zones"][0]["lines"]] == [True]
    with transaction(engine) as session:
        assert len(session.exec(select(Booking)).all()) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"at": ["03:15"]}, "giờ yên tĩnh 21:30–05:00"),
        ({"at": []}, "Chưa chọn giờ phát"),
        ({"time_zone": "Asia/Atlantis"}, "không có múi giờ «Asia/Atlantis»"),
        ({"first_day": "hôm qua"}, "phải là ngày"),
    ],
)
def test_what_cannot_be_is_a_problem_in_vietnamese(
    lan: httpx.Client, law: int, change: dict[str, Any], words: str
) -> None:
    told = lan.post("/api/v1/bookings", json=wish(law, **change))
    assert told.status_code == 422
    assert told.headers["content-type"] == "application/problem+json"
    assert words in told.json()["detail"]


def test_play_now_then_its_airing_and_a_stop(lan: httpx.Client, law: int) -> None:
    booking = lan.post("/api/v1/play-now", json={"bulletins": [law], "zones": ["xa"]}).json()
    (airing,) = booking["airings"]
    told = lan.get(f"/api/v1/airings/{airing}").json()
    assert told["counts"] == {"planned": 3}
    assert [each["state"] for each in told["devices"]] == ["planned"] * 3
    assert [each["id"] for each in lan.get("/api/v1/airings").json()] == [airing]
    assert lan.post(f"/api/v1/airings/{airing}/stop").json()["stopped_at"]
    assert lan.post(f"/api/v1/airings/{airing}/replay").status_code == 409


def test_an_emergency_is_for_leaders_and_can_be_cancelled(
    lan: httpx.Client, enter: Callable[[str, Role], httpx.Client]
) -> None:
    order = {"words": "Nước lên nhanh, bà con sơ tán ngay.", "zones": ["ap-1"]}
    assert lan.post("/api/v1/emergencies", json=order).status_code == 403
    leader = enter("minh", Role.LEADER)
    made = leader.post("/api/v1/emergencies", json=order)
    assert made.status_code == 201, made.text
    assert made.json()["rule"] is None
    name = made.json()["id"]
    assert leader.get("/api/v1/emergencies").json()[0]["id"] == name
    assert leader.post(f"/api/v1/emergencies/{name}/cancel").json()["withdrawn_at"]


def test_without_a_token_nothing_is_told(open_client: Callable[[], httpx.Client], law: int) -> None:
    client = open_client()
    for address in ("/api/v1/bookings", "/api/v1/airings", "/api/v1/emergencies"):
        assert client.get(address).status_code == 401


def test_too_long_a_time_is_refused(lan: httpx.Client) -> None:
    told = lan.get(
        "/api/v1/airings", params={"begins_at": "2026-01-01T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"}
    )
    assert (told.status_code, told.json()["field"]) == (422, "ends_at")
