"""What no calendar, no database and no alphabet has: it is refused in Vietnamese, and nothing breaks."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import Engine
from sqlmodel import select

from edge_agent.wire.documents import Mute
from studio import devices, keys, moments, recordings, users, zones
from studio.db import transaction
from studio.errors import Invalid
from studio.models.airings import Airing
from studio.models.places import Device
from studio.models.users import Role, User
from studio.services import Services
from studio.settings import StudioSettings
from studio.web.app import create_app
from tests.support import station

HUGE = 10**30
PASSWORD = "chim hót đầu xuân"
HALF = "\\ud800"
"""As JSON writes it."""


@pytest.fixture
def law(engine: Engine, person: Callable[..., User], clock: Any, settings: StudioSettings) -> int:
    author = person("tac-gia", Role.OFFICER)
    with transaction(engine) as session:
        keys.initialise(session, settings.data / "keys", now=clock())
        station.commune(session, now=clock())
        return station.bulletin(session, by=author, now=clock())


@pytest.fixture
def program(open_client: Callable[[], httpx.Client], person: Callable[..., User]) -> Callable[..., Any]:
    def log_in(role: Role) -> httpx.Client:
        person(role.value, role)
        client = open_client()
        answer = client.post("/api/v1/sessions", json={"user": role.value, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    return log_in


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Content-Security-Policy" in answer.headers
    return str(answer.json()["detail"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/bulletins/{HUGE}", None),
        ("GET", f"/bulletins?offset={HUGE}", None),
        ("GET", f"/recordings/{HUGE}", None),
        ("POST", f"/bulletins/{HUGE}/send", None),
        ("POST", "/play-now", {"bulletins": [HUGE], "zones": ["xa"]}),
        ("POST", "/bookings", {"bulletins": [HUGE], "zones": ["xa"], "rule": None}),
        ("POST", "/bookings/preview", {"bulletins": [-HUGE], "zones": ["xa"], "rule": None}),
    ],
)
def test_numbers_that_no_database_holds(
    program: Callable[..., httpx.Client], law: int, method: str, path: str, body: dict[str, Any] | None
) -> None:
    if body is not None and "rule" in body:
        body = body | {"rule": station.rule().model_dump(mode="json")}
    answer = program(Role.OFFICER).request(method, f"/api/v1{path}", json=body)
    assert "số quá lớn" in refused(answer)


@pytest.mark.parametrize("path", ["/bookings", "/bookings/preview"])
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"first_day": "9999-12-31", "last_day": None}, "năm phải từ 2000 đến 2199"),
        ({"first_day": "0001-01-01"}, "năm phải từ 2000 đến 2199"),
        ({"last_day": "9999-12-31"}, "năm phải từ 2000 đến 2199"),
        ({"also": ["0001-01-01"]}, "năm phải từ 2000 đến 2199"),
        ({"without": ["9999-12-31"]}, "năm phải từ 2000 đến 2199"),
        ({"time_zone": "Asia"}, "không có múi giờ «Asia»"),
        ({"time_zone": "a" * 5000}, f"không có múi giờ «{'a' * 60}»"),
        ({"time_zone": "Asia/\0"}, "không có múi giờ"),
    ],
)
def test_days_and_time_zones_that_are_in_no_calendar(
    program: Callable[..., httpx.Client],
    law: int,
    engine: Engine,
    path: str,
    change: dict[str, Any],
    why: str,
) -> None:
    rule = station.rule().model_dump(mode="json") | change
    body = {"bulletins": [law], "zones": ["xa"], "rule": rule}
    assert why in refused(program(Role.OFFICER).post(f"/api/v1{path}", json=body))
    with transaction(engine) as session:
        assert session.exec(select(Airing)).all() == []


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("name", ["begins_at", "ends_at"])
def test_instants_out_of_the_calendar(
    program: Callable[..., httpx.Client], law: int, at: str, name: str
) -> None:
    answer = program(Role.OFFICER).get("/api/v1/airings", params={name: at})
    assert "năm phải từ 2000 đến 2199" in refused(answer)


def test_a_mute_ends_in_the_calendar_however_it_is_told(
    program: Callable[..., httpx.Client], logged_in: Callable[..., Any], law: int, engine: Engine, clock: Any
) -> None:
    far = "9999-12-31T23:59:59+00:00"
    technician = program(Role.TECHNICIAN)
    answer = technician.put("/api/v1/devices/loa-1/mute", json={"reason": "Hỏng", "until": far})
    assert "năm phải từ 2000 đến 2199" in refused(answer)
    desk = logged_in("ky-thuat", Role.TECHNICIAN)
    page = desk.post("/cum-loa/loa-1/tat-tieng", status=422, reason="Hỏng", until=far)
    assert "năm phải từ 2000 đến 2199" in page
    assert far in page, "what was typed is not lost"
    with transaction(engine) as session, pytest.raises(Invalid, match="từ 2000 đến 2199"):
        devices.mute(session, "loa-1", reason="Hỏng", now=clock(), until=datetime.fromisoformat(far))


def test_an_old_row_at_the_end_of_the_calendar_does_not_break_the_page(
    logged_in: Callable[..., Any], law: int, engine: Engine, clock: Any
) -> None:
    with transaction(engine) as session:
        mute = Mute(begins_at=clock(), ends_at=datetime.max.replace(tzinfo=UTC), reason="Hỏng loa")
        session.get_one(Device, "loa-1").muted = [mute.model_dump(mode="json")]
    page = logged_in("ky-thuat", Role.TECHNICIAN).get("/cum-loa/loa-1")
    assert "Hỏng loa" in page
    assert "31/12/9999" in page


@pytest.mark.parametrize(
    "typed", ["31/12/9999 23:59", "9999-12-31", "0001-01-01T00:00:00+00:00", "1/1/1999 0:00"]
)
def test_typed_moments_lie_in_years_that_are_meant(typed: str) -> None:
    with pytest.raises(Invalid, match="Thời điểm quá xa: năm phải từ 2000 đến 2199"):
        moments.moment(typed, datetime(2026, 11, 24, 12, tzinfo=UTC))
    last = datetime(2199, 12, 31, 23, 59, tzinfo=UTC)
    assert moments.near(last) == last


@pytest.mark.parametrize(
    ("role", "method", "path", "body"),
    [
        (Role.OFFICER, "POST", "/bulletins", '{"title": "?", "text": "Xin chào"}'),
        (Role.OFFICER, "POST", "/bulletins", '{"title": "T", "text": "Xin chào ?"}'),
        (Role.OFFICER, "POST", "/bulletins/1/recordings", '{"engine": "?"}'),
        (Role.OFFICER, "POST", "/play-now", '{"bulletins": [1], "zones": ["?"]}'),
        (Role.OFFICER, "POST", "/play-now", '{"bulletins": [1], "zones": ["xa"], "?": 1}'),
        (Role.OFFICER, "PUT", "/users/me/password", '{"old": "?", "new": "?"}'),
        (Role.LEADER, "POST", "/bulletins/1/send-back", '{"reason": "?"}'),
        (Role.LEADER, "POST", "/emergencies", '{"words": "Lũ ?", "zones": ["xa"]}'),
        (Role.TECHNICIAN, "POST", "/zones", '{"name": "?", "kind": "commune"}'),
        (Role.TECHNICIAN, "POST", "/zones", '{"name": "X", "kind": "commune", "parent": "?"}'),
        (Role.TECHNICIAN, "PUT", "/devices/loa-1/mute", '{"reason": "?"}'),
        (Role.TECHNICIAN, "PUT", "/zones/xa/devices", '{"devices": [["?"]]}'),
        (Role.TECHNICIAN, "POST", "/commands", '{"name": "stop", "device": "?"}'),
    ],
)
def test_half_a_character_is_refused_wherever_it_stands(
    program: Callable[..., httpx.Client], law: int, role: Role, method: str, path: str, body: str
) -> None:
    client = program(role)
    content = body.replace("?", HALF).encode()
    answer = client.request(
        method, f"/api/v1{path}", content=content, headers={"content-type": "application/json"}
    )
    assert "nửa ký tự Unicode" in refused(answer)


def test_a_whole_character_written_in_two_halves_is_text(
    program: Callable[..., httpx.Client], law: int
) -> None:
    content = rb'{"title": "C\u1ea3nh b\u00e1o \ud83c\udf0a", "text": "Xin ch\u00e0o"}'
    answer = program(Role.OFFICER).post(
        "/api/v1/bulletins", content=content, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["title"]) == (201, "Cảnh báo 🌊")


@pytest.mark.parametrize("name", ["Ấp\0 3", "\x1b[31mẤp", "Ấp \ufffd"])
def test_names_and_words_are_text(engine: Engine, law: int, clock: Any, name: str) -> None:
    with transaction(engine) as session:
        takes: list[Callable[[], object]] = [
            lambda: zones.rename(session, "xa", name),
            lambda: devices.rename(session, "loa-1", name),
            lambda: devices.mute(session, "loa-1", reason=name, now=clock()),
            lambda: users.create(session, name="mai", full_name=name, role=Role.OFFICER, now=clock()),
            lambda: recordings.order_emergency(session, name, engine="tone", by=1, now=clock()),
        ]
        for take in takes:
            with pytest.raises(Invalid, match="không phải là chữ"):
                take()


def test_titles_and_emergency_words_are_text_in_the_api_too(
    program: Callable[..., httpx.Client], law: int
) -> None:
    rule = station.rule().model_dump(mode="json")
    booking = {"bulletins": [law], "zones": ["xa"], "rule": rule, "title": "Sáng\0"}
    assert "không phải là chữ" in refused(program(Role.OFFICER).post("/api/v1/bookings", json=booking))
    alarm = {"words": "Lũ về\0, sơ tán ngay", "zones": ["xa"]}
    assert "không phải là chữ" in refused(program(Role.LEADER).post("/api/v1/emergencies", json=alarm))


@pytest.mark.parametrize("path", ["/bookings", "/bookings/preview"])
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"bulletins": list(range(1, 300_000))}, "nhiều nhất 20 bản tin"),
        ({"zones": [f"z{n}" for n in range(300_000)]}, "nhiều nhất 200 vùng"),
        ({"rule": {"at": [f"{n // 60:02}:{n % 60:02}" for n in range(1440)]}}, "1440 giờ phát"),
        ({"rule": {"also": [f"20{n:02}-01-0{d}" for n in range(99) for d in range(1, 10)]}}, "400 ngày nghỉ"),
    ],
    ids=["bulletins", "zones", "times", "days"],
)
def test_a_booking_of_far_too_much_is_refused_before_it_is_looked_at(
    program: Callable[..., httpx.Client], law: int, path: str, change: dict[str, Any], why: str
) -> None:
    rule = station.rule().model_dump(mode="json") | change.get("rule", {})
    body = {"bulletins": [law], "zones": ["xa"]} | change | {"rule": rule}
    answer = program(Role.OFFICER).post(f"/api/v1{path}", json=body)
    if path == "/bookings":
        assert why in refused(answer)
    else:
        assert why in answer.json()["faults"][0]["text"]


def test_an_engine_that_is_not_there_is_named_at_once(
    program: Callable[..., httpx.Client], law: int, engine: Engine
) -> None:
    client = program(Role.OFFICER)
    draft = client.post("/api/v1/bulletins", json={"title": "Mời họp", "text": "Mời bà con đi họp."})
    there = f"/api/v1/bulletins/{draft.json()['id']}/recordings"
    assert "Không có bộ đọc «giọng-lạ»" in refused(client.post(there, json={"engine": "giọng-lạ"}))
    assert client.post(there, json={"engine": "tone"}).status_code == 202


def test_a_page_that_broke_is_as_safe_as_any_other(
    server: Any, services: Services, open_client: Callable[[], httpx.Client]
) -> None:
    broken = APIRouter()

    @broken.get("/hong")
    def breaks() -> str:
        raise ZeroDivisionError

    client = open_client()
    app = create_app(services)
    app.include_router(broken)
    server.app = app
    usual = client.get("/dang-nhap").headers
    answer = client.get("/hong")
    assert answer.status_code == 500
    assert "lỗi ngoài dự kiến" in answer.text
    for header in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
        assert answer.headers[header] == usual[header]


def test_htmx_is_led_on_to_addresses_in_any_letters(logged_in: Callable[..., Any], law: int) -> None:
    lan = logged_in("lan", Role.OFFICER)
    there = "/ban-tin?tim=bão"
    answer = lan.client.get("/dang-nhap", params={"tiep": there}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/ban-tin?tim=b%C3%A3o"
