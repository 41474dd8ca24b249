"""The form of a device's behaviour: lines of times, typed by people, into a ConfigChange and back. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from pydantic import ValidationError

from edge_agent.wire.documents import Ceiling, QuietHours
from studio import moments
from studio.devices import ConfigChange
from studio.errors import Invalid
from studio.models.places import Device

EMPTY_LINES = 2
"""Lines offered beyond those in use."""
LABELS = {
    "volume": "Âm lượng",
    "emergency_volume": "Âm lượng khẩn cấp",
    "delay_ms": "Độ trễ",
    "heartbeat_s": "Nhịp báo",
    "time_zone": "Múi giờ",
}


@dataclass(frozen=True)
class Typed:
    """The form as it was typed, or as the device's row fills it. All text, so that nothing typed is lost."""

    volume: str = ""
    emergency_volume: str = ""
    delay_ms: str = ""
    heartbeat_s: str = ""
    time_zone: str = ""
    quiet: list[tuple[str, str]] = field(default_factory=list)
    """From and to, `21:30`."""
    ceilings: list[tuple[str, str, str]] = field(default_factory=list)
    """From, to, percent."""

    @property
    def quiet_lines(self) -> list[tuple[str, str]]:
        """Lines of quiet hours to show, with empty ones to fill in."""
        return self.quiet + [("", "")] * EMPTY_LINES

    @property
    def ceiling_lines(self) -> list[tuple[str, str, str]]:
        """Lines of ceilings to show, with empty ones to fill in."""
        return self.ceilings + [("", "", "")] * EMPTY_LINES


def filled(device: Device) -> Typed:
    """The form as the device is set now."""
    return Typed(
        volume=str(device.volume),
        emergency_volume=str(device.emergency_volume),
        delay_ms=str(device.delay_ms),
        heartbeat_s=str(device.heartbeat_s),
        time_zone=device.time_zone,
        quiet=[(each["begins"][:5], each["ends"][:5]) for each in device.quiet_hours],
        ceilings=[(each["begins"][:5], each["ends"][:5], str(each["percent"])) for each in device.ceilings],
    )


def typed(fields: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> Typed:
    """Take the form as it came; lines in which nothing is written fall away."""
    quiet = zip(lists["quiet_begins"], lists["quiet_ends"], strict=False)
    ceilings = zip(lists["ceiling_begins"], lists["ceiling_ends"], lists["ceiling_percent"], strict=False)
    return Typed(
        **{name: fields[name].strip() for name in LABELS},
        quiet=[each for each in quiet if any(each)],
        ceilings=[each for each in ceilings if any(each)],
    )


def wanted(form: Typed) -> ConfigChange:
    """What the form asks for. Raises Invalid at the first field that must be mended."""
    quiet = [QuietHours(begins=_time(a, "quiet"), ends=_time(b, "quiet")) for a, b in form.quiet]
    ceilings = [
        Ceiling(begins=_time(a, "ceilings"), ends=_time(b, "ceilings"), percent=_percent(c, "ceilings"))
        for a, b, c in form.ceilings
    ]
    numbers: dict[str, Any] = {
        "volume": _percent(form.volume, "volume"),
        "emergency_volume": _percent(form.emergency_volume, "emergency_volume"),
        "delay_ms": _whole(form.delay_ms, "delay_ms", 0, 2000),
        "heartbeat_s": _whole(form.heartbeat_s, "heartbeat_s", 10, 3600),
    }
    try:
        return ConfigChange(**numbers, quiet_hours=quiet, ceilings=ceilings, time_zone=form.time_zone)
    except ValidationError as error:
        raise Invalid("Múi giờ không có; ví dụ: Asia/Ho_Chi_Minh.", field="time_zone") from error


def instant(text: str, now: datetime, name: str) -> datetime | None:
    """An instant typed in the zone of `now`: see studio/moments.py; None if nothing was typed. Raises Invalid."""
    if not text.strip():
        return None
    try:
        return moments.moment(text, now)
    except Invalid as error:
        raise Invalid(error.message, field=name) from error


def _time(text: str, name: str) -> time:
    try:
        return moments.time_of_day(text)
    except ValueError as error:
        raise Invalid("Mỗi dòng phải có đủ giờ bắt đầu và giờ kết thúc, dạng 21:30.", field=name) from error


def _percent(text: str, name: str) -> int:
    return _whole(text, name, 0, 100)


def _whole(text: str, name: str, least: int, most: int) -> int:
    label = LABELS.get(name, "Mức trần")
    text = text.strip()
    if not text.isdecimal() or len(text) > 6 or not least <= int(text) <= most:
        raise Invalid(f"{label} phải là số nguyên từ {least} đến {most}.", field=name)
    return int(text)
