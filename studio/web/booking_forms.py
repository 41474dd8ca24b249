"""What staff type into the form of a booking, read into a draft. Every slip is told at its field. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, QueryParams

from edge_agent.wire.words import Priority
from scheduler.rules import YEARS, Fault, Repeats, Rule
from studio import moments
from studio.booking_drafts import BookingDraft

FEWEST_TIMES = 3
"""Fields for times of day that a form shows at least."""
TIME_PATTERN = r"\s*([01]?\d|2[0-3])([:hH.]?[0-5]\d|[hH])\s*"
"""What a browser lets pass as a time of day. A field of its own type «time» would say AM and PM in English browsers."""
_NUMBER = re.compile(r"-?\d{1,9}")


@dataclass(frozen=True)
class Form:
    """The words of the form, as typed."""

    bulletins: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    repeats: str = Repeats.ONCE
    first_day: str = ""
    last_day: str = ""
    weekdays: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    without: str = ""
    also: str = ""
    priority: str = Priority.ORDINARY
    repeat: str = "1"
    rank: str = "0"
    in_step: bool = False
    title: str = ""
    seen: str = ""
    """Which warnings the person has seen, and saves all the same: `seen()` of them."""

    @property
    def times(self) -> list[str]:
        """What the fields for times of day show: what was typed, and empty ones."""
        return [*self.at, *[""] * max(1, FEWEST_TIMES - len(self.at))]


@dataclass
class Reading:
    """What a form comes to: a draft, or faults."""

    faults: list[Fault] = field(default_factory=list)

    def wrong(self, name: str, text: str) -> None:
        """Note what is to be mended at a field."""
        self.faults.append(Fault(name, text))


def told(given: FormData | QueryParams) -> Form:
    """Take what the browser sent."""

    def several(name: str) -> tuple[str, ...]:
        return tuple(word for each in given.getlist(name) if isinstance(each, str) and (word := each.strip()))

    def one(name: str, otherwise: str = "") -> str:
        word = given.get(name, otherwise)
        return word.strip() if isinstance(word, str) else otherwise

    return Form(
        bulletins=several("bulletins"),
        zones=several("zones"),
        repeats=one("repeats", Repeats.ONCE),
        first_day=one("first_day"),
        last_day=one("last_day"),
        weekdays=several("weekdays"),
        at=several("at"),
        without=one("without"),
        also=one("also"),
        priority=one("priority", Priority.ORDINARY),
        repeat=one("repeat", "1"),
        rank=one("rank", "0"),
        in_step=bool(one("in_step")),
        title=one("title"),
        seen=one("seen"),
    )


def proposed(bulletins: Sequence[int], *, now: datetime, zone_info: ZoneInfo) -> Form:
    """What a new form shows: today at 17:00, or tomorrow when that is over."""
    local = now.astimezone(zone_info)
    day = local.date() if local.time() < time(16, 50) else local.date() + timedelta(days=1)
    return Form(bulletins=tuple(str(each) for each in bulletins), first_day=day.isoformat(), at=("17:00",))


def draft(form: Form, *, time_zone: str) -> tuple[BookingDraft | None, list[Fault]]:
    """Read the form. Null with what is to be mended, where what was typed cannot even be understood."""
    reading = Reading()
    rule = _rule(form, reading, time_zone)
    bulletins = tuple(
        number
        for each in form.bulletins
        if (number := _number(each, "bulletins", "Không rõ bản tin nào.", reading)) is not None
    )
    repeat = _number(form.repeat, "repeat", "Số lần đọc phải là số từ 1 đến 10.", reading)
    rank = _number(form.rank or "0", "rank", "Thứ tự phải là số từ -100 đến 100.", reading)
    if repeat is not None and not 1 <= repeat <= 10:
        reading.wrong("repeat", "Số lần đọc phải từ 1 đến 10.")
    if rank is not None and not -100 <= rank <= 100:
        reading.wrong("rank", "Thứ tự phải từ -100 đến 100.")
    if form.priority not in (Priority.ORDINARY, Priority.PRIORITY):
        reading.wrong("priority", "Hãy chọn mức «Thông thường» hoặc «Ưu tiên».")
    if len(form.title) > 200:
        reading.wrong("title", f"Tên dài {len(form.title)} ký tự; nhiều nhất là 200.")
    if reading.faults or rule is None or repeat is None or rank is None:
        return None, reading.faults
    return BookingDraft(
        bulletins=bulletins,
        zones=form.zones,
        rule=rule,
        priority=Priority(form.priority),
        rank=rank,
        repeat=repeat,
        in_step=form.in_step,
        title=form.title,
    ), []


def by_field(faults: Sequence[Fault]) -> Mapping[str, str]:
    """What to show beneath each field."""
    found: dict[str, str] = {}
    for fault in faults:
        found[fault.field] = f"{found[fault.field]} {fault.text}" if fault.field in found else fault.text
    return found


def _rule(form: Form, reading: Reading, time_zone: str) -> Rule | None:
    if form.repeats not in set(Repeats):
        reading.wrong("repeats", "Hãy chọn phát một lần, hằng ngày hay theo thứ.")
        return None
    first = _day(form.first_day, "first_day", reading)
    if not form.first_day:
        reading.wrong("first_day", "Chưa chọn ngày phát.")
    once = form.repeats == Repeats.ONCE
    last = None if once or not form.last_day else _day(form.last_day, "last_day", reading)
    at = [found for each in form.at if (found := _time(each, reading)) is not None]
    weekdays = [int(each) for each in form.weekdays if each in {"0", "1", "2", "3", "4", "5", "6"}]
    # A day left out of a single day, or added to it, was typed before the person changed their mind.
    without = [] if once else _days(form.without, "without", reading)
    also = [] if once else _days(form.also, "also", reading)
    if reading.faults or first is None:
        return None
    return Rule(
        repeats=Repeats(form.repeats),
        first_day=first,
        last_day=last,
        weekdays=tuple(weekdays),
        at=tuple(at),
        without=tuple(without),
        also=tuple(also),
        time_zone=time_zone,
    )


def _number(word: str, name: str, wrong: str, reading: Reading) -> int | None:
    if _NUMBER.fullmatch(word):
        return int(word)
    reading.wrong(name, wrong)
    return None


def _day(word: str, name: str, reading: Reading) -> date | None:
    """A date as a browser sends it (2026-09-02) or as people write it (2/9/2026)."""
    if not word:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(word, form).date()  # noqa: DTZ007  a date has no time zone
        except ValueError:
            continue
        if found.year in YEARS:
            return found
    reading.wrong(name, f"«{word[:40]}» không phải là ngày. Hãy viết như 02/09/2026.")
    return None


def _days(words: str, name: str, reading: Reading) -> list[date]:
    each = re.split(r"[\s,;]+", words)
    return [found for word in each if (found := _day(word, name, reading)) is not None]


def _time(word: str, reading: Reading) -> time | None:
    try:
        return moments.time_of_day(word)
    except ValueError:
        reading.wrong("at", f"«{word[:40]}» không phải là giờ. Hãy viết giờ 24, như 17:30.")
        return None


def seen(warnings: Sequence[str]) -> str:
    """Name these warnings in a word: whoever has seen them has not seen others."""
    return hashlib.sha256("\n".join(warnings).encode()).hexdigest()[:16]
