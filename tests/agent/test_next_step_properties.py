"""What must hold whatever the plans say and whatever happens: worlds made at random, run by the true time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.facts import Facts
from edge_agent.time_of_day import quiet as is_quiet
from edge_agent.wire.documents import Airing
from edge_agent.wire.words import ClockTrust, Playback, Priority
from tests.support.agent_pure import NOON, ZONE, Sandbox, airing, config, facts, plan, quiet

HOURS = timedelta(hours=3)
HAMLET = "ap-3"


@dataclass(frozen=True)
class Story:
    """Airings, some of which leave the plan, and what befalls the device, by minute."""

    airings: tuple[Airing, ...]
    withdrawn: dict[str, int]
    late_sounds: dict[str, int]
    restarts: frozenset[int]
    lost_clock: tuple[int, int]
    quiet: tuple[str, str] | None
    delay_ms: int


@st.composite
def stories(draw: st.DrawFn) -> Story:
    airings = [
        airing(
            f"b{n}",
            at=NOON + timedelta(seconds=draw(st.integers(0, 5400))),
            seconds=draw(st.integers(5, 1200)),
            patience_s=draw(st.integers(10, 3000)),
            priority=draw(st.sampled_from(Priority)),
            rank=draw(st.integers(0, 2)),
            in_step=draw(st.booleans()),
            tone=draw(st.booleans()),
        )
        for n in range(draw(st.integers(1, 7)))
    ]
    ids = st.sampled_from([a.id for a in airings])
    minutes = st.integers(0, 120)
    lost = draw(st.one_of(st.just((999, 999)), st.tuples(minutes, minutes).map(lambda t: (min(t), max(t)))))
    return Story(
        airings=tuple(airings),
        withdrawn=draw(st.dictionaries(ids, minutes, max_size=2)),
        late_sounds=draw(st.dictionaries(ids, minutes, max_size=3)),
        restarts=draw(st.frozensets(minutes, max_size=3)),
        lost_clock=lost,
        quiet=draw(st.sampled_from([None, ("12:20", "12:40"), ("13:00", "12:00")])),
        delay_ms=draw(st.sampled_from([0, 300])),
    )


def at_minute(story: Story, minute: int, before: Facts) -> Facts:
    """What is outside the device's own doing, in that minute."""
    there = [a for a in story.airings if story.withdrawn.get(a.id, 999) > minute]
    calm = [a for a in there if a.priority != Priority.EMERGENCY]
    flood = [a for a in there if a.priority == Priority.EMERGENCY]
    n = 1 + sum(m <= minute for m in story.withdrawn.values())
    emergencies = plan(*flood, n=n).model_copy(update={"kind": "emergency"})
    known = not story.lost_clock[0] <= minute < story.lost_clock[1]
    now = NOON + timedelta(minutes=minute)
    regained = known and before.trust == ClockTrust.UNKNOWN
    return replace(
        before,
        plans={ZONE: plan(*calm, n=n), HAMLET: plan(*calm[:2], n=n, zone=HAMLET)},
        emergencies={ZONE: emergencies},
        cached={
            s.sha256 for a in story.airings if story.late_sounds.get(a.id, -1) <= minute for s in a.sounds
        },
        trust=ClockTrust.TRUSTED if known else ClockTrust.UNKNOWN,
        known_since=now if regained else before.known_since,
    )


def lived(story: Story) -> Sandbox:
    hours = (quiet(*story.quiet),) if story.quiet else ()
    start = facts(config=config(ZONE, HAMLET, quiet_hours=hours, delay_ms=story.delay_ms))
    world = Sandbox(start, NOON)
    for minute in range(int(HOURS / timedelta(minutes=1))):
        if minute in story.restarts:
            world.restart()
        world.facts = at_minute(story, minute, world.facts)
        world.run_until(NOON + timedelta(minutes=minute + 1))
    return world


@settings(max_examples=120, deadline=None)
@given(stories())
def test_whatever_happens_the_rules_hold(story: Story) -> None:
    world = lived(story)
    by_id = {a.id: a for a in story.airings}
    for one, next_one in pairwise(world.heard):
        assert one.ends <= next_one.begins, "two sounds at once"
    for heard in world.heard:
        emergency = by_id[heard.airing].priority == Priority.EMERGENCY
        assert heard.cached, "without its sound"
        assert heard.trust != ClockTrust.UNKNOWN, "without knowing the time"
        assert emergency or not sounded_in_quiet(world, heard.begins, heard.ends), "in quiet hours"
        assert heard.begins >= by_id[heard.airing].starts_at, "before its time"
        # Nobody knew that its time was over: an emergency that has begun then sounds out.
        unseen = emergency and clock_was_lost(story, by_id[heard.airing].stale_at)
        assert unseen or heard.ends <= by_id[heard.airing].stale_at, "after its time"
    for each in story.airings:
        states = [playback for airing, playback, _ in world.records if airing == each.id]
        ends = [s for s in states if s != Playback.STARTED]
        assert len(ends) <= 1 and (not ends or states[-1] == ends[0]), "one end, and nothing after it"
        if each.id not in story.withdrawn or Playback.STARTED in states:
            assert len(ends) == 1, f"{each.id} has no end: {states}"


def clock_was_lost(story: Story, at: datetime) -> bool:
    lost, found = (NOON + timedelta(minutes=minute) for minute in story.lost_clock)
    return lost <= at < found


def sounded_in_quiet(world: Sandbox, begins: datetime, ends: datetime) -> bool:
    assert world.facts.config is not None
    if begins == ends:
        return False
    last = ends - timedelta(microseconds=1)
    middle = begins + (ends - begins) / 2
    return any(is_quiet(world.facts.config, at) for at in (begins, middle, last))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Priority), st.integers(0, 2)), min_size=2, max_size=6))
def test_what_is_due_together_sounds_in_the_order_of_the_rules(kinds: list[tuple[Priority, int]]) -> None:
    airings = [
        airing(f"b{n}", seconds=20, patience_s=3000, priority=p, rank=r) for n, (p, r) in enumerate(kinds)
    ]
    world = Sandbox(facts(*airings), NOON - timedelta(minutes=1))
    world.run_until(NOON + HOURS)
    urgency = [Priority.EMERGENCY, Priority.PRIORITY, Priority.ORDINARY]
    wanted = sorted(airings, key=lambda a: (urgency.index(a.priority), a.rank, a.id))
    assert [h.airing for h in world.heard] == [a.id for a in wanted]
    assert all(state == Playback.FINISHED for _, state, _ in world.records[1::2])
    assert sum(state == Playback.STARTED for _, state, _ in world.records) == len(airings)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 290), st.integers(5, 100), st.booleans())
def test_an_emergency_costs_an_airing_in_step_its_seconds_and_one_alone_none(
    cut_at: int, lasts: int, in_step: bool
) -> None:
    law = airing(seconds=300, in_step=in_step, patience_s=3000)
    flood = airing("flood", at=NOON + timedelta(seconds=cut_at), seconds=lasts, priority=Priority.EMERGENCY)
    world = Sandbox(facts(law, flood), NOON - timedelta(minutes=1))
    world.run_until(NOON + HOURS)
    sounded = sum((h.ends - h.begins).total_seconds() for h in world.heard if h.airing == law.id)
    # Cut as the emergency is ordered, a second ahead; back 0.3 s after its end, if there is anything left to join.
    wanted = max(cut_at - 1.0, 300 - lasts - 1.3) if in_step else 300.0
    assert abs(sounded - wanted) < 0.01
    ends = [state for airing, state, _ in world.records if airing == law.id and state != Playback.STARTED]
    assert ends == [Playback.FINISHED if sounded > cut_at - 1 else Playback.PARTIAL]
