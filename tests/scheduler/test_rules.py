"""Rules come to the right instants, and what cannot be meant is said."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from scheduler.rules import VIETNAM, Repeats, Rule, faults, next_slot, once, say, slots

DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 31))
TIMES = st.times().map(lambda t: t.replace(microsecond=0))
ZONES = st.sampled_from([VIETNAM, "UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"])
RULES = st.builds(
    Rule,
    repeats=st.sampled_from(Repeats),
    first_day=DAYS,
    last_day=st.none() | DAYS,
    weekdays=st.lists(st.integers(0, 6), max_size=4).map(tuple),
    at=st.lists(TIMES, max_size=3).map(tuple),
    without=st.lists(DAYS, max_size=4).map(tuple),
    also=st.lists(DAYS, max_size=3).map(tuple),
    time_zone=ZONES,
)
INSTANTS = st.integers(0, 160_000).map(lambda m: datetime(2025, 12, 20, tzinfo=UTC) + timedelta(minutes=m))


def wanted_on(rule: Rule, day: date) -> bool:
    """The oracle: is this a day of the rule? In the words of a person, one day at a time."""
    if day in rule.without:
        return False
    if day in rule.also:
        return True
    if rule.repeats is Repeats.ONCE:
        return day == rule.first_day
    if day < rule.first_day or (rule.last_day is not None and day > rule.last_day):
        return False
    return rule.repeats is Repeats.DAILY or day.weekday() in rule.weekdays


def brute_force(rule: Rule, begins_at: datetime, ends_at: datetime) -> list[datetime]:
    zone, found, day = ZoneInfo(rule.time_zone), set(), date(2025, 12, 1)
    while day < date(2026, 6, 1):
        for at in rule.at if wanted_on(rule, day) else ():
            # Through UTC and back: a local time that does not exist comes out moved on.
            instant = datetime.combine(day, at, zone).astimezone(UTC)
            if begins_at <= instant < ends_at:
                found.add(instant)
        day += timedelta(days=1)
    return sorted(found)


@given(RULES, INSTANTS, st.timedeltas(timedelta(), timedelta(days=40)))
def test_slots_are_those_a_calendar_would_give(rule: Rule, begins_at: datetime, span: timedelta) -> None:
    assert slots(rule, begins_at, begins_at + span) == brute_force(rule, begins_at, begins_at + span)


@given(RULES, INSTANTS, st.timedeltas(timedelta(), timedelta(days=20)), st.floats(0, 1))
def test_two_windows_end_to_end_give_what_one_gives(
    rule: Rule, begins_at: datetime, span: timedelta, part: float
) -> None:
    middle, ends_at = begins_at + span * part, begins_at + span
    assert slots(rule, begins_at, middle) + slots(rule, middle, ends_at) == slots(rule, begins_at, ends_at)


@given(RULES)
def test_a_rule_comes_back_from_json_as_it_was(rule: Rule) -> None:
    assert Rule.model_validate_json(rule.model_dump_json()) == rule


@given(RULES, INSTANTS)
@settings(max_examples=60)
def test_the_next_slot_is_the_first_of_those_to_come(rule: Rule, after: datetime) -> None:
    to_come = brute_force(rule, after, datetime(2026, 4, 25, tzinfo=UTC))
    found = next_slot(rule, after)
    if to_come:
        assert found == to_come[0]
    else:
        assert found is None or found >= datetime(2026, 4, 25, tzinfo=UTC)


@given(RULES, INSTANTS)
@settings(max_examples=60)
def test_a_rule_without_faults_will_be_heard(rule: Rule, now: datetime) -> None:
    if not faults(rule, now=now):
        assert next_slot(rule, now) is not None


def daily(**more: object) -> Rule:
    return Rule.model_validate(
        {"repeats": "daily", "first_day": "2026-09-01", "last_day": "2026-09-03", "at": ["17:00"], **more}
    )


NOW = datetime(2026, 8, 31, 2, tzinfo=UTC)


def test_five_in_the_afternoon_in_vietnam_is_ten_in_utc() -> None:
    assert slots(daily(), NOW, NOW + timedelta(days=30)) == [
        datetime(2026, 9, day, 10, tzinfo=UTC) for day in (1, 2, 3)
    ]


def test_a_rule_made_for_an_instant_has_that_instant_as_its_only_slot() -> None:
    at = datetime(2026, 9, 2, 20, 13, 7, tzinfo=UTC)
    assert slots(once(at), NOW, NOW + timedelta(days=900)) == [at]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"at": []}, "at", "Chưa chọn giờ phát"),
        ({"at": ["17:00", "17:00"]}, "at", "nhập hai lần"),
        ({"at": [f"{n:02}:00" for n in range(13)]}, "at", "nhiều nhất là 12"),
        ({"last_day": "2026-08-31"}, "last_day", "31/08/2026 ở trước ngày bắt đầu 01/09/2026"),
        ({"repeats": "weekdays"}, "weekdays", "Chưa chọn thứ nào"),
        ({"repeats": "weekdays", "weekdays": [6]}, "weekdays", "không có ngày phát nào"),
        ({"without": ["2026-09-01", "2026-09-02", "2026-09-03"]}, "without", "không có ngày phát nào"),
        ({"without": ["2026-09-02"], "also": ["2026-09-02"]}, "also", "vừa là ngày nghỉ vừa là ngày thêm"),
        (
            {"first_day": "2026-08-01", "last_day": "2026-08-30"},
            "first_day",
            "đã qua: lần phát cuối là 17:00",
        ),
        ({"repeats": "once", "first_day": "2026-08-30", "last_day": None}, "first_day", "đã qua"),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field(change: dict[str, object], field: str, words: str) -> None:
    found = faults(daily(**change), now=NOW)
    assert [f.field for f in found] == [field]
    assert words in found[0].text


def test_a_range_that_began_but_goes_on_is_no_fault() -> None:
    assert faults(daily(first_day="2026-08-01", last_day=None), now=NOW) == []


@pytest.mark.parametrize("change", [{"time_zone": "Asia/Atlantis"}, {"weekdays": [7]}, {"at": ["25:00"]}])
def test_words_that_mean_nothing_make_no_rule(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        daily(**change)


def test_a_rule_says_itself_in_vietnamese() -> None:
    assert say(daily()) == "17:00 hằng ngày từ 01/09/2026 đến 03/09/2026"
    weekly = daily(repeats="weekdays", weekdays=[4, 0], last_day=None, at=["17:00", "05:30"])
    assert say(weekly) == "05:30, 17:00 thứ Hai, thứ Sáu hằng tuần từ 01/09/2026"
    assert say(once(datetime(2026, 9, 2, 3, tzinfo=UTC))) == "10:00 ngày 02/09/2026"


def test_a_rule_running_for_years_is_still_quick() -> None:
    assert len(slots(daily(first_day="2000-01-01", last_day=None), NOW, NOW + timedelta(days=14))) == 14


def test_time_of_day_has_no_time_zone_of_its_own() -> None:
    with pytest.raises(ValidationError, match="giờ địa phương"):
        daily(at=[time(17, tzinfo=UTC)])
