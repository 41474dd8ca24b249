"""The whole agent, in a time of its own: what it plays and what it says of it."""

import sqlite3
from datetime import timedelta

import pytest

from tests.support.agent_studio import ZONE
from tests.support.agent_world import BOX, NOON, Box, World

MINUTE = timedelta(minutes=1)
PLAYED = [("started", ""), ("finished", "")]


def test_it_plays_what_the_plan_says_and_reports_it(world: World, box: Box) -> None:
    law = world.studio.airing("law", NOON, world.studio.sound(60.0))
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run_until(NOON + 2 * MINUTE)
    assert box.told == {law.id: PLAYED}
    finished = list(world.studio.records.values())[-1]
    assert finished["position_s"] == pytest.approx(60.0, abs=0.05)
    assert finished["started_at"] == "2026-11-24T05:00:00Z"
    assert abs(finished.get("start_error_ms", 0)) < 1
    assert finished["clock"] == "trusted"


def test_presence_says_what_it_holds_and_plays(world: World, box: Box) -> None:
    law = world.studio.airing("law", NOON, world.studio.sound(60.0))
    plan = world.studio.plan(law, now=world.now)
    world.studio.publish(plan)
    world.run_until(NOON + MINUTE / 2)
    said = world.studio.presences[-1]
    assert said.online and said.playing == law.id and said.volume == 80
    assert said.plans == {ZONE: plan.revision} and said.missing == () and said.clock == "trusted"
    world.run_until(NOON + 2 * MINUTE)
    assert world.studio.presences[-1].playing is None and world.studio.presences[-1].queue == 0


def test_presence_is_told_at_most_once_a_second_and_every_heartbeat(world: World, box: Box) -> None:
    before = len(world.studio.presences)
    for n in range(10):
        world.studio.publish(world.studio.plan(now=world.now, n=n))
        world.run(0.1)
    assert len(world.studio.presences) - before <= 2
    world.run(2)
    told = len(world.studio.presences)
    world.run(900)
    assert len(world.studio.presences) - told == 3


def test_what_sounded_at_no_volume_says_so_and_what_did_not_sound_says_none(world: World, box: Box) -> None:
    studio = world.studio
    studio.publish(studio.config(BOX, world.now, volume=0))
    law, lost = studio.airing("law", NOON), studio.airing("lost", NOON, studio.sound(1.0, seed=5))
    del studio.sounds[lost.sounds[0].sha256]
    studio.publish(studio.plan(law, lost, now=world.now))
    world.run_until(NOON + 11 * MINUTE)
    volumes = {(r["airing"], r["playback"]): r.get("volume") for r in studio.records.values()}
    assert volumes == {(law.id, "started"): 0, (law.id, "finished"): 0, (lost.id, "skipped"): None}


def test_when_it_is_gone_the_broker_says_so(world: World, box: Box) -> None:
    box.die()
    world.settle()
    assert not world.studio.presences[-1].online


@pytest.mark.parametrize(("in_step", "position"), [(True, 60.0), (False, 60.0)])
def test_an_emergency_pre_empts_and_the_rest_follows(
    world: World, box: Box, in_step: bool, position: float
) -> None:
    studio = world.studio
    law = studio.airing("law", NOON, studio.sound(60.0), in_step=in_step)
    studio.publish(studio.plan(law, now=world.now))
    world.run_until(NOON + timedelta(seconds=20))
    flood = studio.emergency("flood", world.now, repeat=3, tone=True)
    studio.publish(studio.plan(flood, now=world.now, kind="emergency"))
    world.run(0.5)
    assert studio.presences[-1].playing in {law.id, flood.id}
    world.run_until(NOON + 3 * MINUTE)
    assert box.told[flood.id] == PLAYED
    assert box.told[law.id] == [("started", ""), ("started", "pre_empted"), ("started", ""), ("finished", "")]
    cut = next(r for r in studio.records.values() if r.get("reason") == "pre_empted")
    assert cut["position_s"] == pytest.approx(20, abs=0.1)
    ends = [r for r in studio.records.values() if r["airing"] == law.id][-1]
    assert ends["position_s"] == pytest.approx(position, abs=0.1)
    # In step it ends when the others do; alone it ends as much later as the emergency took.
    late = 0 if in_step else 7
    assert ends["at"].startswith("2026-11-24T05:01:0" + str(late))


def test_on_a_slow_disk_it_still_joins_where_the_zone_is(world: World, box: Box) -> None:
    def watch(point: str) -> None:
        if point == "journal.started.commit":
            world.off(4.0)

    box.die()
    box.watch = watch
    box.start()
    law = world.studio.airing("law", NOON, world.studio.sound(60.0), in_step=True)
    alone = world.studio.airing("alone", NOON + 2 * MINUTE, world.studio.sound(60.0))
    world.studio.publish(world.studio.plan(law, alone, now=world.now))
    world.run_until(NOON + 4 * MINUTE)
    assert box.told == {law.id: PLAYED, alone.id: PLAYED}
    first, second = [r for r in world.studio.records.values() if r["playback"] == "finished"]
    assert first["started_at"] == "2026-11-24T05:00:03Z" and first["at"].startswith("2026-11-24T05:01:00")
    assert abs(first["start_error_ms"]) < 1 and first["position_s"] == pytest.approx(60.0, abs=0.01)
    assert second["start_error_ms"] == pytest.approx(3000, abs=1) and second["at"] > "2026-11-24T05:03:03"


def test_an_emergency_is_cancelled_within_a_second(world: World, box: Box) -> None:
    studio = world.studio
    flood = studio.emergency("flood", world.now, studio.sound(30, inline=True))
    studio.publish(studio.plan(flood, now=world.now, kind="emergency"))
    world.run(5)
    studio.publish(studio.plan(now=world.now, kind="emergency"))
    world.run(1)
    assert box.told[flood.id] == [("started", ""), ("partial", "withdrawn")]


def test_an_emergency_in_quiet_hours_says_what_it_passed(world: World, box: Box) -> None:
    studio = world.studio
    mute = {"begins_at": world.now.isoformat()}
    hours = ({"begins": "00:00:00", "ends": "00:00:00"},)
    studio.publish(studio.config(BOX, world.now, quiet_hours=hours, muted=(mute,)))
    law = studio.airing("law", NOON)
    flood = studio.emergency("flood", NOON)
    studio.publish(studio.plan(law, now=world.now), studio.plan(flood, now=world.now, kind="emergency"))
    world.run_until(NOON + 20 * MINUTE)
    assert box.told == {flood.id: PLAYED, law.id: [("skipped", "muted")]}
    last = [r for r in studio.records.values() if r["airing"] == flood.id][-1]
    assert last["passed"] == ["quiet_hours", "muted"] and last["volume"] == 100


def test_what_leaves_the_plan_while_it_sounds_falls_silent(world: World, box: Box) -> None:
    law = world.studio.airing("law", NOON, world.studio.sound(60.0))
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run_until(NOON + timedelta(seconds=10))
    world.studio.publish(world.studio.plan(now=world.now))
    world.run(1)
    assert box.told[law.id] == [("started", ""), ("partial", "withdrawn")]


def test_leaving_a_zone_drops_its_airings_and_its_topic(world: World, box: Box) -> None:
    studio = world.studio
    law = studio.airing("law", NOON)
    studio.publish(studio.plan(law, now=world.now))
    world.run(1)
    studio.publish(studio.config(BOX, world.now, zones=(BOX,), commune=None))
    world.run(1)
    studio.publish(studio.plan(law, now=world.now))
    world.run_until(NOON + 20 * MINUTE)
    assert box.told == {}
    assert studio.presences[-1].plans == {}


def test_a_sound_that_comes_late_is_played_late(world: World, box: Box) -> None:
    law = world.studio.airing("law", NOON)
    world.shelf.broken = True
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run_until(NOON + 2 * MINUTE)
    assert world.studio.presences[-1].missing == (law.sounds[0].sha256,)
    world.shelf.broken = False
    world.run_until(NOON + 8 * MINUTE)
    assert box.told == {law.id: PLAYED}, "the longest rest is shorter than the patience of an airing"
    started = next(iter(world.studio.records.values()))
    assert started.get("position_s", 0.0) == 0.0


def test_a_sound_that_never_comes_is_the_reason(world: World, box: Box) -> None:
    law = world.studio.airing("law", NOON)
    world.shelf.broken = True
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run_until(NOON + 11 * MINUTE)
    assert box.told[law.id] == [("skipped", "sound_missing")]


def test_other_bytes_than_were_signed_are_never_heard(world: World, box: Box) -> None:
    law = world.studio.airing("law", NOON)
    world.shelf.spoilt.add(law.sounds[0].sha256)
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run_until(NOON + 11 * MINUTE)
    assert box.told[law.id] == [("skipped", "sound_corrupt")]
    assert not list((box.folder / "sounds").glob("*.ogg"))


def test_a_file_that_rotted_on_the_disk_is_fetched_again_before_it_is_heard(world: World, box: Box) -> None:
    law = world.studio.airing("law", NOON)
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run(1)
    (file,) = (box.folder / "sounds").glob("*.ogg")
    good = file.read_bytes()
    file.write_bytes(good[:-1] + b"?")
    world.run_until(NOON + MINUTE)
    assert box.told[law.id] == PLAYED and file.read_bytes() == good


def test_an_inline_sound_that_is_not_what_was_signed_is_never_heard(world: World, box: Box) -> None:
    sound = world.studio.sound(1.0, inline=True)
    assert sound.inline is not None
    wrong = sound.model_copy(update={"inline": b"?" + sound.inline[1:]})
    world.shelf.broken = True
    flood = world.studio.emergency("flood", world.now, wrong)
    world.studio.publish(world.studio.plan(flood, now=world.now, kind="emergency"))
    world.run(700)
    assert box.told[flood.id] == [("skipped", "sound_corrupt")]


def test_a_lost_journal_is_begun_anew_and_nothing_that_began_earlier_plays(world: World, box: Box) -> None:
    studio = world.studio
    law, later = studio.airing("law", NOON, studio.sound(60)), studio.airing("later", NOON + 5 * MINUTE)
    studio.publish(studio.plan(law, later, now=world.now))
    world.run_until(NOON + MINUTE / 2)
    box.die()
    for path in box.folder.glob("journal.db*"):
        path.write_bytes(b"rubbish" * 1000)
    before = {journal for _, journal, _ in studio.records}
    box.start()
    world.run_until(NOON + 10 * MINUTE)
    told = {
        a: r["playback"] + "/" + r.get("reason", "")
        for (_, journal, _), r in studio.records.items()
        if journal not in before
        for a in [r["airing"]]
    }
    assert told == {law.id: "skipped/rebuilt", later.id: "finished/"}
    assert list(box.folder.glob("journal.db.hong-*"))


def test_a_fortnight_of_a_busy_commune_fits_into_a_plan(world: World, box: Box) -> None:
    sound = world.studio.sound(1.0)
    airings = [
        world.studio.airing(f"b{n}", NOON + n * timedelta(minutes=20), sound, title="Bản tin số " + "x" * 60)
        for n in range(1000)
    ]
    world.studio.publish(world.studio.plan(*airings, now=world.now))
    world.run_until(NOON + MINUTE)
    assert box.told == {airings[0].id: PLAYED}


@pytest.mark.parametrize("point", ["journal.started.commit", "journal.finished.commit"])
def test_while_the_journal_cannot_be_written_nothing_begins_and_nothing_is_lost(
    world: World, box: Box, point: str
) -> None:
    full = True

    def watch(passing: str) -> None:
        if full and passing == point:
            raise sqlite3.OperationalError("database or disk is full")

    box.die()
    box.watch = watch
    box.start()
    law = world.studio.airing("law", NOON)
    world.studio.publish(world.studio.plan(law, now=world.now))
    world.run_until(NOON + MINUTE)
    if point == "journal.started.commit":
        assert box.parts is not None and box.parts.player.poll() is None
        assert box.told == {}
    else:
        assert box.told[law.id] == [("started", "")]
    full = False
    world.run(10)
    assert box.told == {law.id: PLAYED}


def test_an_airing_of_an_absurd_length_does_not_keep_the_rest_from_sounding(world: World, box: Box) -> None:
    law, odd = world.studio.airing("law", NOON), world.studio.airing("odd", NOON, in_step=True)
    endless = odd.sounds[0].model_copy(update={"seconds": 1e300})
    odd = odd.model_copy(update={"sounds": (endless,)})
    plan = world.studio.plan(law, now=world.now).model_copy(update={"airings": (odd, law)})
    world.studio.publish(plan)
    world.run_until(NOON + MINUTE)
    assert box.told == {law.id: PLAYED}
    assert world.studio.presences[-1].plans == {ZONE: plan.revision}
