"""What is wanted comes to be known, and what has begun is left alone."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given

from scheduler.changes import Changes, changes
from scheduler.planner import Booking, PlannedAiring, plan
from tests.support.planned import BOOKINGS, INSTANTS, NOON, SPANS, booking, planned

Known = dict[str, PlannedAiring]
AROUND = (NOON - timedelta(days=1), NOON + timedelta(days=1))


def after(known: Known, done: Changes) -> Known:
    """The oracle's hand: do what the changes say."""
    kept = {name: p for name, p in known.items() if name not in {w.id for w in done.withdraw}}
    return kept | {p.id: p for p in done.add}


@given(BOOKINGS, BOOKINGS, INSTANTS, SPANS, INSTANTS)
def test_what_is_to_come_is_as_wanted_and_what_has_begun_is_as_known(
    before: list[Booking], wanted_by: list[Booking], begins_at: datetime, span: timedelta, now: datetime
) -> None:
    window = (begins_at, begins_at + span)
    known = plan(before, begins_at - timedelta(days=3), begins_at + span + timedelta(days=3))
    wanted = plan(wanted_by, *window)
    result = after(known, changes(known, wanted, window=window, now=now))
    for name in known.keys() | wanted.keys():
        starts_at = (known.get(name) or wanted[name]).starts_at
        replanned = starts_at > now and window[0] <= starts_at < window[1]
        assert result.get(name) == (wanted if replanned else known).get(name)


@given(BOOKINGS, BOOKINGS, INSTANTS, SPANS, INSTANTS)
def test_once_done_there_is_nothing_left_to_do(
    before: list[Booking], wanted_by: list[Booking], begins_at: datetime, span: timedelta, now: datetime
) -> None:
    window = (begins_at, begins_at + span)
    known, wanted = plan(before, *window), plan(wanted_by, *window)
    first = changes(known, wanted, window=window, now=now)
    second = changes(after(known, first), wanted, window=window, now=now)
    assert (second.add, second.withdraw) == ((), ())
    assert second.zones(known) == frozenset()


@given(BOOKINGS, BOOKINGS, INSTANTS)
def test_add_withdraw_and_keep_share_the_airings_out(
    before: list[Booking], wanted_by: list[Booking], now: datetime
) -> None:
    window = (NOON - timedelta(days=5), NOON + timedelta(days=5))
    known, wanted = plan(before, *window), plan(wanted_by, *window)
    done = changes(known, wanted, window=window, now=now)
    withdrawn, kept = {p.id for p in done.withdraw}, {p.id for p in done.keep}
    replaced = {p.id for p in done.add} & known.keys()
    assert withdrawn | kept | replaced == known.keys()
    assert len(withdrawn) + len(kept) + len(replaced) == len(known)


def test_an_airing_that_has_begun_is_neither_withdrawn_nor_moved() -> None:
    begun = planned("b1")
    assert changes({begun.id: begun}, {}, window=AROUND, now=NOON) == Changes(keep=(begun,))
    moved = replace(begun, zones=frozenset({"ap-1"}))
    assert changes({begun.id: begun}, {moved.id: moved}, window=AROUND, now=NOON) == Changes(keep=(begun,))


def test_an_airing_whose_time_has_come_before_it_was_planned_is_not_added() -> None:
    late = planned("b1")
    assert changes({}, {late.id: late}, window=AROUND, now=NOON) == Changes()
    assert changes({}, {late.id: late}, window=AROUND, now=NOON - timedelta(seconds=1)).add == (late,)


def test_what_lies_outside_the_window_is_none_of_its_business() -> None:
    far = plan([booking()], NOON, NOON + timedelta(days=1))
    window = (NOON - timedelta(days=3), NOON - timedelta(days=1))
    done = changes(far, {}, window=window, now=NOON - timedelta(days=3))
    assert done.withdraw == ()


def test_zones_touched_are_those_it_had_and_those_it_gets() -> None:
    old = planned("b1", zones=frozenset({"xa"}))
    new = replace(old, zones=frozenset({"ap-1", "ap-2"}))
    other = planned("b2", zones=frozenset({"tinh"}))
    known = {old.id: old, other.id: other}
    done = changes(known, {new.id: new, other.id: other}, window=AROUND, now=NOON - timedelta(hours=1))
    assert done.zones(known) == {"xa", "ap-1", "ap-2"}
