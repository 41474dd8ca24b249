"""The demo's story: from five texts to two airings, through the same API a commune's programs would use."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from studio.demo.processes import DemoError
from studio.demo.station import COMMUNE, HAMLET, Person, Station
from studio.heard import Match, compare

ENDED = {"finished", "partial", "failed", "skipped", "unheard"}
AHEAD = timedelta(seconds=8)
"""How far ahead the demo books: enough for plan and sound to reach the loudspeakers."""
ALARM = (
    "Tin bão khẩn cấp. Tâm bão số 13 cách bờ biển 80 ki-lô-mét, gió mạnh cấp 10, giật cấp 12. "
    "Bà con ấp 3, ấp 4 di dời đến Trường Trung học cơ sở trước 17h00."
)
SPOKEN = "01-nong-do-con-hoi-dap"
"""The bulletin that is approved and aired: a question about the law, its answer full of clauses and figures."""


@dataclass(frozen=True)
class Cell:
    """How an airing stands on a device."""

    state: str
    why: str


@dataclass
class Show:
    """One airing of the demo, with what became of it on each device."""

    id: str
    title: str
    starts_at: datetime
    sounds: tuple[str, ...]
    repeat: int
    on: dict[str, Cell]

    @property
    def ended(self) -> bool:
        """Whether every device has said its last word, or will not."""
        return bool(self.on) and all(cell.state in ENDED for cell in self.on.values())

    @property
    def finished(self) -> bool:
        """Whether it was played to its end on every device."""
        return bool(self.on) and all(cell.state == "finished" for cell in self.on.values())


def write(officer: Person, folder: Path) -> dict[str, int]:
    """Write every text in `folder` into the studio as a bulletin; of a newspaper page only its article."""
    written: dict[str, int] = {}
    for path in sorted(p for p in folder.glob("*.txt") if not p.name.endswith(".spoken.txt")):
        found = officer.call("POST", "/imports", file=path)
        # A bulletin of ours is spoken with its heading; a newspaper's article keeps its heading as its name.
        text = found["body"] if found["left_out"] else path.read_text()
        draft = {"title": found["title"], "text": text}
        written[path.stem] = officer.call("POST", "/bulletins", draft)["id"]
    if SPOKEN not in written:
        raise DemoError(f"Không thấy bản tin {SPOKEN}.txt trong {folder}.")
    return written


def record(officer: Person, bulletin: int) -> Iterator[str]:
    """Have it spoken; yields how far it is. Raises DemoError when it fails."""
    order = officer.call("POST", f"/bulletins/{bulletin}/recordings", {})
    while order["state"] in {"wanted", "working"}:
        yield f"{order['done']}/{order['total']}" if order["total"] else "…"
        time.sleep(0.3)
        order = officer.call("GET", f"/recordings/{order['id']}")
    if order["state"] != "done":
        raise DemoError(f"Không đọc được bản tin: {order['reason']}")


def approve(officer: Person, leader: Person, bulletin: int) -> None:
    """The officer sends it, the leader approves the sound."""
    sent = officer.call("POST", f"/bulletins/{bulletin}/send")
    leader.call("POST", f"/bulletins/{bulletin}/approve", {"sha256": sent["recording"]["sha256"]})


def book(station: Station, bulletin: int) -> Show:
    """Book it a few seconds ahead for the hamlet of two loudspeakers."""
    at = (datetime.now(UTC) + AHEAD).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    rule = {"repeats": "once", "first_day": f"{at:%Y-%m-%d}", "at": [f"{at:%H:%M:%S}"]}
    draft = {"bulletins": [bulletin], "zones": [HAMLET], "rule": rule}
    return _show(station, station.people["canbo"].call("POST", "/bookings", draft))


def raise_alarm(station: Station) -> Show:
    """Have the storm warning spoken and aired at once on all three loudspeakers."""
    leader = station.people["lanhdao"]
    booking = leader.call("POST", "/emergencies", {"words": ALARM, "zones": [COMMUNE]})
    while not booking["airings"]:
        if booking["failed"]:
            raise DemoError(f"Không phát được thông báo khẩn cấp: {booking['failed']}")
        time.sleep(0.2)
        station.processes.check()
        booking = leader.call("GET", f"/bookings/{booking['id']}")
    return _show(station, booking)


def _show(station: Station, booking: dict[str, list[dict[str, str]]]) -> Show:
    (airing,) = booking["airings"]
    told = station.people["canbo"].call("GET", f"/airings/{airing}")
    show = Show(
        id=told["id"],
        title=told["title"],
        starts_at=datetime.fromisoformat(told["starts_at"]),
        sounds=tuple(sound["sha256"] for sound in booking["sounds"]),
        repeat=3 if told["priority"] == "emergency" else 1,
        on={},
    )
    look(station, show)
    return show


def look(station: Station, show: Show) -> None:
    """Ask the studio how it stands on each device."""
    told = station.people["canbo"].call("GET", f"/airings/{show.id}")
    show.on = {each["device"]: Cell(each["state"], each["why"]) for each in told["devices"]}


def heard(station: Station, show: Show) -> dict[str, Match | None]:
    """Compare what each device's player wrote down with the approved sound; None where there is no recording."""
    approved = [station.sound(sha256) for sha256 in show.sounds]
    found: dict[str, Match | None] = {}
    for device in show.on:
        wav = station.wavs(device) / f"{show.id}.wav"
        found[device] = compare(approved, wav, repeat=show.repeat) if wav.exists() else None
    return found
