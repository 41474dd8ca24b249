"""Who was to sound is written down at the start; silence becomes «chưa có tin» only after its grace."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from edge_agent.wire.words import Playback, Priority, Reason
from studio import airings, device_words, devices, outbox, reports, zones
from studio.airings import GRACE, State
from studio.db import reading
from studio.errors import Conflict, NotFound
from studio.models.airings import Airing, AiringZone
from studio.models.places import Zone
from tests.support.journal import WrittenJournal
from tests.support.places import Commune, commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
AIRING = "baaaaaaaaaa@20261124T050000Z"
END = NOW + timedelta(seconds=90)
DEVICES = {"loa-1": "ap-1", "loa-2": "ap-1", "loa-3": "ap-2"}


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Commune:
    place = commune(engine, tmp_path / "keys", now=NOW, devices_in=DEVICES)
    with place.session() as session:
        session.add(
            Airing(
                id=AIRING,
                booking="baaaaaaaaaa",
                starts_at=NOW,
                stale_at=NOW + timedelta(minutes=30),
                ends_at=END,
                seconds=90.0,
                title="Luật Đất đai",
                sounds=[{"sha256": "0" * 64, "size": 9, "seconds": 90.0}],
                created_at=NOW,
            )
        )
        session.flush()
        session.add(AiringZone(airing=AIRING, zone="ap-1"))
    return place


def expect(place: Commune, now: datetime) -> list[str]:
    with place.session() as session:
        return airings.expect(session, now)


def told(place: Commune, device: str, playback: Playback, **more: object) -> None:
    journal = WrittenJournal(device)
    journal.note(AIRING, playback, NOW, **more)
    with place.session() as session:
        reports.store(session, [journal.batch()], now=NOW)


def states(place: Commune, now: datetime) -> dict[str, State]:
    with reading(place.engine) as session:
        row = airings.get(session, AIRING)
        found = airings.on_devices(session, row, now)
        counted = airings.counts(session, [row], now)[AIRING]
    assert counted.total() == len(found)
    assert all(counted[state] == [each.state for each in found].count(state) for state in counted)
    return {each.device: each.state for each in found}


def test_before_its_start_the_members_wait(place: Commune) -> None:
    before = NOW - timedelta(hours=1)
    assert expect(place, before) == []
    assert states(place, before) == {"loa-1": State.PLANNED, "loa-2": State.PLANNED}


def test_who_is_to_sound_is_written_down_once_at_the_start(place: Commune) -> None:
    assert expect(place, NOW) == [AIRING]
    assert expect(place, NOW) == []
    place.add("loa-4", "ap-1", now=NOW)
    with place.session() as session:
        zones.set_members(session, "ap-1", ["loa-1", "loa-4"])
    assert set(states(place, NOW)) == {"loa-1", "loa-2"}, "later moves change nothing"


def test_a_box_that_was_never_enrolled_is_not_expected(place: Commune) -> None:
    with place.session() as session:
        devices.create(session, name="loa-9", in_zones=["ap-1"], now=NOW)
    expect(place, NOW)
    assert set(states(place, NOW)) == {"loa-1", "loa-2"}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOW, State.WAITING),
        (END + GRACE - timedelta(microseconds=1), State.WAITING),
        (END + GRACE, State.UNHEARD),
        (END + timedelta(days=60), State.UNHEARD),
    ],
)
def test_silence_becomes_unheard_after_its_grace(place: Commune, now: datetime, expected: State) -> None:
    expect(place, NOW)
    assert states(place, now) == {"loa-1": expected, "loa-2": expected}


@pytest.mark.parametrize("playback", list(Playback))
@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=3)])
def test_any_word_outranks_unheard_however_late(place: Commune, playback: Playback, late: timedelta) -> None:
    expect(place, NOW)
    told(place, "loa-1", playback)
    found = states(place, END + GRACE + late)
    assert found == {"loa-1": State(playback.value), "loa-2": State.UNHEARD}


def test_a_report_before_the_expectation_is_joined_to_it(place: Commune) -> None:
    told(place, "loa-1", Playback.STARTED)
    told(place, "loa-3", Playback.STARTED)
    assert set(states(place, NOW)) == {"loa-1", "loa-2", "loa-3"}
    expect(place, NOW)
    with reading(place.engine) as session:
        found = airings.on_devices(session, airings.get(session, AIRING), NOW)
    assert [(each.device, each.state, each.expected) for each in found] == [
        ("loa-1", State.STARTED, True),
        ("loa-2", State.WAITING, True),
        ("loa-3", State.STARTED, False),
    ]


def test_what_was_withdrawn_is_expected_of_nobody(place: Commune) -> None:
    with place.session() as session:
        airings.get(session, AIRING).withdrawn_at = NOW - timedelta(hours=1)
    assert expect(place, NOW) == []


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=3)])
def test_what_was_stopped_before_its_start_is_no_fault_of_anybody(place: Commune, late: timedelta) -> None:
    with place.session() as session:
        airings.stop(session, AIRING, by=None, now=NOW - timedelta(seconds=1))
    assert expect(place, NOW) == []
    assert states(place, NOW - timedelta(seconds=1)) == {"loa-1": State.STOPPED, "loa-2": State.STOPPED}
    told(place, "loa-1", Playback.PARTIAL, reason=Reason.STOPPED)  # it had not heard of the stop
    found = states(place, END + GRACE + late)
    assert found == {"loa-1": State.PARTIAL, "loa-2": State.STOPPED}


def test_what_was_stopped_while_it_sounded_is_still_expected(place: Commune) -> None:
    with place.session() as session:
        airings.stop(session, AIRING, by=None, now=NOW)
    assert expect(place, NOW) == [AIRING]
    assert states(place, END + GRACE) == {"loa-1": State.UNHEARD, "loa-2": State.UNHEARD}


def test_the_reason_is_a_sentence_and_a_new_word_is_shown_as_it_is(place: Commune) -> None:
    told(place, "loa-1", Playback.SKIPPED, reason=Reason.QUIET_HOURS)
    told(place, "loa-2", Playback.FAILED, reason="monsoon", detail="nước vào loa")
    with reading(place.engine) as session:
        one, two = airings.on_devices(session, airings.get(session, AIRING), NOW)
    assert (one.why, two.why, two.detail) == ("Đang trong giờ yên tĩnh.", "monsoon", "nước vào loa")


def test_every_reason_and_state_has_words() -> None:
    assert set(device_words.REASONS) == set(Reason)
    assert set(airings.STATE_NAMES) == set(State)
    assert {playback.value for playback in Playback} < {state.value for state in State}


def test_pages_are_told_when_silence_becomes_unheard(place: Commune) -> None:
    with reading(place.engine) as session:
        ends = END + GRACE
        assert airings.fell_silent(session, ends - timedelta(seconds=5), ends) == [AIRING]
        assert airings.fell_silent(session, ends, ends + timedelta(seconds=5)) == []
        assert airings.fell_silent(session, NOW, ends - timedelta(seconds=1)) == []


@pytest.mark.parametrize("priority", [Priority.ORDINARY, Priority.EMERGENCY])
def test_stopping_tells_the_zones_and_takes_it_out_of_the_plan(place: Commune, priority: Priority) -> None:
    with place.session() as session:
        airings.get(session, AIRING).priority = priority
        before = session.get_one(Zone, "ap-1").model_copy()
        (command,) = airings.stop(session, AIRING, by=None, now=NOW)
        assert (command.name, command.zone, command.airing) == ("stop", "ap-1", AIRING)
    with reading(place.engine) as session:
        after = session.get_one(Zone, "ap-1")
        raised = (after.plan_n - before.plan_n, after.emergency_n - before.emergency_n)
        assert raised == ((0, 1) if priority is Priority.EMERGENCY else (1, 0))
        assert outbox.plan(session, after, seal=place.seal, now=NOW).airings == ()


def test_what_is_over_cannot_be_stopped(place: Commune) -> None:
    with place.session() as session, pytest.raises(Conflict, match="đã kết thúc"):
        airings.stop(session, AIRING, by=None, now=NOW + timedelta(minutes=30))
    with place.session() as session, pytest.raises(NotFound):
        airings.stop(session, "baaaaaaaaab@20261124T050000Z", by=None, now=NOW)


def test_the_days_airings_are_listed_by_start_and_zone(place: Commune) -> None:
    with reading(place.engine) as session:
        day = (NOW - timedelta(hours=5), NOW + timedelta(hours=19))
        assert [a.id for a in airings.listed(session, *day)] == [AIRING]
        assert [a.id for a in airings.listed(session, *day, zone="ap-1")] == [AIRING]
        assert airings.listed(session, *day, zone="ap-2") == []
        assert airings.listed(session, day[1], day[1] + timedelta(days=1)) == []
