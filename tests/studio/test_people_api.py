"""The API of people, bulletins and recordings: the same steps, as JSON; every no is a problem+json."""

import json
import re
from typing import Any

import httpx
import pytest

from studio.db import transaction
from studio.models.users import Role
from studio.services import Services
from studio.speaker import Speaker
from tests.support import station

PASSWORD = "chim hót đầu xuân"
TEXT = "Mời bà con đến nhà văn hóa ấp 3 lúc 7h30 ngày 24/11/2026."


@pytest.fixture
def client_of(open_client: Any, person: Any) -> Any:
    def enter(name: str, role: Role) -> httpx.Client:
        person(name, role)
        client: httpx.Client = open_client()
        answer = client.post("/api/v1/sessions", json={"user": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    return enter


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == "about:blank"
    return body


def test_the_whole_way_over_the_api(client_of: Any, services: Services) -> None:
    lan, hung = client_of("lan", Role.OFFICER), client_of("hung", Role.LEADER)
    written = lan.post("/api/v1/bulletins", json={"title": "Mời họp", "text": TEXT})
    assert written.status_code == 201
    here = f"/api/v1/bulletins/{written.json()['id']}"
    problem(lan.post(f"{here}/send"), 409)
    ordered = lan.post(f"{here}/recordings", json={"engine": "tone"})
    assert ordered.status_code == 202
    assert ordered.json()["state"] == "wanted"
    Speaker(services.engine, services.sounds, "trạm/1", services.now).work_once()
    recording = lan.get(f"/api/v1/recordings/{ordered.json()['id']}").json()
    assert recording["state"] == "done"
    assert lan.get(f"/sounds/{recording['sha256']}.ogg").status_code == 200
    assert lan.post(f"{here}/send").json()["state"] == "waiting"
    assert problem(lan.post(f"{here}/approve", json={"sha256": recording["sha256"]}), 403)["detail"]
    approved = hung.post(f"{here}/approve", json={"sha256": recording["sha256"]}).json()
    assert (approved["state"], approved["approved_sha256"]) == ("approved", recording["sha256"])
    assert [line["verdict"] for line in lan.get(f"{here}/history").json()] == ["approved", "sent"]
    assert [each["title"] for each in lan.get("/api/v1/bulletins?state=approved").json()] == ["Mời họp"]


def test_an_emergencys_recording_is_not_cancelled_like_a_bulletins(
    client_of: Any, services: Services
) -> None:
    lan, hung = client_of("lan", Role.OFFICER), client_of("hung", Role.LEADER)
    with transaction(services.engine) as session:
        station.commune(session, now=services.now())
    words = {"words": "Nước lên nhanh, bà con sơ tán.", "zones": ["ap-1"]}
    assert hung.post("/api/v1/emergencies", json=words).status_code == 201
    assert "«Khẩn cấp»" in problem(lan.delete("/api/v1/recordings/1"), 409)["detail"]
    assert lan.get("/api/v1/recordings/1").json()["state"] == "wanted"


def test_sending_back_editing_withdrawing_and_cancelling(client_of: Any, services: Services) -> None:
    lan, hung = client_of("lan", Role.OFFICER), client_of("hung", Role.LEADER)
    here = (
        f"/api/v1/bulletins/{lan.post('/api/v1/bulletins', json={'title': 'T', 'text': TEXT}).json()['id']}"
    )
    ordered = lan.post(f"{here}/recordings", json={"engine": "tone"}).json()["id"]
    assert lan.delete(f"/api/v1/recordings/{ordered}").json()["state"] == "cancelled"
    problem(lan.delete(f"/api/v1/recordings/{ordered}"), 409)
    lan.post(f"{here}/recordings", json={"engine": "tone"})
    Speaker(services.engine, services.sounds, "trạm/1", services.now).work_once()
    lan.post(f"{here}/send")
    assert lan.post(f"{here}/withdraw").json()["state"] == "draft"
    lan.post(f"{here}/send")
    assert problem(hung.post(f"{here}/send-back", json={"reason": ""}), 422)["field"] == "reason"
    assert hung.post(f"{here}/send-back", json={"reason": "Sai giờ."}).json()["state"] == "sent_back"
    edited = lan.put(here, json={"title": "T", "text": "Giờ đúng.", "based_on": 1}).json()
    assert (edited["revision"], edited["text"], edited["recording"]) == (2, "Giờ đúng.", None)
    assert "vừa lưu" in problem(lan.put(here, json={"title": "T", "text": "x", "based_on": 1}), 409)["detail"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"title": "T"}, "text: còn thiếu"),
        ({"title": "T", "text": 7}, "text: phải là chữ"),
        ({"title": "T", "text": ""}, "chưa có nội dung"),
        ("không phải JSON", "không phải JSON hợp lệ"),
    ],
)
def test_bad_input_is_a_problem_in_vietnamese(client_of: Any, body: object, detail: str) -> None:
    lan = client_of("lan", Role.OFFICER)
    lan.headers["Content-Type"] = "application/json"
    sent = body if isinstance(body, str) else json.dumps(body)
    assert detail in problem(lan.post("/api/v1/bulletins", content=sent), 422)["detail"]


OPEN = {"/api/v1/sessions", "/api/v1/sessions/current", "/api/v1/enrolments"}
"""What needs no token: logging in and out, and a box that knows a one-time code."""


def test_without_a_token_everything_is_closed(open_client: Any) -> None:
    client = open_client()
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    routes = [(method, path) for path in paths.keys() - OPEN for method in paths[path]]
    assert len(routes) >= 14
    for method, path in routes:
        answer = client.request(method, re.sub(r"\{\w+\}", "1", path), json={})
        assert answer.status_code == 401, (method, path, answer.text)


def test_wrong_credentials_and_paths_are_problems(open_client: Any, person: Any) -> None:
    person("lan", Role.OFFICER)
    client = open_client()
    wrong = client.post("/api/v1/sessions", json={"user": "lan", "password": "sai"})
    assert "không đúng" in problem(wrong, 401)["detail"]
    assert wrong.headers["www-authenticate"] == "Bearer"
    problem(client.get("/api/v1/khong-co"), 404)
    problem(client.get("/api/v1/sessions"), 405)
    problem(client.get("/api/v1/users/me", headers={"Authorization": "Bearer sai"}), 401)


def test_a_one_time_password_must_be_changed_first(open_client: Any, services: Services, clock: Any) -> None:
    from studio import users
    from studio.db import transaction

    with transaction(services.engine) as session:
        password = users.create_first_administrator(session, clock())
    client = open_client()
    token = client.post("/api/v1/sessions", json={"user": "quantri", "password": password}).json()
    assert token["user"]["must_change_password"]
    client.headers["Authorization"] = f"Bearer {token['token']}"
    assert "đổi mật khẩu" in problem(client.get("/api/v1/users/me"), 403)["detail"]
    change = {"old": password, "new": "tre xanh rì rào"}
    client.headers["Authorization"] = (
        f"Bearer {client.put('/api/v1/users/me/password', json=change).json()['token']}"
    )
    assert client.get("/api/v1/users/me").json()["role"] == "administrator"
