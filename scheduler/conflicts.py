"""Airings that would sound at the same time on the same device: who goes first, why, and what becomes of the other.

The rule is the device's own (design, «the rules of playing»): emergency before priority before ordinary, then the
order the commune chose, then the earlier start, then the id; and only an emergency interrupts what is on air
(Circular 39/2020/TT-BTTTT).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from edge_agent.wire.words import Priority
from scheduler.listeners import Group
from scheduler.planner import PlannedAiring
from scheduler.rules import VIETNAM

URGENCY = {Priority.EMERGENCY: 0, Priority.PRIORITY: 1, Priority.ORDINARY: 2}
"""Lower goes first."""


class Why(StrEnum):
    """Why one airing goes before another."""

    EMERGENCY = "emergency"
    """It is an emergency and interrupts."""
    ON_AIR = "on_air"
    """It began earlier, and only an emergency interrupts it."""
    PRIORITY = "priority"
    """Both begin together, and its priority is higher."""
    RANK = "rank"
    """The commune put it first."""
    NAME = "name"
    """Nothing else tells them apart; every device must choose alike."""


class Fate(StrEnum):
    """What becomes of the airing that has to give way."""

    LATE = "late"
    """Heard whole, only later."""
    JOINS = "joins"
    """The zone plays in step: it joins at the live position and misses a part."""
    CUT = "cut"
    """Its time is over before it ends."""
    SKIPPED = "skipped"
    """Not heard at all."""


@dataclass(frozen=True)
class Clash:
    """Two airings that overlap on at least one device."""

    first: PlannedAiring
    """Goes first."""
    other: PlannedAiring
    """Gives way."""
    why: Why
    """On what ground."""
    fate: Fate
    """Of the other."""
    missed: timedelta
    """How much of the other is not heard."""
    devices: tuple[str, ...]
    """Where, sorted."""
    text: str
    """All this in Vietnamese."""


def precedence(planned: PlannedAiring) -> tuple[int, int, datetime, str]:
    """Sort key among airings that wait for the same horn: the least goes first."""
    airing = planned.airing
    return URGENCY[airing.priority], airing.rank, airing.starts_at, airing.id


def clashes(groups: Iterable[Group], *, time_zone: str = VIETNAM) -> list[Clash]:
    """Every pair of airings that overlap, with all devices on which they do; by start. Texts are in `time_zone`."""
    where: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    pairs: dict[tuple[str, str], tuple[PlannedAiring, PlannedAiring]] = {}
    for group in groups:
        for one, other in _overlapping(group.airings):
            pairs[one.id, other.id] = (one, other)
            where[one.id, other.id] += group.devices
    found = [_clash(*pair, tuple(sorted(where[name])), time_zone) for name, pair in pairs.items()]
    return sorted(found, key=lambda c: (c.other.starts_at, c.first.starts_at, c.first.id, c.other.id))


def _overlapping(airings: Iterable[PlannedAiring]) -> list[tuple[PlannedAiring, PlannedAiring]]:
    """Pairs (earlier, later) of `airings`, which come sorted by start."""
    found: list[tuple[PlannedAiring, PlannedAiring]] = []
    sounding: list[PlannedAiring] = []
    for planned in airings:
        sounding = [s for s in sounding if planned.starts_at < s.ends_at]
        found += [(s, planned) for s in sounding]
        sounding.append(planned)
    return found


def _clash(earlier: PlannedAiring, later: PlannedAiring, devices: tuple[str, ...], time_zone: str) -> Clash:
    first, other, why = _who(earlier, later)
    fate, missed = _fate(first, other)
    text = _explained(first, other, why, fate, missed, len(devices), ZoneInfo(time_zone))
    return Clash(first, other, why, fate, missed, devices, text)


def _who(earlier: PlannedAiring, later: PlannedAiring) -> tuple[PlannedAiring, PlannedAiring, Why]:
    """Who goes first, who gives way, and why."""
    urgent = [URGENCY[planned.airing.priority] for planned in (earlier, later)]
    if earlier.starts_at < later.starts_at:
        if later.airing.priority is Priority.EMERGENCY and urgent[1] < urgent[0]:
            return later, earlier, Why.EMERGENCY
        return earlier, later, Why.ON_AIR
    first, other = sorted((earlier, later), key=precedence)
    if urgent[0] != urgent[1]:
        return first, other, Why.EMERGENCY if min(urgent) == 0 else Why.PRIORITY
    return first, other, Why.RANK if first.airing.rank != other.airing.rank else Why.NAME


def _fate(first: PlannedAiring, other: PlannedAiring) -> tuple[Fate, timedelta]:
    """What becomes of `other`, and how much of it is not heard, if these two were alone."""
    length = other.ends_at - other.starts_at
    heard = max(timedelta(), first.starts_at - other.starts_at)
    # Rule of the device: past `stale_at` nothing is started or gone on with.
    room = other.airing.stale_at - first.ends_at
    if other.airing.in_step:
        rest = max(timedelta(), min(other.ends_at - first.ends_at, room))
        missed = length - heard - rest
    else:
        rest = max(timedelta(), min(length - heard, room))
        missed = length - heard - rest
    if missed <= timedelta():
        return Fate.LATE, timedelta()
    if heard + rest <= timedelta():
        return Fate.SKIPPED, missed
    return (Fate.JOINS if other.airing.in_step and rest else Fate.CUT), missed


REASONS = {
    Why.EMERGENCY: "vì là thông báo khẩn cấp",
    Why.ON_AIR: "vì đang phát dở và chỉ thông báo khẩn cấp mới được chen ngang",
    Why.PRIORITY: "vì có mức ưu tiên cao hơn",
    Why.RANK: "theo thứ tự đã chọn",
    Why.NAME: "vì hai bản tin ngang nhau về mọi mặt",
}


def _explained(
    first: PlannedAiring,
    other: PlannedAiring,
    why: Why,
    fate: Fate,
    missed: timedelta,
    devices: int,
    zone: ZoneInfo,
) -> str:
    at = other.starts_at.astimezone(zone)
    match fate:
        case Fate.LATE:
            then = f"sẽ phát trọn vẹn, muộn hơn, từ khoảng {first.ends_at.astimezone(zone):%H:%M:%S}"
        case Fate.JOINS:
            then = f"chỉ phát phần còn lại, mất {_say_length(missed)}"
        case Fate.CUT:
            then = f"bị cắt, mất {_say_length(missed)}"
        case Fate.SKIPPED:
            then = "sẽ không phát được"
    return (
        f"{at:%H:%M %d/%m/%Y}: «{_title(first)}» phát trước {REASONS[why]}; «{_title(other)}» {then} "
        f"({devices} cụm loa)."
    )


def _title(planned: PlannedAiring) -> str:
    return planned.airing.title or planned.booking


def _say_length(length: timedelta) -> str:
    seconds = max(1, round(length.total_seconds()))
    minutes, rest = divmod(seconds, 60)
    return " ".join(part for part in (f"{minutes} phút" * (minutes > 0), f"{rest} giây" * (rest > 0)) if part)
