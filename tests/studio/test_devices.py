"""Devices: every change of how one behaves is a new config; enrolment gives it a key and a password."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from edge_agent.wire import signing
from edge_agent.wire.documents import QuietHours
from studio import devices, enrolment
from studio.db import reading
from studio.devices import ConfigChange, DeviceState
from studio.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from studio.models.places import Device
from tests.support.places import Commune, commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Commune:
    return commune(engine, tmp_path / "keys", now=NOW, devices_in={"loa-1": "ap-1", "loa-2": "ap-2"})


def config_n(place: Commune, device: str) -> int:
    with reading(place.engine) as session:
        return devices.get(session, device).config_n


def test_a_change_of_behaviour_is_a_new_config(place: Commune) -> None:
    before = config_n(place, "loa-1")
    night = [QuietHours(begins=time(21, 30), ends=time(5))]
    with place.session() as session:
        devices.change(session, "loa-1", ConfigChange(volume=60, quiet_hours=night))
    with reading(place.engine) as session:
        row = devices.get(session, "loa-1")
        assert (row.volume, row.quiet_hours) == (60, [{"begins": "21:30:00", "ends": "05:00:00"}])
    assert config_n(place, "loa-1") == before + 1


def test_a_change_that_changes_nothing_sends_nothing(place: Commune) -> None:
    before = config_n(place, "loa-1")
    with place.session() as session:
        devices.change(session, "loa-1", ConfigChange(volume=80))
    assert config_n(place, "loa-1") == before


@pytest.mark.parametrize(
    "bad",
    [
        {"volume": 101},
        {"volume": -1},
        {"delay_ms": 5000},
        {"time_zone": "Asia/Nowhere"},
        {"time_zone": "../etc"},
    ],
)
def test_what_no_device_could_obey_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ConfigChange.model_validate(bad)


def test_a_mute_has_a_reason_and_holds_until_it_is_lifted(place: Commune) -> None:
    with place.session() as session:
        devices.mute(session, "loa-1", reason="loa hú", now=NOW)
    with place.session() as session:
        later = NOW + timedelta(days=300)
        row = devices.get(session, "loa-1")
        held = devices.muted_now(row, later)
        assert held is not None
        assert held.reason == "loa hú"
        before = row.config_n
        devices.unmute(session, "loa-1", now=later)
        assert devices.muted_now(row, later) is None
        assert row.config_n == before + 1


def test_a_mute_with_an_end_ends(place: Commune) -> None:
    with place.session() as session:
        row = devices.mute(session, "loa-1", reason="đám tang", until=NOW + timedelta(hours=2), now=NOW)
    assert devices.muted_now(row, NOW + timedelta(hours=1)) is not None
    assert devices.muted_now(row, NOW + timedelta(hours=2)) is None


@pytest.mark.parametrize(
    ("reason", "hours"), [("", 1), ("   ", 1), ("x" * 201, 1), ("lý do", 0), ("lý do", -1)]
)
def test_a_mute_without_reason_or_in_the_past_is_refused(place: Commune, reason: str, hours: int) -> None:
    with place.session() as session, pytest.raises(Invalid):
        devices.mute(session, "loa-1", reason=reason, until=NOW + timedelta(hours=hours), now=NOW)


def test_a_device_that_is_silent_too_long_is_lost_whatever_it_said_last() -> None:
    device = Device(id="loa-1", name="Loa 1", created_at=NOW, heartbeat_s=60)
    assert devices.state(device, NOW) is DeviceState.NEW
    device.enrolled_at, device.online, device.last_seen_at = NOW, True, NOW
    assert devices.state(device, NOW + timedelta(seconds=149)) is DeviceState.ONLINE
    assert devices.state(device, NOW + timedelta(seconds=150)) is DeviceState.OFFLINE
    device.online = False
    assert devices.state(device, NOW) is DeviceState.OFFLINE


def test_a_deleted_device_is_gone_at_once_and_told_to_hear_nothing(place: Commune) -> None:
    with place.session() as session:
        before = devices.get(session, "loa-1").config_n
        enrolment.new_code(session, "loa-1", now=NOW)
        devices.remove(session, "loa-1", now=NOW)
    with reading(place.engine) as session:
        row = session.get(Device, "loa-1")
        assert row is not None
        assert (row.enrolment_hash, row.enrolment_expires_at) == (None, None)
        assert row.config_n == before + 1
        assert [d.id for d in devices.listed(session)] == ["loa-2"]
        with pytest.raises(NotFound):
            devices.get(session, "loa-1")


def test_the_studios_own_name_at_the_broker_is_not_given_away(place: Commune) -> None:
    with place.session() as session, pytest.raises(Conflict, match="dành riêng"):
        devices.create(session, name="Studio", now=NOW)


def enrol(place: Commune, code: str, *, now: datetime = NOW, key: str | None = None) -> enrolment.Enrolled:
    with place.session() as session:
        return enrolment.enrol(
            session,
            code=code,
            key=key or signing.public_x(signing.new_key()),
            now=now,
            hash_password=lambda password: f"hash of {password}",
        )


def code_for(place: Commune, device: str = "loa-1") -> str:
    with place.session() as session:
        return enrolment.new_code(session, device, now=NOW)


def test_a_code_names_our_root_and_enrols_once(place: Commune) -> None:
    code = code_for(place)
    short, dot, kid = code.partition(".")
    assert (len(short), dot, kid) == (10, ".", place.root.kid)
    enrolled = enrol(place, short)
    assert enrolled.device.broker_password == f"hash of {enrolled.password}"
    with pytest.raises(Forbidden, match="đã được dùng"):
        enrol(place, short)


def test_a_code_ends_after_a_day(place: Commune) -> None:
    code = code_for(place)
    with pytest.raises(Forbidden, match="hết hạn"):
        enrol(place, code, now=NOW + timedelta(hours=24))
    enrol(place, code, now=NOW + timedelta(hours=23, minutes=59))


def test_a_new_code_ends_the_one_before_it(place: Commune) -> None:
    first, second = code_for(place), code_for(place)
    with pytest.raises(Forbidden):
        enrol(place, first)
    enrol(place, second)


def test_a_refused_key_does_not_use_up_the_code(place: Commune) -> None:
    code = code_for(place)
    with pytest.raises(Invalid, match="Khóa công khai"):
        enrol(place, code, key="không phải khóa")
    with pytest.raises(Conflict, match="loa-2"):
        enrol(place, code, key=signing.public_x(place.boxes["loa-2"]))
    enrol(place, code)


def test_guessing_codes_has_to_wait() -> None:
    throttle = enrolment.Throttle(most=3, window=timedelta(minutes=15))
    for second in range(3):
        throttle.check("10.0.0.7", now=NOW)
        throttle.wrong("10.0.0.7", now=NOW + timedelta(seconds=second))
    with pytest.raises(TooMany):
        throttle.check("10.0.0.7", now=NOW + timedelta(minutes=1))
    throttle.check("10.0.0.8", now=NOW)
    throttle.check("10.0.0.7", now=NOW + timedelta(minutes=15))


def test_addresses_that_have_waited_long_enough_are_forgotten() -> None:
    throttle = enrolment.Throttle(most=3, window=timedelta(minutes=15))
    for n in range(1000):
        throttle.wrong(f"2001:db8::{n:x}", now=NOW)
    throttle.wrong("2001:db8::ffff", now=NOW + timedelta(minutes=15))
    assert throttle.remembered == 1, "whoever has a whole network of addresses must not fill the memory"
