"""Airings in quiet hours, and those that run into them, against a clock looked at every minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.wire.documents import QuietHours
from edge_agent.wire.words import Priority
from scheduler.listeners import Listener, groups
from scheduler.planner import PlannedAiring
from scheduler.quiet import disturbances
from scheduler.rules import VIETNAM
from tests.support.planned import planned

NIGHT = QuietHours(begins=time(21, 30), ends=time(5))
MINUTES = st.integers(0, 24 * 60 - 1)


def clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def is_quiet(hours: QuietHours, at: datetime) -> bool:
    """The oracle: look at the clock on the wall."""
    local = at.astimezone(ZoneInfo(VIETNAM)).time()
    if hours.begins < hours.ends:
        return hours.begins <= local < hours.ends
    return local >= hours.begins or local < hours.ends


@given(MINUTES, MINUTES, MINUTES, st.integers(1, 600))
def test_an_airing_is_silenced_from_the_first_quiet_minute_on(
    begins: int, ends: int, at: int, minutes: int
) -> None:
    hours = QuietHours(begins=clock(begins), ends=clock(ends))
    told = disturbances(groups([listener("loa-1", hours)], [planned("a", at * 60, minutes * 60)]))
    start = planned("a", at * 60).starts_at
    quiet = [m for m in range(minutes) if is_quiet(hours, start + timedelta(minutes=m))]
    assert [d.silent_from for d in told] == [start + timedelta(minutes=m) for m in quiet[:1]]
    assert all(d.whole == (quiet[0] == 0) for d in told)


def listener(name: str, *hours: QuietHours, zones: frozenset[str] = frozenset({"xa"})) -> Listener:
    return Listener(name, zones | {name}, hours)


def at_local(hour: int, minute: int = 0, **more: object) -> PlannedAiring:
    """An airing of ten minutes at that time in Vietnam, 02/09/2026."""
    at = datetime(2026, 9, 2, hour, minute, tzinfo=ZoneInfo(VIETNAM))
    return planned("a", round((at - datetime(2026, 9, 2, 5, tzinfo=UTC)).total_seconds()), 600, **more)


def test_a_quarter_past_three_at_night_is_named_with_hours_and_devices() -> None:
    (told,) = disturbances(groups([listener("loa-1", NIGHT), listener("loa-2", NIGHT)], [at_local(3, 15)]))
    assert told.devices == ("loa-1", "loa-2")
    assert told.said({"loa-1": "Nhà văn hóa ấp 1"}) == (
        "Giờ phát 03:15 ngày 02/09/2026 nằm trong giờ yên tĩnh 21:30–05:00 "
        "của cụm loa «Nhà văn hóa ấp 1», «loa-2»."
    )


def test_an_airing_running_into_the_night_says_so() -> None:
    (told,) = disturbances(groups([listener("loa-1", NIGHT)], [at_local(21, 25)]))
    assert not told.whole
    assert "Lượt phát 21:25 ngày 02/09/2026 kéo dài sang giờ yên tĩnh" in told.said({})


def test_an_emergency_disturbs_nobody() -> None:
    night = at_local(3, 15, priority=Priority.EMERGENCY)
    assert disturbances(groups([listener("loa-1", NIGHT)], [night])) == []


def test_only_devices_that_hear_it_are_named() -> None:
    elsewhere = listener("loa-2", NIGHT, zones=frozenset({"ap-2"}))
    (told,) = disturbances(groups([listener("loa-1", NIGHT), elsewhere], [at_local(3, 15)]))
    assert told.devices == ("loa-1",)


def test_hours_that_begin_when_they_end_are_the_whole_day() -> None:
    always = QuietHours(begins=time(5), ends=time(5))
    (told,) = disturbances(groups([listener("loa-1", always)], [at_local(17)]))
    assert told.whole
