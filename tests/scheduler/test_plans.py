"""The document of a zone: what stands in it, when it is the same, when it is signed again."""

from datetime import timedelta

from edge_agent.wire.documents import Arrangement, Mute
from edge_agent.wire.signing import new_key, sign
from edge_agent.wire.words import Priority, Revision
from scheduler import plans
from scheduler.planner import window
from tests.support.planned import NOON, planned

FIRST = Revision(1, 1)
FLOOD = planned("b9", 60, 10, priority=Priority.EMERGENCY).airing
LAW = planned("b1", 60).airing


def test_a_plan_holds_no_emergency_and_an_emergency_plan_nothing_else() -> None:
    assert plans.plan("xa", [FLOOD, LAW], revision=FIRST, now=NOON).airings == (LAW,)
    urgent = plans.emergency("xa", [FLOOD, LAW], speech={}, revision=FIRST, now=NOON)
    assert urgent.airings == (FLOOD,)
    assert urgent.kind == "emergency"


def test_what_has_begun_stays_until_it_is_stale() -> None:
    until = LAW.stale_at
    assert plans.plan("xa", [LAW], revision=FIRST, now=until - timedelta(seconds=1)).airings == (LAW,)
    assert plans.plan("xa", [LAW], revision=FIRST, now=until).airings == ()


def test_what_starts_after_the_window_waits() -> None:
    far = planned("b2", 15 * 24 * 3600).airing
    told = plans.plan("xa", [far, LAW], revision=FIRST, now=NOON)
    assert told.airings == (LAW,)
    assert (told.begins_at, told.ends_at) == window(NOON)


def test_mutes_that_are_over_are_left_out_and_arrangements_carried() -> None:
    over = Mute(begins_at=NOON - timedelta(hours=2), ends_at=NOON - timedelta(hours=1))
    holds = Mute(begins_at=NOON, reason="tang lễ")
    order = Arrangement(airing=LAW.id, rank=3)
    told = plans.plan("xa", [], revision=FIRST, now=NOON, muted=[over, holds], arrangements=[order])
    assert told.muted == (holds,)
    assert told.arrangements == (order,)


def test_plans_are_the_same_whoever_signed_them_when() -> None:
    one = plans.plan("xa", [LAW], revision=FIRST, now=NOON)
    later = plans.plan("xa", [LAW], revision=Revision(2, 9), now=NOON + timedelta(seconds=30))
    assert plans.same_content(one, later)
    assert not plans.same_content(one, plans.plan("xa", [], revision=FIRST, now=NOON))
    assert not plans.same_content(one, plans.plan("ap-1", [LAW], revision=FIRST, now=NOON))


def test_speech_rides_inline_up_to_forty_kilobytes() -> None:
    name = FLOOD.sounds[0].sha256
    whole = plans.emergency("xa", [FLOOD], speech={name: b"x" * 40_960}, revision=FIRST, now=NOON)
    assert whole.airings[0].sounds[0].inline == b"x" * 40_960
    assert len(sign(whole, new_key())) < 80_000
    long = plans.emergency("xa", [FLOOD], speech={name: b"x" * 40_961}, revision=FIRST, now=NOON)
    assert long.airings == (FLOOD,)


def test_a_plan_is_signed_again_after_a_day() -> None:
    assert plans.due_again(None, now=NOON)
    assert not plans.due_again(NOON, now=NOON + timedelta(hours=23, minutes=59))
    assert plans.due_again(NOON, now=NOON + timedelta(hours=24))
