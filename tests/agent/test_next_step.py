"""The rules of playing, one sentence each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge_agent.facts import Fetch, GiveUp, Pause, Skip, Sleep, Sounding, Start, Stop, Told, Turn
from edge_agent.next_step import LEAD, SOON, next_step
from edge_agent.wire.documents import Airing, Arrangement, Mute
from edge_agent.wire.words import ClockTrust, Playback, Priority, Reason
from tests.support.agent_pure import NOON, ZONE, airing, config, facts, plan, quiet, revision

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
FLOOD = {"priority": Priority.EMERGENCY}


def emergency(name: str = "flood", **more: object) -> Airing:
    return airing(name, priority=Priority.EMERGENCY, **more)  # type: ignore[arg-type]


def sounding(what: Airing, *, volume: int = 80) -> Sounding:
    return Sounding(what.id, what.starts_at, volume)


def test_a_start_is_ordered_a_little_ahead_for_its_exact_instant() -> None:
    law = airing()
    step = next_step(facts(law), NOON - LEAD)
    assert isinstance(step, Start) and step.at == step.due == NOON and step.position_s == 0


def test_before_that_it_sleeps_until_then() -> None:
    assert next_step(facts(airing()), NOON - MINUTE) == Sleep(NOON - LEAD)


def test_nothing_is_known_without_a_config() -> None:
    assert next_step(replace(facts(airing()), config=None), NOON) == Sleep(None)


def test_an_unknown_clock_is_silence() -> None:
    held = facts(airing(), trust=ClockTrust.UNKNOWN)
    assert isinstance(next_step(held, NOON), Sleep)


def test_an_unknown_clock_stops_what_sounds() -> None:
    law = airing()
    held = facts(law, trust=ClockTrust.UNKNOWN, sounding=sounding(law), told={law.id: Told(Playback.STARTED)})
    assert next_step(held, NOON) == Stop(Reason.CLOCK_UNKNOWN)


def test_with_an_unknown_clock_an_emergency_plays_only_if_a_welcome_of_this_boot_named_it() -> None:
    flood = emergency()
    held = facts(flood, trust=ClockTrust.UNKNOWN)
    assert isinstance(next_step(held, NOON), Sleep)
    assert isinstance(next_step(replace(held, welcomed={ZONE: revision(9)}), NOON), Sleep)
    step = next_step(replace(held, welcomed={ZONE: revision(1)}), NOON)
    assert isinstance(step, Start) and step.at is None


def test_an_emergency_that_sounds_goes_on_when_a_later_plan_brings_another_before_a_welcome_named_it() -> (
    None
):
    flood, fire = emergency(), emergency("fire")
    held = facts(
        flood,
        trust=ClockTrust.UNKNOWN,
        welcomed={ZONE: revision(1)},
        sounding=sounding(flood, volume=100),
        told={flood.id: Told(Playback.STARTED)},
    )
    assert isinstance(next_step(held, NOON), Sleep)
    later = replace(held, emergencies={ZONE: plan(flood, fire, n=2)}, cached={fire.sounds[0].sha256})
    assert isinstance(next_step(later, NOON), Sleep), "it was named when it began"
    cancelled = replace(held, emergencies={ZONE: plan(fire, n=2)})
    assert next_step(cancelled, NOON) == Stop(Reason.WITHDRAWN)


@pytest.mark.parametrize("kind", list(Priority))
def test_what_is_due_begins_before_what_was_missed_is_written_down(kind: Priority) -> None:
    missed = [airing(f"b{n}", at=NOON - timedelta(days=1)) for n in range(3)]
    due = airing("due", priority=kind)
    held = facts(*missed, due)
    step = next_step(held, NOON)
    assert isinstance(step, Start) and step.airing == due
    playing = replace(held, sounding=sounding(due, volume=step.volume), told={due.id: Told(Playback.STARTED)})
    assert isinstance(next_step(playing, NOON), Skip)


def test_a_new_box_without_the_time_plays_the_emergency_that_is_named() -> None:
    held = facts(emergency(), trust=ClockTrust.UNKNOWN, welcomed={ZONE: revision(1)}, since=None)
    assert isinstance(next_step(held, NOON), Start)
    assert isinstance(next_step(replace(held, rebuilt=True), NOON), Sleep), "it may have played it already"
    assert isinstance(next_step(replace(held, trust=ClockTrust.TRUSTED), NOON), Sleep)


def test_the_reason_of_what_was_missed_for_want_of_a_clock_is_said() -> None:
    law = airing()
    held = facts(law, known_since=NOON + 20 * MINUTE, up_since=NOON - MINUTE)
    assert next_step(held, NOON + 20 * MINUTE) == Skip(law.id, Reason.CLOCK_UNKNOWN)


def test_what_was_missed_while_it_was_off_is_stale() -> None:
    law = airing()
    held = facts(law, known_since=NOON + 20 * MINUTE, up_since=NOON + 19 * MINUTE)
    assert next_step(held, NOON + 20 * MINUTE) == Skip(law.id, Reason.STALE)


def test_a_missing_sound_is_fetched_and_its_airing_waits() -> None:
    law = airing()
    held = facts(law, cached=set())
    assert next_step(held, NOON) == Fetch(law.sounds[0])
    busy = replace(held, busy={law.sounds[0].sha256})
    assert next_step(busy, NOON) == Sleep(law.stale_at, {law.id: Reason.SOUND_MISSING})


def test_a_sound_that_never_came_is_the_reason_of_the_skip() -> None:
    law = airing()
    held = facts(law, cached=set(), held={law.id: Reason.SOUND_MISSING})
    assert next_step(held, law.stale_at) == Skip(law.id, Reason.SOUND_MISSING)


def test_fetching_is_shared_out_over_time_but_not_shortly_before_air() -> None:
    far = airing(at=NOON + timedelta(days=2))
    fresh = facts(far, cached=set(), spread=timedelta(hours=6), device="a")
    fresh = replace(fresh, plans={ZONE: plan(far, issued_at=NOON)})
    assert isinstance(next_step(fresh, NOON), Sleep)
    assert isinstance(next_step(fresh, NOON + timedelta(hours=6)), Fetch)
    near = airing(at=NOON + 20 * MINUTE)
    assert isinstance(next_step(replace(fresh, plans={ZONE: plan(near, issued_at=NOON)}), NOON), Fetch)


def test_nothing_starts_in_quiet_hours() -> None:
    law = airing()
    held = facts(law, config=config(quiet_hours=(quiet("11:30", "12:05"),)))
    step = next_step(held, NOON)
    assert step == Sleep(NOON + 5 * MINUTE, {law.id: Reason.QUIET_HOURS})


def test_what_begins_as_quiet_hours_end_is_ordered_ahead_too() -> None:
    law = airing()
    held = facts(law, config=config(quiet_hours=(quiet("22:00", "12:00"),)))
    step = next_step(held, NOON - LEAD)
    assert isinstance(step, Start)
    ordered = replace(held, sounding=sounding(law), told={law.id: Told(Playback.STARTED)})
    assert isinstance(next_step(ordered, NOON - LEAD), Sleep)


def test_quiet_hours_stop_what_sounds() -> None:
    law = airing(seconds=600)
    held = facts(
        law,
        config=config(quiet_hours=(quiet("12:05", "13:00"),)),
        sounding=sounding(law),
        told={law.id: Told(Playback.STARTED)},
    )
    assert next_step(held, NOON + MINUTE) == Sleep(NOON + 5 * MINUTE)
    assert next_step(held, NOON + 5 * MINUTE) == Stop(Reason.QUIET_HOURS)


def test_an_emergency_passes_quiet_hours_and_mutes_and_says_so() -> None:
    flood = emergency()
    mute = Mute(begins_at=NOON - MINUTE)
    held = facts(flood, config=config(quiet_hours=(quiet("11:00", "13:00"),), muted=(mute,)))
    step = next_step(held, NOON)
    assert isinstance(step, Start) and step.passed == ("quiet_hours", "muted") and step.volume == 100


@pytest.mark.parametrize("where", ["device", "zone"])
def test_a_mute_silences_what_sounds_and_what_would(where: str) -> None:
    law, mute = airing(), Mute(begins_at=NOON - MINUTE, ends_at=NOON + MINUTE)
    held = facts(law)
    if where == "device":
        held = replace(held, config=config(muted=(mute,)))
    else:
        held = replace(held, plans={ZONE: plan(law, muted=(mute,))})
    assert next_step(held, NOON) == Sleep(NOON + MINUTE, {law.id: Reason.MUTED})
    playing = replace(held, sounding=sounding(law), told={law.id: Told(Playback.STARTED)})
    assert next_step(playing, NOON) == Stop(Reason.MUTED)
    assert isinstance(next_step(held, NOON + MINUTE), Start)


def test_the_lowest_ceiling_is_the_volume_and_a_change_is_heard_at_once() -> None:
    ceilings = (
        {"begins": "11:00", "ends": "13:00", "percent": 50},
        {"begins": "12:02", "ends": "12:30", "percent": 30},
    )
    law = airing(seconds=300)
    held = facts(law, config=config(volume=70, ceilings=ceilings))
    step = next_step(held, NOON)
    assert isinstance(step, Start) and step.volume == 50
    playing = replace(held, sounding=sounding(law, volume=50), told={law.id: Told(Playback.STARTED)})
    assert next_step(playing, NOON + MINUTE) == Sleep(NOON + 2 * MINUTE)
    assert next_step(playing, NOON + 2 * MINUTE) == Turn(30)


def test_an_emergency_pre_empts_and_then_sounds() -> None:
    law, flood = airing(seconds=300), emergency(at=NOON + MINUTE)
    held = facts(law, flood, sounding=sounding(law), told={law.id: Told(Playback.STARTED)})
    assert next_step(held, NOON + MINUTE) == Pause()
    paused = replace(held, sounding=None, told={law.id: Told(Playback.STARTED, "pre_empted", 60.0)})
    step = next_step(paused, NOON + MINUTE)
    assert isinstance(step, Start) and step.airing == flood


def test_an_emergency_whose_sound_is_not_there_cuts_nothing() -> None:
    law, flood = airing(seconds=300), emergency()
    held = facts(law, flood, sounding=sounding(law), told={law.id: Told(Playback.STARTED)})
    held = replace(held, cached={law.sounds[0].sha256})
    assert next_step(held, NOON + MINUTE) == Fetch(flood.sounds[0])


def test_priority_does_not_cut_what_sounds() -> None:
    law, notice = airing(seconds=300), airing("notice", priority=Priority.PRIORITY)
    held = facts(law, notice, sounding=sounding(law), told={law.id: Told(Playback.STARTED)})
    assert next_step(held, NOON + MINUTE) == Sleep(notice.stale_at, {notice.id: Reason.PRE_EMPTED})


@pytest.mark.parametrize(("in_step", "position"), [(True, 180 + SOON.total_seconds()), (False, 60.0)])
def test_after_an_emergency_it_joins_where_the_zone_is_or_goes_on_from_the_cut(
    in_step: bool, position: float
) -> None:
    law = airing(seconds=300, in_step=in_step)
    held = facts(law, told={law.id: Told(Playback.STARTED, "pre_empted", 60.0)})
    step = next_step(held, NOON + 3 * MINUTE)
    assert isinstance(step, Start) and step.position_s == pytest.approx(position)


def test_what_was_pre_empted_past_its_time_ends_partial() -> None:
    law = airing(seconds=300, patience_s=400)
    held = facts(law, told={law.id: Told(Playback.STARTED, "pre_empted", 60.0)})
    assert next_step(held, law.stale_at) == GiveUp(law.id, Reason.PRE_EMPTED)


def test_in_step_there_is_nothing_left_to_join_once_the_others_are_through() -> None:
    law = airing(seconds=60, in_step=True)
    assert next_step(facts(law), NOON + MINUTE) == Skip(law.id, Reason.STALE)


def test_a_late_start_joins_where_the_zone_is() -> None:
    law = airing(seconds=300, in_step=True)
    step = next_step(facts(law), NOON + MINUTE)
    assert isinstance(step, Start) and step.position_s == pytest.approx(60 + SOON.total_seconds())


def test_what_sounds_past_its_stale_time_is_stopped() -> None:
    law = airing(seconds=900)
    held = facts(law, sounding=sounding(law), told={law.id: Told(Playback.STARTED)})
    assert next_step(held, law.stale_at) == Stop(Reason.STALE)


def test_what_leaves_the_plan_while_it_sounds_is_stopped() -> None:
    law = airing()
    held = facts(law, sounding=sounding(law), told={law.id: Told(Playback.STARTED)})
    assert next_step(replace(held, plans={ZONE: plan(n=2)}), NOON) == Stop(Reason.WITHDRAWN)
    assert next_step(replace(held, config=config("ap-3")), NOON) == Stop(Reason.WITHDRAWN)


def test_what_leaves_the_plan_while_it_waits_in_its_time_is_told_of() -> None:
    law = airing()
    held = facts(law, held={law.id: Reason.SOUND_MISSING}, plans={ZONE: plan(n=2)})
    assert next_step(held, NOON) == Skip(law.id, Reason.WITHDRAWN)


def test_what_leaves_the_plan_before_its_time_leaves_no_trace() -> None:
    assert next_step(facts(plans={ZONE: plan(n=2)}), NOON - MINUTE) == Sleep(None)


def test_a_power_cut_reads_partial_never_a_second_play() -> None:
    law = airing()
    held = facts(law, told={law.id: Told(Playback.STARTED)})
    assert next_step(held, NOON + MINUTE) == GiveUp(law.id, Reason.POWER_CUT)


@pytest.mark.parametrize("state", [Playback.FINISHED, Playback.PARTIAL, Playback.SKIPPED, Playback.FAILED])
def test_what_has_ended_never_plays_again(state: Playback) -> None:
    law = airing()
    assert next_step(facts(law, told={law.id: Told(state)}), NOON) == Sleep(None)


def test_after_a_rebuilt_journal_nothing_that_began_earlier_plays() -> None:
    law = airing()
    held = facts(law, since=NOON + MINUTE, rebuilt=True)
    assert next_step(held, NOON + MINUTE) == Skip(law.id, Reason.REBUILT)


def test_a_new_device_says_nothing_of_what_was_over_before_it_came() -> None:
    law = airing()
    assert next_step(facts(law, since=NOON + timedelta(days=1)), NOON + timedelta(days=1)) == Sleep(None)


def test_the_same_airing_in_two_plans_is_one() -> None:
    law = airing()
    two = {ZONE: plan(law), "ap-3": plan(law, zone="ap-3")}
    held = facts(law, config=config(ZONE, "ap-3"), plans=two, told={law.id: Told(Playback.FINISHED)})
    assert next_step(held, NOON) == Sleep(None)


def test_where_two_plans_disagree_the_one_signed_later_is_right() -> None:
    old, new = airing(rank=1), airing(rank=2, patience_s=900)
    earlier, later = NOON - 2 * MINUTE, NOON - MINUTE
    for zones in ((ZONE, "ap-3"), ("ap-3", ZONE)):
        two = {ZONE: plan(old, issued_at=earlier), "ap-3": plan(new, zone="ap-3", issued_at=later)}
        step = next_step(facts(old, config=config(*zones), plans=two), NOON)
        assert isinstance(step, Start) and step.airing == new


def test_the_order_is_priority_then_rank_then_start_then_id() -> None:
    first = airing("z", priority=Priority.PRIORITY, rank=5)
    second = airing("y", rank=1)
    third = airing("x", rank=2, at=NOON - MINUTE)
    fourth, fifth = airing("a", rank=2), airing("b", rank=2)
    waiting = [fifth, fourth, third, second, first]
    order = []
    told: dict[str, Told] = {}
    for _ in waiting:
        step = next_step(facts(*waiting, told=told), NOON)
        assert isinstance(step, Start)
        order.append(step.airing)
        told = {**told, step.airing.id: Told(Playback.FINISHED)}
    assert order == [first, second, third, fourth, fifth]


def test_the_commune_orders_and_defers_what_its_parents_send() -> None:
    own = airing("own", priority=Priority.PRIORITY, rank=1)
    law = airing("law", priority=Priority.PRIORITY, rank=0)
    arranged = Arrangement(airing=law.id, rank=2, not_before=NOON + MINUTE)
    plans = {ZONE: plan(own, arrangements=(arranged,)), "tinh": plan(law, zone="tinh")}
    held = facts(own, law, config=config(ZONE, "tinh", commune=ZONE), plans=plans)
    step = next_step(held, NOON)
    assert isinstance(step, Start) and step.airing == own
    done = replace(held, told={own.id: Told(Playback.FINISHED)})
    assert next_step(done, NOON) == Sleep(NOON + MINUTE - LEAD)
    step = next_step(done, NOON + MINUTE)
    assert isinstance(step, Start) and step.airing == law and step.due == NOON + MINUTE


def test_only_the_commune_of_the_device_may_arrange() -> None:
    law = airing("law", priority=Priority.PRIORITY)
    arranged = Arrangement(airing=law.id, rank=2, not_before=NOON + MINUTE)
    plans = {"ap-3": plan(zone="ap-3", arrangements=(arranged,)), "tinh": plan(law, zone="tinh")}
    held = facts(law, config=config(ZONE, "ap-3", "tinh", commune=ZONE), plans=plans)
    assert isinstance(next_step(held, NOON), Start)


def test_the_delay_of_this_device_is_added_to_every_start() -> None:
    law = airing()
    step = next_step(facts(law, config=config(delay_ms=250)), NOON - MINUTE)
    assert step == Sleep(NOON + timedelta(milliseconds=250) - LEAD)


def test_what_is_deferred_for_ever_keeps_nothing_else_from_sounding() -> None:
    own = airing("own")
    law = airing("law", priority=Priority.PRIORITY, in_step=True)
    ever = datetime.max.replace(tzinfo=UTC)
    arranged = Arrangement(airing=law.id, rank=2, not_before=ever)
    plans = {ZONE: plan(own, arrangements=(arranged,)), "tinh": plan(law, zone="tinh")}
    held = facts(own, law, config=config(ZONE, "tinh", commune=ZONE, delay_ms=2000), plans=plans)
    step = next_step(held, NOON + 2 * SECOND)
    assert isinstance(step, Start) and step.airing == own
    done = replace(held, told={own.id: Told(Playback.FINISHED)})
    assert next_step(done, law.stale_at + 2 * SECOND) == Skip(law.id, Reason.STALE)


def test_a_plan_signed_at_the_end_of_time_is_fetched_for_all_the_same() -> None:
    law = airing()
    late = plan(law, issued_at=datetime.max.replace(tzinfo=UTC))
    held = facts(law, cached=set(), plans={ZONE: late}, spread=timedelta(days=1))
    assert next_step(held, NOON - MINUTE) == Fetch(law.sounds[0])
