"""Airings against the quiet hours of the devices that would play them: the device stays silent, so we say so before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from edge_agent.wire.documents import QuietHours
from edge_agent.wire.words import Priority
from scheduler.listeners import Group
from scheduler.planner import PlannedAiring


@dataclass(frozen=True)
class Disturbance:
    """An airing that quiet hours silence, wholly or from some instant on."""

    planned: PlannedAiring
    """Which airing; never an emergency."""
    hours: QuietHours
    """Against which hours."""
    silent_from: datetime
    """From when it is not heard; its start, or the instant the quiet hours begin. Aware UTC."""
    devices: tuple[str, ...]
    """Where, sorted."""
    time_zone: str
    """Of these devices."""

    @property
    def whole(self) -> bool:
        """Whether nothing of it is heard: it starts within the quiet hours."""
        return self.silent_from <= self.planned.starts_at

    def said(self, names: Mapping[str, str]) -> str:
        """All this in Vietnamese. `names` are what people call the devices; without one, the id stands there."""
        starts = self.planned.starts_at.astimezone(ZoneInfo(self.time_zone))
        what = (
            f"Giờ phát {starts:%H:%M} ngày {starts:%d/%m/%Y} nằm trong giờ yên tĩnh"
            if self.whole
            else f"Lượt phát {starts:%H:%M} ngày {starts:%d/%m/%Y} kéo dài sang giờ yên tĩnh"
        )
        hours = f"{self.hours.begins:%H:%M}–{self.hours.ends:%H:%M}"
        return f"{what} {hours} của {say_devices(self.devices, names)}."


def silence(hours: QuietHours, at: datetime, *, time_zone: str) -> list[tuple[datetime, datetime]]:
    """The silent spans [begin, end) of `hours` around the instant `at`: yesterday's to the day after tomorrow's.

    As on the device, hours that begin when they end are the whole day.
    """
    zone = ZoneInfo(time_zone)
    today = at.astimezone(zone).date()
    over_midnight = timedelta(days=1 if hours.ends <= hours.begins else 0)
    days = (today + timedelta(days=n) for n in range(-1, 3))
    return [
        (
            datetime.combine(day, hours.begins, zone).astimezone(UTC),
            datetime.combine(day + over_midnight, hours.ends, zone).astimezone(UTC),
        )
        for day in days
    ]


def disturbances(groups: Iterable[Group]) -> list[Disturbance]:
    """Every airing, but emergencies, that starts in quiet hours or runs into them; by start, then hours."""
    found: defaultdict[tuple[str, QuietHours, datetime, str], list[str]] = defaultdict(list)
    airings: dict[str, PlannedAiring] = {}
    for group in groups:
        for planned in group.airings:
            if planned.airing.priority is Priority.EMERGENCY:
                continue
            for hours in group.quiet_hours:
                silent_from = _silent_from(planned, hours, group.time_zone)
                if silent_from is not None:
                    airings[planned.id] = planned
                    found[planned.id, hours, silent_from, group.time_zone] += group.devices
    hits = [
        Disturbance(airings[name], hours, silent_from, tuple(sorted(ids)), time_zone)
        for (name, hours, silent_from, time_zone), ids in found.items()
    ]
    return sorted(hits, key=lambda d: (d.planned.starts_at, d.planned.id, d.silent_from, d.hours.begins))


def _silent_from(planned: PlannedAiring, hours: QuietHours, time_zone: str) -> datetime | None:
    for begin, end in silence(hours, planned.starts_at, time_zone=time_zone):
        if begin < planned.ends_at and planned.starts_at < end:
            return max(begin, planned.starts_at)
    return None


def say_devices(devices: tuple[str, ...], names: Mapping[str, str], *, shown: int = 3) -> str:
    """Names of devices for a sentence; beyond `shown` only how many."""
    named = ", ".join(f"«{names.get(device, device)}»" for device in devices[:shown])
    rest = f" và {len(devices) - shown} cụm loa khác" if len(devices) > shown else ""
    return f"cụm loa {named}{rest}"
