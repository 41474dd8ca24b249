"""When a booking is to be heard: days and times of day in a time zone, and the instants they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import DAILY, rrule, rruleset
from dateutil.tz import resolve_imaginary
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

VIETNAM = "Asia/Ho_Chi_Minh"
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
"""Names of the days; their index is the number a Rule uses."""
MOST_TIMES = 12
"""Times of day in one rule: more is a slip of the hand."""
MOST_DATES = 400
"""Dates left out or added by hand: more than a year of them is a slip of the hand."""
FAR = timedelta(days=366 * 5)
"""A rule whose next slot is farther away than this is taken to have none."""


YEARS = range(2000, 2200)
"""Years that a date may lie in: another one is a slip of the hand, and reckoning with it leaves the calendar."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (
        ZoneInfoNotFoundError,
        ValueError,
        OSError,
    ) as error:  # «Asia» is a folder, a long name none at all
        raise ValueError(f"không có múi giờ «{name[:60]}»") from error
    return name


def _near(day: date) -> date:
    if day.year not in YEARS:
        raise ValueError(f"năm phải từ {YEARS[0]} đến {YEARS[-1]}")
    return day


def _plain_time(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("giờ phát là giờ địa phương, không kèm múi giờ")
    return at.replace(microsecond=0)


Day = Annotated[date, AfterValidator(_near)]
TimeOfDay = Annotated[time, AfterValidator(_plain_time)]
Weekday = Annotated[int, Field(ge=0, le=6)]


class Repeats(StrEnum):
    """How the days of a rule follow one another."""

    ONCE = "once"
    """The first day only."""
    DAILY = "daily"
    """Every day of the range."""
    WEEKDAYS = "weekdays"
    """The chosen days of the week within the range."""


class Rule(BaseModel):
    """Days and times, as staff choose them. Stored as JSON; `faults` says what of it cannot be meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeats: Repeats
    """Once, daily, or on days of the week."""
    first_day: Day
    """The first day, local."""
    last_day: Day | None = None
    """The last day, included; null: until it is withdrawn. A rule of one day has none."""
    weekdays: tuple[Weekday, ...] = ()
    """Monday is 0; only where it repeats on weekdays."""
    at: tuple[TimeOfDay, ...]
    """Local times of day, to the second."""
    without: tuple[Day, ...] = ()
    """Days left out, for example a funeral or Tết."""
    also: tuple[Day, ...] = ()
    """Days added."""
    time_zone: Annotated[str, AfterValidator(_known_zone)] = VIETNAM
    """IANA name."""


@dataclass(frozen=True)
class Fault:
    """Something in a form to mend."""

    field: str
    """The name of the field."""
    text: str
    """What is wrong and what to do, in Vietnamese."""


def once(at: datetime, *, time_zone: str = VIETNAM) -> Rule:
    """The rule of one single slot at an instant (aware, cut to the second)."""
    local = at.astimezone(ZoneInfo(time_zone))
    return Rule(
        repeats=Repeats.ONCE,
        first_day=local.date(),
        at=(local.time().replace(microsecond=0, fold=0),),
        time_zone=time_zone,
    )


def slots(rule: Rule, begins_at: datetime, ends_at: datetime) -> list[datetime]:
    """The instants (aware UTC, sorted, each once) of `rule` within [begins_at, ends_at).

    A time that a change to summer time leaves out is moved on by what was left out; one that comes twice is meant
    the first time.
    """
    if begins_at >= ends_at:
        return []
    zone = ZoneInfo(rule.time_zone)
    # Local times of a day around the window: no time zone is shifted by more than a few hours within a day.
    early = begins_at.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    late = ends_at.astimezone(zone).replace(tzinfo=None) + timedelta(days=1)
    instants = {_instant(local, zone) for local in _days(rule, early).between(early, late, inc=True)}
    return sorted(at for at in instants if begins_at <= at < ends_at)


def next_slot(rule: Rule, after: datetime) -> datetime | None:
    """The first slot at or after `after`; null where there is none within five years."""
    first = datetime.combine(min((rule.first_day, *rule.also)), time(), UTC) - timedelta(days=2)
    begins_at = max(after, first)
    for step in (timedelta(days=8), timedelta(days=70), FAR):
        found = slots(rule, begins_at, begins_at + step)
        if found:
            return found[0]
    return None


def faults(rule: Rule, *, now: datetime) -> list[Fault]:
    """Everything in `rule` that cannot be meant, for a form; an empty list says that it can be kept."""
    found = oversized(rule)
    if not rule.at:
        found.append(Fault("at", "Chưa chọn giờ phát. Hãy nhập ít nhất một giờ, ví dụ 17:00."))
    if len(set(rule.at)) < len(rule.at):
        found.append(Fault("at", "Có giờ phát nhập hai lần. Hãy bỏ bớt một."))
    found += _faulty_days(rule)
    return found or _nothing_to_come(rule, now)


def oversized(rule: Rule) -> list[Fault]:
    """What is too much of in `rule` for its slots to be reckoned in reasonable time."""
    found: list[Fault] = []
    if len(rule.at) > MOST_TIMES:
        found.append(Fault("at", f"Có {len(rule.at)} giờ phát trong một ngày; nhiều nhất là {MOST_TIMES}."))
    if len(rule.without) + len(rule.also) > MOST_DATES:
        found.append(Fault("without", f"Nhiều nhất {MOST_DATES} ngày nghỉ và ngày thêm trong một lịch phát."))
    return found


def _faulty_days(rule: Rule) -> list[Fault]:
    found: list[Fault] = []
    if rule.repeats is Repeats.WEEKDAYS and not rule.weekdays:
        found.append(Fault("weekdays", "Chưa chọn thứ nào trong tuần. Hãy chọn ít nhất một thứ."))
    if rule.last_day is not None and rule.last_day < rule.first_day and rule.repeats is not Repeats.ONCE:
        found.append(
            Fault(
                "last_day",
                f"Ngày kết thúc {say_day(rule.last_day)} ở trước ngày bắt đầu {say_day(rule.first_day)}. "
                "Hãy chọn lại một trong hai ngày.",
            )
        )
    both = sorted(set(rule.without) & set(rule.also))
    if both:
        found.append(Fault("also", f"Ngày {say_day(both[0])} vừa là ngày nghỉ vừa là ngày thêm. Hãy bỏ một."))
    return found


def _nothing_to_come(rule: Rule, now: datetime) -> list[Fault]:
    if next_slot(rule, now) is not None:
        return []
    begins_at = datetime.combine(min((rule.first_day, *rule.also)), time(), UTC) - timedelta(days=2)
    past = slots(rule, begins_at, min(now, begins_at + FAR)) if begins_at < now else []
    if past:
        last = past[-1].astimezone(ZoneInfo(rule.time_zone))
        return [
            Fault(
                "first_day",
                f"Lịch này đã qua: lần phát cuối là {last:%H:%M} ngày {say_day(last)}. Hãy chọn giờ sắp tới.",
            )
        ]
    field = "weekdays" if rule.repeats is Repeats.WEEKDAYS else "without"
    return [Fault(field, "Lịch này không có ngày phát nào. Hãy xem lại khoảng ngày, các thứ và ngày nghỉ.")]


def say_day(day: date) -> str:
    """A date as Vietnamese staff write it: 05/09/2026."""
    return f"{day:%d/%m/%Y}"


def say(rule: Rule) -> str:
    """The rule in a Vietnamese sentence, for lists and logs."""
    times = ", ".join(f"{at:%H:%M}" if not at.second else f"{at:%H:%M:%S}" for at in sorted(rule.at))
    match rule.repeats:
        case Repeats.ONCE:
            days = f"ngày {say_day(rule.first_day)}"
        case Repeats.DAILY:
            days = f"hằng ngày {_range(rule)}"
        case Repeats.WEEKDAYS:
            names = ", ".join(WEEKDAYS[day] for day in sorted(set(rule.weekdays)))
            days = f"{names} hằng tuần {_range(rule)}"
    extra = f", thêm {_dates(rule.also)}" if rule.also else ""
    left_out = f", nghỉ {_dates(rule.without)}" if rule.without else ""
    return f"{times} {days}{extra}{left_out}"


def _range(rule: Rule) -> str:
    if rule.last_day is None:
        return f"từ {say_day(rule.first_day)}"
    return f"từ {say_day(rule.first_day)} đến {say_day(rule.last_day)}"


def _dates(days: Sequence[date]) -> str:
    shown = ", ".join(say_day(day) for day in sorted(days)[:3])
    return shown + (f" và {len(days) - 3} ngày khác" if len(days) > 3 else "")


def _days(rule: Rule, early: datetime) -> rruleset:
    """The local, naive starts of `rule`; those long before `early` may be missing."""
    days = rruleset()
    for at in set(rule.at):
        # Starting near the window keeps a rule that has run for years as quick as a new one.
        first = datetime.combine(max(rule.first_day, early.date()), at)
        last = rule.first_day if rule.repeats is Repeats.ONCE else rule.last_day
        until = None if last is None else datetime.combine(last, at)
        if (until is None or first <= until) and not _never(rule):
            weekdays = rule.weekdays if rule.repeats is Repeats.WEEKDAYS else None
            days.rrule(rrule(DAILY, dtstart=first, until=until, byweekday=weekdays))
        for day in rule.also:
            days.rdate(datetime.combine(day, at))
        for day in rule.without:
            days.exdate(datetime.combine(day, at))
    return days


def _never(rule: Rule) -> bool:
    """No weekday chosen means none; to rrule it would mean all."""
    return rule.repeats is Repeats.WEEKDAYS and not rule.weekdays


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    aware = resolve_imaginary(local.replace(tzinfo=zone))
    return aware.astimezone(UTC)
