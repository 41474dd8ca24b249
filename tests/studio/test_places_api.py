"""Zones, devices, enrolment, airings and commands through the API, as a technician's desk uses them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from edge_agent.wire import signing, topics
from edge_agent.wire.documents import Config
from edge_agent.wire.signing import Keyring
from studio import keys, log_in
from studio.db import transaction
from studio.models.users import LogInKind, Role, User
from studio.services import Services

AIRING = "baaaaaaaaaa@20261124T050000Z"


@dataclass
class Desk:
    """Somebody's programs, with a token."""

    client: httpx.Client
    headers: dict[str, str]

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self.client.request(method, f"/api/v1{path}", json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
        return answer.json() if answer.content else None


@pytest.fixture
def client(services: Services, open_client: Callable[[], httpx.Client]) -> httpx.Client:
    with transaction(services.engine) as session:
        keys.initialise(session, services.settings.keys_directory, now=services.now())
    return open_client()


@pytest.fixture
def desk(services: Services, client: httpx.Client, person: Callable[..., User]) -> Callable[[Role], Desk]:
    def sit(role: Role) -> Desk:
        user = person(role.value, role)
        with transaction(services.engine) as session:
            token = log_in.start(
                session, user, kind=LogInKind.TOKEN, settings=services.settings, now=services.now()
            )
        return Desk(client, {"Authorization": f"Bearer {token}"})

    return sit


@pytest.fixture
def technician(desk: Callable[[Role], Desk]) -> Desk:
    technician = desk(Role.TECHNICIAN)
    technician.ask("POST", "/zones", {"name": "Xã Tân Lập", "kind": "commune"}, status=201)
    technician.ask("POST", "/zones", {"name": "Ấp 3", "kind": "hamlet", "parent": "xa-tan-lap"}, status=201)
    technician.ask("POST", "/devices", {"name": "Tân Lập 03", "zones": ["ap-3"]}, status=201)
    return technician


def test_zones_and_devices_are_drawn_listed_and_deleted(technician: Desk) -> None:
    assert [zone["id"] for zone in technician.ask("GET", "/zones?kind=hamlet")] == ["ap-3"]
    assert technician.ask("GET", "/zones/xa-tan-lap")["devices"] == ["tan-lap-03"]
    device = technician.ask("GET", "/devices/tan-lap-03")
    assert (device["state_name"], device["zones"]) == ("Chưa ghi danh", ["ap-3", "tan-lap-03", "xa-tan-lap"])
    assert technician.ask("GET", "/devices?zone=ap-3") == [device]
    technician.ask("PATCH", "/zones/ap-3", {"name": "Ấp Ba"})
    technician.ask("DELETE", "/zones/ap-3", status=204)
    technician.ask("GET", "/zones/ap-3", status=404)
    technician.ask("DELETE", "/devices/tan-lap-03", status=204)
    assert technician.ask("GET", "/devices") == []


def test_settings_mute_and_zones_of_a_device(technician: Desk) -> None:
    at = "/devices/tan-lap-03"
    night = [{"begins": "21:30:00", "ends": "05:00:00"}]
    changed = technician.ask("PATCH", at, {"volume": 60, "quiet_hours": night})
    assert (changed["volume"], changed["quiet_hours"]) == (60, night)
    assert "volume" in technician.ask("PATCH", at, {"volume": 160}, status=422)["detail"]
    assert "loudness" in technician.ask("PATCH", at, {"loudness": 6}, status=422)["detail"]
    assert technician.ask("PUT", f"{at}/mute", {"reason": "loa hú"})["muted"] == "loa hú"
    assert technician.ask("DELETE", f"{at}/mute")["muted"] is None
    assert "lý do" in technician.ask("PUT", f"{at}/mute", {"reason": " "}, status=422)["detail"]
    assert technician.ask("PUT", f"{at}/zones", {"zones": []})["zones"] == ["tan-lap-03"]
    assert technician.ask("PUT", "/zones/ap-3/devices", {"devices": ["tan-lap-03"]})["devices"] == [
        "tan-lap-03"
    ]
    assert technician.ask("PUT", f"{at}/name", {"name": "Cổng chợ"})["name"] == "Cổng chợ"


FOR_TECHNICIANS: list[tuple[str, str, Any]] = [
    ("POST", "/zones", {"name": "Ấp 9", "kind": "hamlet"}),
    ("POST", "/devices", {"name": "Loa"}),
    ("PATCH", "/devices/tan-lap-03", {"volume": 1}),
    ("PUT", "/devices/tan-lap-03/mute", {"reason": "x"}),
    ("POST", "/devices/tan-lap-03/enrolment-code", None),
    ("DELETE", "/devices/tan-lap-03", None),
    ("POST", "/commands", {"name": "restart", "device": "tan-lap-03"}),
]


def test_an_officer_may_not_and_a_stranger_even_less(technician: Desk, desk: Callable[[Role], Desk]) -> None:
    officer, stranger = desk(Role.OFFICER), Desk(technician.client, {})
    for method, path, body in FOR_TECHNICIANS:
        assert "Kỹ thuật viên" in officer.ask(method, path, body, status=403)["detail"]
        stranger.ask(method, path, body, status=401)


def test_a_box_is_enrolled_with_a_code_and_gets_all_it_needs(technician: Desk, services: Services) -> None:
    code = technician.ask("POST", "/devices/tan-lap-03/enrolment-code", status=201)["code"]
    short, _, kid = code.partition(".")
    box = Desk(technician.client, {})
    key = signing.new_key()
    application = {"code": short, "key": signing.public_x(key), "version": "0.1.0"}
    told = box.ask("POST", "/enrolments", application, status=201)
    assert told["device"] == told["broker"]["username"] == "tan-lap-03"
    assert (told["broker"]["host"], told["broker"]["tls_ca_pem"]) == ("127.0.0.1", None)
    (root,) = told["roots"]
    assert signing.kid(signing.public_key(root)) == kid
    ring = Keyring.pinned([root]).adopt(told["keys"].encode())
    config = ring.open(topics.device("tan-lap-03", "config"), told["config"].encode(), now=services.now())
    assert isinstance(config, Config)
    assert config.zones == ("ap-3", "tan-lap-03", "xa-tan-lap")
    again = box.ask("POST", "/enrolments", application, status=403)
    assert "Mã ghi danh" in again["detail"]


def test_guessing_codes_is_stopped(technician: Desk) -> None:
    box = Desk(technician.client, {})
    wrong = {"code": "aaaaaaaaaa", "key": signing.public_x(signing.new_key())}
    for _ in range(10):
        box.ask("POST", "/enrolments", wrong, status=403)
    code = technician.ask("POST", "/devices/tan-lap-03/enrolment-code", status=201)["code"]
    assert "quá nhiều lần" in box.ask("POST", "/enrolments", wrong | {"code": code}, status=429)["detail"]


def test_a_command_names_who_has_not_answered(technician: Desk) -> None:
    ordered = technician.ask("POST", "/commands", {"name": "self-test", "zone": "ap-3"}, status=201)
    shown = technician.ask("GET", f"/commands/{ordered['id']}")
    assert [(a["name"], a["state"]) for a in shown["answers"]] == [("Tân Lập 03", None)]
    technician.ask("POST", "/commands", {"name": "self-test"}, status=422)
    technician.ask("POST", "/commands", {"name": "explode", "zone": "ap-3"}, status=422)
    technician.ask("GET", "/commands/nothing", status=404)


def test_a_stop_of_what_is_no_airing_is_refused(technician: Desk) -> None:
    stop = {"name": "stop", "zone": "ap-3", "airing": "b123 typo"}
    refused = technician.ask("POST", "/commands", stop, status=422)
    assert refused["detail"] == "Hãy sửa: airing: không hợp lệ."
    told = technician.ask("POST", "/commands", stop | {"airing": AIRING}, status=201)
    assert told["name"] == "stop"
