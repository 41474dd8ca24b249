"""What is said on the wire: short, exact, and understood by older and newer ears."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge_agent.wire.accounts import NO_RECORD, Presence, Report, digest
from edge_agent.wire.documents import Airing, Ceiling, Command, Plan, QuietHours, Sound
from edge_agent.wire.words import ClockTrust, Playback, Priority, Revision, airing_id

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
SOUND = Sound(sha256="ab" * 32, size=20_000, seconds=7.5)


def airing(starts_at: datetime = NOON, **more: object) -> Airing:
    fields = {"id": airing_id("law-7", starts_at), "starts_at": starts_at, "sounds": (SOUND,)}
    return Airing.model_validate(fields | {"stale_at": starts_at + timedelta(minutes=10)} | more)


def plan(**more: object) -> Plan:
    fields = {"kind": "plan", "zone": "ap-3", "revision": (1, 7), "issued_at": NOON}
    return Plan.model_validate(fields | {"begins_at": NOON, "ends_at": NOON + timedelta(days=14)} | more)


def test_the_same_slot_has_the_same_id_in_any_time_zone() -> None:
    hanoi = NOON.astimezone(timezone(timedelta(hours=7)))
    assert airing_id("law-7", hanoi) == airing_id("law-7", NOON) == "law-7@20261124T050000Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        airing(stale_at=datetime(2026, 11, 24, 6, 0))  # noqa: DTZ001


@pytest.mark.parametrize("at", ["21:30:00Z", "21:30:00+07:00"])
def test_a_local_time_of_day_with_an_offset_is_refused(at: str) -> None:
    for fields in ({"begins": at, "ends": "05:00:00"}, {"begins": "05:00:00", "ends": at}):
        with pytest.raises(ValidationError, match="no offset"):
            QuietHours.model_validate(fields)
        with pytest.raises(ValidationError, match="no offset"):
            Ceiling.model_validate(fields | {"percent": 10})


def test_an_airing_named_after_another_start_is_refused() -> None:
    with pytest.raises(ValidationError, match="id must end with the start"):
        airing(id="law-7@20261124T050001Z")


def test_an_airing_stale_before_it_starts_is_refused() -> None:
    with pytest.raises(ValidationError, match="stale_at"):
        airing(stale_at=NOON)


@pytest.mark.parametrize("name", ["Ap-3", "ấp-3", "ap/3", "ap+", "#", "", "a" * 64, "-ap"])
def test_a_zone_that_could_not_be_a_topic_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="zone"):
        plan(zone=name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sounds": ({"sha256": "ab" * 32, "size": 1, "seconds": 86_400.5},)},
        {"sounds": ({"sha256": "ab" * 32, "size": 1, "seconds": float("inf")},)},
        {"id": "b@19991231T235959Z", "starts_at": "1999-12-31T23:59:59Z"},
        {"id": "b@90000101T000000Z", "starts_at": "9000-01-01T00:00:00Z", "stale_at": "9999-12-31T23:59:59Z"},
        {"stale_at": "9000-01-01T00:00:00Z"},
        {"priority": "whenever"},
        {"repeat": 11},
    ],
)
def test_an_absurd_airing_is_left_out_and_the_rest_of_the_plan_holds(wrong: dict[str, object]) -> None:
    law = airing()
    with pytest.raises(ValidationError):
        Airing.model_validate(law.model_dump() | wrong)
    text = plan().model_dump(mode="json")
    text["airings"] = [law.model_dump(mode="json") | wrong, law.model_dump(mode="json")]
    assert Plan.model_validate_json(json.dumps(text)) == plan(airings=(law,))


def test_emergencies_have_a_plan_of_their_own() -> None:
    storm = airing(priority=Priority.EMERGENCY)
    assert plan(kind="emergency", airings=(storm,)).airings == (storm,)
    with pytest.raises(ValidationError, match="plan of their own"):
        plan(airings=(storm,))
    with pytest.raises(ValidationError, match="only emergencies"):
        plan(kind="emergency", airings=(airing(),))


def test_a_command_is_for_a_zone_or_for_a_device() -> None:
    fields = {"kind": "command", "id": "c" * 8, "number": (1, 1), "name": "stop"}
    times = {"issued_at": NOON, "expires_at": NOON + timedelta(minutes=1)}
    for both_or_none in ({}, {"zone": "ap-3", "device": "ap-3-01"}):
        with pytest.raises(ValidationError, match="for a zone or for a device"):
            Command.model_validate(fields | times | both_or_none)


def test_an_old_device_is_deaf_to_the_fields_of_a_new_studio() -> None:
    text = plan(airings=(airing(),)).wire_json().replace('"zone"', '"mood":"calm","zone"')
    assert Plan.model_validate_json(text) == plan(airings=(airing(),))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused_for_no_database_and_no_page_could_hold_it(number: str) -> None:
    text = f'{{"kind":"presence","device":"loa-1","online":true,"clock_error_s":{number}}}'
    with pytest.raises(ValidationError, match="clock_error_s"):
        Presence.model_validate_json(text)


def test_what_equals_its_default_is_not_sent() -> None:
    assert '"repeat"' not in airing().wire_json()
    assert len(airing().wire_json()) < 260


def test_a_sound_that_rides_inline_comes_back_byte_for_byte() -> None:
    speech = bytes(range(256))
    carried = Sound(sha256="cd" * 32, size=256, seconds=1.0, inline=speech)
    assert Sound.model_validate_json(carried.wire_json()).inline == speech


@given(st.tuples(st.integers(0, 9), st.integers(0, 9)), st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_a_later_epoch_outranks_every_number(a: tuple[int, int], b: tuple[int, int]) -> None:
    assert (Revision(*a) < Revision(*b)) == (a[0] < b[0] or (a[0] == b[0] and a[1] < b[1]))


@given(
    n=st.integers(1, 2**40),
    playback=st.sampled_from(Playback),
    reason=st.text(max_size=40),
    clock=st.sampled_from(ClockTrust),
    position=st.none() | st.floats(0, 1e6),
)
def test_a_report_reads_back_as_it_was_written(
    n: int, playback: Playback, reason: str, clock: ClockTrust, position: float | None
) -> None:
    report = Report(
        n=n, previous=NO_RECORD, airing=airing().id, playback=playback, at=NOON, reason=reason, clock=clock,
        position_s=position,
    )  # fmt: skip
    text = report.wire_json()
    assert Report.model_validate_json(text) == report
    assert digest(text) == digest(Report.model_validate_json(text).wire_json())
