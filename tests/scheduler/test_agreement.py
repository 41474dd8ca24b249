"""What a preview says of two airings is what the agent's own rules then do."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from edge_agent.line_up import line_up
from scheduler.conflicts import clashes, precedence
from scheduler.listeners import Listener, groups
from scheduler.planner import PlannedAiring
from tests.support import agent_pure
from tests.support.agent_pure import Sandbox
from tests.support.planned import NOON, airings

TOLERANCE_S = 1.5
"""The agent orders a start a second ahead, and what starts late 0.3 s."""


def heard(found: list[PlannedAiring]) -> dict[str, float]:
    """Seconds heard of each airing by a device that plays them."""
    facts = agent_pure.facts(*(a.airing for a in found))
    box = Sandbox(replace(facts, since=NOON - timedelta(days=30)), NOON - timedelta(minutes=1))
    box.run_until(NOON + timedelta(minutes=40))
    seconds = {a.id: 0.0 for a in found}
    for each in box.heard:
        seconds[each.airing] += (each.ends - each.begins).total_seconds()
    return seconds


@given(airings(most=2, zones=("xa",)))
def test_the_agent_plays_two_airings_as_the_preview_says(found: list[PlannedAiring]) -> None:
    for clash in clashes(groups([Listener("loa-1", frozenset({"xa"}))], found)):
        seconds = heard(found)
        whole = clash.first.airing.seconds
        assert abs(seconds[clash.first.id] - whole) <= TOLERANCE_S
        missed = clash.other.airing.seconds - seconds[clash.other.id]
        assert abs(missed - clash.missed.total_seconds()) <= TOLERANCE_S


@given(airings(most=5, zones=("xa",)))
def test_the_agent_lines_them_up_in_the_same_order(found: list[PlannedAiring]) -> None:
    facts = agent_pure.facts(*(a.airing for a in found))
    lined_up = sorted(line_up(facts).values(), key=lambda entry: entry.order)
    assert [entry.airing.id for entry in lined_up] == [a.id for a in sorted(found, key=precedence)]
