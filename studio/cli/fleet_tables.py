"""How devices are shown in a terminal: pure, from what the API tells."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from rich.box import SIMPLE_HEAD
from rich.table import Column, Table

from edge_agent.wire.accounts import Presence
from studio.device_words import CLOCK_NAMES, REFUSAL_NAMES, REPLY_NAMES

STYLES = {"online": "green", "offline": "red", "new": "dim"}
REPLY_STYLES = {"done": "green", "failed": "red", "received": "yellow"}


def presence(device: dict[str, Any]) -> Presence | None:
    """What a device last told of itself; None if it has told nothing that can be read."""
    try:
        return Presence.model_validate(device["presence"])
    except (KeyError, ValidationError):
        return None


def state(device: dict[str, Any]) -> str:
    """Its state in words, coloured."""
    told = presence(device)
    playing = device["state"] == "online" and told is not None and told.playing is not None
    name = "Đang phát" if playing else device["state_name"]
    return f"[{'cyan' if playing else STYLES.get(device['state'], '')}]{name}[/]"


def fleet(devices: Iterable[dict[str, Any]]) -> Table:
    """All devices, one a line."""
    table = _table(_id(), "Tên", "Tình trạng", "Đồng hồ", "Âm", "Thiếu", "Nghe cuối")
    for device in devices:
        told = presence(device)
        table.add_row(
            device["id"],
            plain(device["name"]),
            state(device) + (" [yellow](tắt tiếng)[/]" if device["muted"] is not None else ""),
            CLOCK_NAMES[told.clock] if told else "–",
            f"{device['volume'] if told is None or told.volume is None else told.volume} %",
            str(len(told.missing)) if told else "–",
            local(device["last_seen_at"])[:11] or "chưa",  # without the year, or 80 columns are too few
        )
    return table


def facts(device: dict[str, Any]) -> Table:
    """Everything about one device."""
    table = Table(show_header=False, box=None, padding=(0, 2))
    for label, value in (*_settings(device), *_told(presence(device))):
        table.add_row(f"[dim]{label}[/]", value)
    return table


def replies(answers: Iterable[dict[str, Any]]) -> Table:
    """Who said what to a command."""
    table = _table(_id(), "Tên", "Trả lời", "Chi tiết")
    for answer in answers:
        said = f"[{REPLY_STYLES.get(answer['state'] or '', 'red')}]{reply_name(answer['state'])}[/]"
        more = ". ".join(part for part in (answer["reason"], answer["detail"]) if part)
        table.add_row(answer["device"], plain(answer["name"]), said, plain(more))
    return table


def reply_name(word: str | None) -> str:
    """How far a command came, in words; a newer word is shown as it is."""
    return {str(key) if key else None: name for key, name in REPLY_NAMES.items()}.get(word, str(word))


def local(text: str | None) -> str:
    """An instant of the API in this computer's time zone."""
    return "" if text is None else f"{datetime.fromisoformat(text).astimezone():%H:%M %d/%m/%Y}"


def plain(text: str) -> str:
    """Keep what people typed from being taken as colours."""
    return text.replace("[", r"\[")


def _table(*columns: Column | str) -> Table:
    return Table(*columns, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))


def _id() -> Column:
    return Column("Mã", no_wrap=True)  # it is copied into the next command, so it is never cut


def _settings(device: dict[str, Any]) -> list[tuple[str, str]]:
    quiet = ", ".join(f"{each['begins'][:5]}–{each['ends'][:5]}" for each in device["quiet_hours"])
    ceilings = (
        f"{each['begins'][:5]}–{each['ends'][:5]}: {each['percent']} %" for each in device["ceilings"]
    )
    return [
        ("Mã", device["id"]),
        ("Tên", plain(device["name"])),
        ("Tình trạng", state(device)),
        ("Ghi danh", local(device["enrolled_at"]) or "chưa"),
        ("Nghe lần cuối", local(device["last_seen_at"]) or "chưa lần nào"),
        (
            "Vùng",
            ", ".join(zone for zone in device["zones"] if zone != device["id"]) or "chưa thuộc vùng nào",
        ),
        ("Tắt tiếng", "không" if device["muted"] is None else plain(device["muted"])),
        ("Âm lượng đã đặt", f"{device['volume']} %, khẩn cấp {device['emergency_volume']} %"),
        ("Giờ yên tĩnh", quiet or "không đặt"),
        ("Mức trần", ", ".join(ceilings) or "không đặt"),
    ]


def _told(told: Presence | None) -> list[tuple[str, str]]:
    if told is None:
        return []
    error = "" if told.clock_error_s is None else f", sai không quá {told.clock_error_s:.2f} giây"
    refused = (f"{REFUSAL_NAMES.get(why, why)}: {n}" for why, n in told.refused.items())
    return [
        ("Đang phát", told.playing or "không"),
        ("Đồng hồ", f"{CLOCK_NAMES[told.clock]} {told.clock_source}".strip() + error),
        ("Thiếu âm thanh", str(len(told.missing))),
        ("Báo cáo chờ gửi", str(told.queue)),
        ("Thẻ nhớ còn", "–" if told.disk_free_mb is None else f"{told.disk_free_mb} MB"),
        ("Nhiệt độ", "–" if told.temperature_c is None else f"{told.temperature_c:.0f} °C"),
        ("Phần mềm", f"{told.version} ({told.player})"),
        ("Thông điệp bị từ chối", ", ".join(refused) or "không"),
    ]
