"""Bookings and airings for tests, in few words; and strategies that make any of them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from edge_agent.wire.documents import Sound
from edge_agent.wire.words import Priority
from scheduler.planner import Booking, PlannedAiring, airing
from scheduler.rules import Repeats, Rule, once

NOON = datetime(2026, 9, 2, 5, tzinfo=UTC)
"""12:00 in Vietnam."""


def sound(seconds: float, name: str = "a") -> Sound:
    return Sound(sha256=name * 64, size=1000, seconds=seconds)


def booking(name: str = "b1", rule: Rule | None = None, **more: object) -> Booking:
    facts: dict[str, object] = {"zones": frozenset({"xa"}), "sounds": (sound(60.0),), "title": name} | more
    return Booking(name, rule or once(NOON), **facts)  # type: ignore[arg-type]  # the caller names the fields


def planned(name: str, at_s: int = 0, seconds: int = 60, **more: object) -> PlannedAiring:
    """An airing `at_s` after noon."""
    start = NOON + timedelta(seconds=at_s)
    return airing(booking(name, once(start), sounds=(sound(seconds),), **more), start)


ZONES = ("tinh", "xa", "ap-1", "ap-2")


@st.composite
def airings(draw: st.DrawFn, *, most: int = 5, zones: tuple[str, ...] = ZONES) -> list[PlannedAiring]:
    """A few airings within ten minutes, whole seconds long, of every kind."""
    return [
        planned(
            f"b{n}",
            draw(st.integers(0, 300)),
            draw(st.integers(1, 200)),
            priority=draw(st.sampled_from(Priority)),
            rank=draw(st.integers(-1, 1)),
            in_step=draw(st.booleans()),
            stale_after=timedelta(seconds=draw(st.integers(0, 300))),
            zones=draw(st.frozensets(st.sampled_from(zones), min_size=1)),
        )
        for n in range(draw(st.integers(0, most)))
    ]


DAYS = st.dates(NOON.date() - timedelta(days=20), NOON.date() + timedelta(days=40))
RULES = st.builds(
    Rule,
    repeats=st.sampled_from(Repeats),
    first_day=DAYS,
    last_day=st.none() | DAYS,
    weekdays=st.lists(st.integers(0, 6), max_size=4).map(tuple),
    at=st.lists(st.times().map(lambda t: t.replace(microsecond=0)), max_size=2).map(tuple),
    without=st.lists(DAYS, max_size=3).map(tuple),
    also=st.lists(DAYS, max_size=2).map(tuple),
)
BOOKINGS = st.lists(
    st.builds(
        Booking,
        id=st.sampled_from([f"b{n}" for n in range(6)]),
        rule=RULES,
        zones=st.frozensets(st.sampled_from(ZONES), min_size=1),
        sounds=st.just((sound(60.0),)),
        priority=st.sampled_from(Priority),
        withdrawn=st.booleans(),
    ),
    max_size=5,
    unique_by=lambda b: b.id,
)
INSTANTS = st.integers(-20 * 24 * 60, 40 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))
SPANS = st.timedeltas(timedelta(), timedelta(days=20))
