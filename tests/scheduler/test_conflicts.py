"""Overlaps against an oracle that lets one device play second by second, knowing nothing of the product's code."""

import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.wire.words import Priority
from scheduler.conflicts import Fate, Why, clashes
from scheduler.listeners import Listener, groups
from scheduler.planner import PlannedAiring
from tests.support.planned import NOON, ZONES, airings, planned

LISTENERS = st.lists(st.frozensets(st.sampled_from(ZONES)), max_size=4).map(
    lambda sets: [Listener(f"loa-{n}", zones | {f"loa-{n}"}) for n, zones in enumerate(sets)]
)

WORTH = {"emergency": 2, "priority": 1, "ordinary": 0}


def sec(planned: PlannedAiring, what: str) -> int:
    at: datetime = getattr(planned.airing, what)
    return round((at - NOON).total_seconds())


def goes_before(one: PlannedAiring, other: PlannedAiring) -> bool:
    """The oracle's comparison, written out."""
    a, b = one.airing, other.airing
    if a.priority != b.priority:
        return WORTH[a.priority] > WORTH[b.priority]
    if a.rank != b.rank:
        return a.rank < b.rank
    return (a.starts_at, a.id) < (b.starts_at, b.id)


def play(pair: tuple[PlannedAiring, PlannedAiring]) -> tuple[dict[str, int], str]:
    """Seconds heard of each, and which one had the horn in the first second both wanted it."""
    heard = {p.id: 0 for p in pair}
    on_air: PlannedAiring | None = None
    contested = ""
    for now in range(2000):

        def wants(p: PlannedAiring, now: int = now) -> bool:
            start, length = sec(p, "starts_at"), int(p.airing.seconds)
            if not start <= now < sec(p, "stale_at"):
                return False
            return now < start + length if p.airing.in_step else heard[p.id] < length

        wanting = [p for p in pair if wants(p)]
        if on_air not in wanting:
            on_air = None
        for p in wanting:
            if on_air is None or (p.airing.priority == "emergency" != on_air.airing.priority):
                on_air = p
            elif on_air not in pair or (now == sec(p, "starts_at") == sec(on_air, "starts_at")):
                on_air = p if goes_before(p, on_air) else on_air
        if len(wanting) == 2 and not contested:
            assert on_air is not None
            contested = on_air.id
        if on_air is not None:
            heard[on_air.id] += 1
    return heard, contested


@given(airings(), LISTENERS)
def test_every_overlap_on_every_device_is_found_and_no_other(
    found: list[PlannedAiring], listeners: list[Listener]
) -> None:
    wanted: dict[frozenset[str], list[str]] = {}
    for listener in listeners:
        for n, a in enumerate(found):
            for b in found[:n]:
                both = bool(a.zones & listener.zones) and bool(b.zones & listener.zones)
                if both and a.starts_at < b.ends_at and b.starts_at < a.ends_at:
                    wanted.setdefault(frozenset({a.id, b.id}), []).append(listener.id)
    told = {frozenset({c.first.id, c.other.id}): list(c.devices) for c in clashes(groups(listeners, found))}
    assert told == {pair: sorted(devices) for pair, devices in wanted.items()}


@given(airings(most=2, zones=("xa",)))
def test_who_goes_first_and_what_the_other_misses_is_what_a_device_would_do(
    found: list[PlannedAiring],
) -> None:
    for clash in clashes(groups([Listener("loa-1", frozenset({"xa"}))], found)):
        heard, first = play((found[0], found[1]))
        assert clash.first.id == first
        assert heard[clash.first.id] == int(clash.first.airing.seconds)
        missed = int(clash.other.airing.seconds) - heard[clash.other.id]
        assert clash.missed == timedelta(seconds=missed)
        assert (clash.fate is Fate.LATE) == (missed == 0)
        assert (clash.fate is Fate.SKIPPED) == (heard[clash.other.id] == 0)


def only(*found: PlannedAiring) -> tuple[str, Why, Fate, str]:
    (clash,) = clashes(groups([Listener("loa-1", frozenset({"xa"}))], found))
    return clash.first.booking, clash.why, clash.fate, clash.text


@pytest.mark.parametrize("urgent_at", [-30, 0, 30])
def test_an_emergency_goes_first_whenever_it_comes(urgent_at: int) -> None:
    flood = planned("lu", urgent_at, title="lũ", priority=Priority.EMERGENCY)
    first, why, fate, text = only(planned("luat", 0), flood)
    assert (first, fate) == ("lu", Fate.LATE)
    assert why is (Why.ON_AIR if urgent_at < 0 else Why.EMERGENCY)
    assert "«lũ» phát trước" in text


def test_priority_goes_first_at_the_same_time_but_does_not_interrupt() -> None:
    assert only(planned("a", 0), planned("b", 0, priority=Priority.PRIORITY))[:2] == ("b", Why.PRIORITY)
    assert only(planned("a", 0), planned("b", 9, priority=Priority.PRIORITY))[:2] == ("a", Why.ON_AIR)


def test_among_equals_the_chosen_order_counts_then_the_name() -> None:
    assert only(planned("a", rank=2), planned("b", rank=1))[:2] == ("b", Why.RANK)
    assert only(planned("a"), planned("b"))[:2] == ("a", Why.NAME)


def test_what_waits_too_long_is_not_heard_and_the_text_says_so() -> None:
    short = planned("b2", 10, 5, title="tin ngắn", stale_after=timedelta(seconds=20))
    _, _, fate, text = only(planned("b1", 0, 300, title="tin dài"), short)
    assert fate is Fate.SKIPPED
    assert text == (
        "12:00 02/09/2026: «tin dài» phát trước vì đang phát dở và chỉ thông báo khẩn cấp mới được chen ngang; "
        "«tin ngắn» sẽ không phát được (1 cụm loa)."
    )


def test_in_step_the_other_joins_where_the_zone_is() -> None:
    _, _, fate, text = only(planned("a", 0, 90), planned("b", 30, 120, in_step=True))
    assert fate is Fate.JOINS
    assert "chỉ phát phần còn lại, mất 1 phút" in text


def test_airings_end_to_end_do_not_overlap() -> None:
    assert clashes(groups([Listener("l", frozenset({"xa"}))], [planned("a", 0, 60), planned("b", 60)])) == []


def test_a_clash_over_two_zones_names_only_the_devices_in_both() -> None:
    listeners = [
        Listener("loa-1", frozenset({"xa", "ap-1", "loa-1"})),
        Listener("loa-2", frozenset({"xa", "ap-2", "loa-2"})),
        Listener("loa-3", frozenset({"xa", "ap-1", "loa-3"})),
    ]
    found = [planned("a"), planned("b", 30, zones=frozenset({"ap-1"}))]
    (clash,) = clashes(groups(listeners, found))
    assert clash.devices == ("loa-1", "loa-3")


def test_ten_thousand_devices_and_two_weeks_of_a_province_take_a_moment() -> None:
    communes = [f"xa-{n}" for n in range(64)]
    listeners = [
        Listener(f"loa-{n}", frozenset({"tinh", communes[n % 64], f"loa-{n}"})) for n in range(10_000)
    ]
    found = [
        planned(f"b-{commune}", slot * 43_200, 600, zones=frozenset({commune}))
        for commune in communes
        for slot in range(28)
    ] + [planned("tinh", slot * 43_200 + 300, 300, zones=frozenset({"tinh"})) for slot in range(28)]
    began = time.process_time()
    told = clashes(groups(listeners, found))
    assert time.process_time() - began < 3.0
    assert len(told) == 64 * 28
    assert sum(len(c.devices) for c in told) == 10_000 * 28
