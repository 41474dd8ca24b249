"""Planning is stable: the same slot is the same airing, however often and in whatever windows it is planned."""

from datetime import UTC, datetime, timedelta

from hypothesis import given

from scheduler.planner import Booking, PlannedAiring, plan, window
from scheduler.rules import Rule, slots
from tests.support.planned import BOOKINGS, INSTANTS, NOON, SPANS, booking, sound

YEAR = timedelta(days=365)


@given(BOOKINGS, INSTANTS, SPANS)
def test_planning_twice_gives_the_same(bookings: list[Booking], begins_at: datetime, span: timedelta) -> None:
    again = plan(list(reversed(bookings)), begins_at, begins_at + span)
    assert plan(bookings, begins_at, begins_at + span) == again


@given(BOOKINGS, INSTANTS, SPANS, INSTANTS, SPANS)
def test_windows_that_overlap_agree_on_what_they_share(
    bookings: list[Booking], one: datetime, one_span: timedelta, other: datetime, other_span: timedelta
) -> None:
    first, second = plan(bookings, one, one + one_span), plan(bookings, other, other + other_span)
    shared = (max(one, other), min(one + one_span, other + other_span))

    def within(found: dict[str, PlannedAiring]) -> dict[str, PlannedAiring]:
        return {name: p for name, p in found.items() if shared[0] <= p.starts_at < shared[1]}

    assert within(first) == within(second)


@given(BOOKINGS, INSTANTS, SPANS)
def test_every_slot_of_every_booking_is_planned_once(
    bookings: list[Booking], begins_at: datetime, span: timedelta
) -> None:
    found = plan(bookings, begins_at, begins_at + span)
    wanted = [
        (b.id, at, b.zones)
        for b in bookings
        if not b.withdrawn
        for at in slots(b.rule, begins_at, begins_at + span)
    ]
    assert sorted(wanted, key=str) == sorted(
        ((p.booking, p.starts_at, p.zones) for p in found.values()), key=str
    )
    assert all(name == p.id for name, p in found.items())


def test_a_withdrawn_booking_plans_nothing() -> None:
    assert plan([booking(withdrawn=True)], NOON - YEAR, NOON + YEAR) == {}


def test_an_airing_is_named_after_its_booking_and_start() -> None:
    assert list(plan([booking("b7")], NOON, NOON + YEAR)) == ["b7@20260902T050000Z"]


def test_an_airing_is_stale_its_grace_after_its_last_sample() -> None:
    long = booking(sounds=(sound(100.2), sound(50.0, "b")), repeat=3, stale_after=timedelta(minutes=10))
    (found,) = plan([long], NOON, NOON + YEAR).values()
    assert found.ends_at == NOON + timedelta(seconds=450.6)
    assert found.airing.stale_at == NOON + timedelta(seconds=451, minutes=10)


def test_the_window_changes_once_a_day_and_always_reaches_fourteen_days() -> None:
    late = datetime(2026, 9, 2, 23, 59, tzinfo=UTC)
    assert window(NOON) == window(late) != window(late + timedelta(minutes=1))
    assert all(window(now)[0] <= now and window(now)[1] - now >= timedelta(days=14) for now in (NOON, late))


def test_a_rule_stored_and_read_again_names_the_same_airings() -> None:
    rule = Rule.model_validate({"repeats": "daily", "first_day": "2026-09-01", "at": ["05:00", "17:00"]})
    stored = Rule.model_validate_json(rule.model_dump_json())
    known = plan([booking(rule=rule)], NOON, NOON + YEAR)
    assert known == plan([booking(rule=stored)], NOON, NOON + YEAR)
    assert len(known) == 730
