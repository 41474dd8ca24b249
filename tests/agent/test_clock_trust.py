"""What is known of the time, and how far."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.clock_trust import (
    DRIFT,
    HOST_WORDS,
    LIMIT_S,
    Anchor,
    KernelClock,
    Reading,
    Source,
    from_kernel,
    from_rtc,
    from_welcome,
    judge,
)
from edge_agent.kernel_clock import has_rtc, read
from edge_agent.wire.words import ClockTrust

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
WRONG = datetime(1970, 1, 1, tzinfo=UTC)


def judged(
    *anchors: Anchor | None, at: float = 0.0, host: datetime = WRONG, floor: datetime | None = None
) -> Reading:
    held = [a for a in anchors if a is not None]
    return judge(held, host=host, monotonic=at, floor=floor, assume_host=False)


def test_nothing_known_is_unknown() -> None:
    assert judged().trust == ClockTrust.UNKNOWN


def test_a_kernel_in_step_is_trusted_and_one_that_is_not_says_nothing() -> None:
    good = from_kernel(KernelClock(synchronised=True, error_s=0.02), NOON, 0.0)
    assert judged(good) == Reading(NOON, ClockTrust.TRUSTED, "kernel", 0.02)
    assert from_kernel(KernelClock(synchronised=False, error_s=16.0), NOON, 0.0) is None


def test_half_the_round_trip_bounds_the_error_of_a_welcome() -> None:
    anchor = from_welcome(NOON, asked=10.0, answered=11.0)
    reading = judged(anchor, at=11.0)
    assert reading.now == NOON + timedelta(seconds=0.5)
    assert reading.error_s == 0.5 and reading.source == "welcome" and reading.trust == ClockTrust.TRUSTED
    assert from_welcome(NOON, asked=10.0, answered=12.1) is None


def test_trust_fades_into_holdover_and_then_into_unknown() -> None:
    anchor = from_welcome(NOON, asked=0.0, answered=0.2)
    assert judged(anchor, at=3600).trust == ClockTrust.TRUSTED
    day = judged(anchor, at=86400)
    assert day.trust == ClockTrust.HOLDOVER and day.error_s is not None and 8 < day.error_s < 9
    assert judged(anchor, at=13 * 86400).trust == ClockTrust.HOLDOVER
    assert judged(anchor, at=15 * 86400).trust == ClockTrust.UNKNOWN


def test_a_battery_backed_clock_is_held_over_but_never_trusted() -> None:
    anchor = from_rtc(NOON, 0.0, last_trusted=NOON - timedelta(days=10))
    reading = judged(anchor)
    assert reading.trust == ClockTrust.HOLDOVER and reading.source == "rtc"
    assert from_rtc(NOON, 0.0, last_trusted=None) is None, "nobody ever set it"
    assert from_rtc(NOON, 0.0, last_trusted=NOON + timedelta(days=1)) is None, "its battery is empty"


def test_a_time_before_what_has_passed_is_not_believed() -> None:
    kernel = from_kernel(KernelClock(synchronised=True, error_s=0.02), NOON, 0.0)
    assert judged(kernel, floor=NOON + timedelta(hours=1)).trust == ClockTrust.UNKNOWN
    assert judged(kernel, floor=NOON + timedelta(seconds=3)).trust == ClockTrust.TRUSTED


def test_where_the_signed_word_and_the_machine_contradict_each_other_the_signed_word_holds() -> None:
    kernel = from_kernel(KernelClock(synchronised=True, error_s=0.001), NOON + timedelta(hours=2), 0.0)
    welcome = from_welcome(NOON, asked=-1.0, answered=0.0)
    assert judged(kernel, welcome).source == "welcome"
    near = from_kernel(KernelClock(synchronised=True, error_s=0.001), NOON + timedelta(seconds=1), 0.0)
    assert judged(near, welcome).source == "kernel"


def test_the_machine_assumed_right_says_so_everywhere() -> None:
    reading = judge([], host=NOON, monotonic=0.0, floor=None, assume_host=True)
    assert reading == Reading(NOON, ClockTrust.TRUSTED, HOST_WORDS) and "giả định" in reading.source
    late = judge([], host=NOON, monotonic=0.0, floor=NOON + timedelta(minutes=1), assume_host=True)
    assert late.trust == ClockTrust.UNKNOWN


@given(
    st.floats(0, 2),
    st.floats(0, 1),
    st.floats(0, 40 * 86400),
    st.floats(-DRIFT, DRIFT),
)
def test_the_true_time_lies_within_the_bound_as_long_as_the_time_is_known(
    trip: float, share: float, later: float, drift: float
) -> None:
    """`share` of the trip went by before the studio read its clock; the crystal is off by `drift`."""
    answered = trip
    anchor = from_welcome(NOON + timedelta(seconds=trip * share), asked=0.0, answered=answered)
    ticked = answered + later * (1 + drift)
    reading = judged(anchor, at=ticked)
    true = NOON + timedelta(seconds=answered + later)
    off = abs((reading.now - true).total_seconds())
    if reading.trust != ClockTrust.UNKNOWN:
        assert reading.error_s is not None and reading.error_s <= LIMIT_S
        assert off <= reading.error_s * 1.001 + 1e-3


@given(st.floats(0, 5), st.floats(0, 5), st.floats(0, 1e6))
def test_the_better_source_is_used(kernel_error: float, trip: float, at: float) -> None:
    kernel = Anchor(Source.KERNEL, NOON, 0.0, kernel_error)
    other = Anchor(Source.RTC, NOON, 0.0, trip)
    reading = judged(kernel, other, at=at)
    assert reading.error_s is not None and abs(reading.error_s - min(kernel_error, trip) - DRIFT * at) < 1e-6


def test_the_kernel_of_this_machine_can_be_asked() -> None:
    state = read()
    assert state.error_s >= 0
    assert has_rtc(Path("/nowhere")) is False
