"""The demo's commune: a studio, its people, a hamlet of two loudspeakers and another of one."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from studio import db, users
from studio.demo.processes import DemoError, Processes, free_port, run
from studio.models.users import Role
from studio.settings import StudioSettings

COMMUNE, HAMLET, OTHER = "xa-tan-dien", "ap-3", "ap-4"
PEOPLE = {"canbo": Role.OFFICER, "lanhdao": Role.LEADER, "kythuat": Role.TECHNICIAN}
NAMES = {"canbo": "Trần Thị Lan", "lanhdao": "Nguyễn Văn Hải", "kythuat": "Lê Minh Tuấn"}


@dataclass
class Person:
    """Somebody who is logged in to the API."""

    name: str
    password: str
    client: httpx.Client

    def call(
        self, method: str, path: str, json: Any = None, *, file: Path | None = None, **params: Any
    ) -> Any:
        """Ask the API and return its answer. Raises DemoError with what the studio says is wrong."""
        files = {"file": (file.name, file.read_bytes())} if file else None
        answer = self.client.request(method, path, json=json, files=files, params=params)
        if answer.is_error:
            raise DemoError(f"{method} {path}: {answer.json().get('detail', answer.text)}")
        return answer.json() if answer.content else None


@dataclass
class Station:
    """What runs, and who works there."""

    folder: Path
    processes: Processes
    url: str
    people: dict[str, Person] = field(default_factory=dict)
    devices: tuple[str, ...] = ("ap-3-loa-1", "ap-3-loa-2", "ap-4-loa-1")

    def close(self) -> None:
        """End every process and every log-in's connection."""
        for person in self.people.values():
            person.client.close()
        self.processes.stop()

    def wavs(self, device: str) -> Path:
        """Where the player `wav` of a device writes."""
        return self.folder / device / "wav"

    def sound(self, sha256: str) -> Path:
        """The approved sound of that name, fetched from the studio once."""
        path = self.folder / f"{sha256}.ogg"
        if not path.exists():
            path.write_bytes(httpx.get(f"{self.url}/sounds/{sha256}.ogg").raise_for_status().content)
        return path


def open_studio(folder: Path, processes: Processes, *, port: int) -> Station:
    """Set up a studio in `folder` and serve it; its people have passwords of their own. `port` 0 takes a free one."""
    data = folder / "studio"
    first = json.loads(run(["loa", "studio", "init", "--data", str(data), "--json"], {}))
    one_time = {first["user"]: first["password"], **_add_people(data)}
    port = port or free_port()
    processes.start(
        "phòng thu",
        ["loa", "studio", "serve"],
        {
            "LOA_STUDIO_DATA": str(data),
            "LOA_STUDIO_PORT": str(port),
            "LOA_STUDIO_BROKER__PORT": str(free_port()),
            "LOA_STUDIO_STATION": "Đài truyền thanh xã Tân Điền (trình diễn)",
        },
    )
    station = Station(folder, processes, f"http://127.0.0.1:{port}")
    processes.wait_until(lambda: answers(station.url), what="phòng thu mở trang")
    for name, password in one_time.items():
        station.people[name] = _log_in(station.url, name, password)
    return station


def _add_people(data: Path) -> dict[str, str]:
    engine = db.create_engine(StudioSettings(data=data).database_url)
    now = datetime.now(UTC)
    with db.transaction(engine) as session:
        added = {
            n: users.create(session, name=n, full_name=NAMES[n], role=r, now=now) for n, r in PEOPLE.items()
        }
        passwords = {name: new.password for name, new in added.items()}
    engine.dispose()
    return passwords


def answers(url: str) -> bool:
    """Whether the studio at `url` serves its pages."""
    try:
        return httpx.get(f"{url}/dang-nhap").is_success
    except httpx.TransportError:
        return False


def _log_in(url: str, name: str, one_time: str) -> Person:
    client = httpx.Client(base_url=f"{url}/api/v1", timeout=30)
    person = Person(name, f"loa-{secrets.token_urlsafe(9)}", client)
    token = person.call("POST", "/sessions", {"user": name, "password": one_time})["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    change = {"old": one_time, "new": person.password}
    token = person.call("PUT", "/users/me/password", change)["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return person


def put_up_loudspeakers(station: Station, *, player: str) -> None:
    """Draw the zones, enrol three agents with codes of their own, start them, and wait until they are on line."""
    technician = station.people["kythuat"]
    technician.call("POST", "/zones", {"id": COMMUNE, "name": "Xã Tân Điền", "kind": "commune"})
    for hamlet, name in ((HAMLET, "Ấp 3"), (OTHER, "Ấp 4")):
        technician.call("POST", "/zones", {"id": hamlet, "name": name, "kind": "hamlet", "parent": COMMUNE})
    for device in station.devices:
        hamlet = HAMLET if device.startswith(HAMLET) else OTHER
        name = f"Cụm loa {device[-1]} {'ấp 3' if hamlet == HAMLET else 'ấp 4'}"
        technician.call("POST", "/devices", {"id": device, "name": name, "zones": [hamlet]})
        # A demo is shown at any hour, so no quiet hours; and what is heard is compared, so full volume.
        technician.call("PATCH", f"/devices/{device}", {"volume": 100, "quiet_hours": []})
        code = technician.call("POST", f"/devices/{device}/enrolment-code")["code"]
        environment = _agent_settings(station.folder / device, player)
        run(["loa-agent", "enrol", "--studio", station.url, "--code", code], environment)
        station.processes.start(device, ["loa-agent", "run"], environment)
    station.processes.wait_until(lambda: _all_on_line(station), what="ba cụm loa kết nối")


def _agent_settings(folder: Path, player: str) -> Mapping[str, str]:
    return {
        "LOA_AGENT_STATE_DIR": str(folder),
        "LOA_AGENT_PLAYER": player,
        "LOA_AGENT_WAV_FOLDER": str(folder / "wav"),
        "LOA_AGENT_CLOCK": "host",
        "LOA_AGENT_FETCH_SPREAD_S": "0",
        "LOA_AGENT_CONFIG": str(folder / "agent.toml"),
    }


def _all_on_line(station: Station) -> bool:
    told = station.people["kythuat"].call("GET", "/devices")
    return all(
        (each["presence"] or {}).get("online") and (each["presence"] or {}).get("config") for each in told
    )
