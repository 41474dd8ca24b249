"""The road in trouble: the studio dies while a bulletin sounds, the broker forgets everything, and nothing is lost."""

import signal
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from studio.demo import story
from studio.demo.station import HAMLET, Station, answers
from studio.heard import compare

WORDS = "Hôm nay, xã tổ chức lấy ý kiến về dự thảo Luật Đất đai tại nhà văn hóa ấp 3."


def approved(station: Station) -> int:
    officer = station.people["canbo"]
    bulletin: int = officer.call("POST", "/bulletins", {"title": "Lấy ý kiến", "text": WORDS})["id"]
    for _ in story.record(officer, bulletin):
        station.processes.check()
    story.approve(officer, station.people["lanhdao"], bulletin)
    return bulletin


def booked(station: Station, bulletin: int, *, ahead: float) -> dict[str, Any]:
    at = (datetime.now(UTC) + timedelta(seconds=ahead)).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    rule = {"repeats": "once", "first_day": f"{at:%Y-%m-%d}", "at": [f"{at:%H:%M:%S}"]}
    draft = {"bulletins": [bulletin], "zones": [HAMLET], "rule": rule}
    told: dict[str, Any] = station.people["canbo"].call("POST", "/bookings", draft)
    return told


def states(station: Station, airing: str) -> dict[str, str]:
    told = station.people["canbo"].call("GET", f"/airings/{airing}")
    return {device["device"]: device["state"] for device in told["devices"]}


def all_finished(station: Station, airing: str) -> bool:
    return states(station, airing) == dict.fromkeys(station.devices, "finished")


def was_heard(station: Station, booking: dict[str, Any]) -> None:
    sounds = [station.sound(sound["sha256"]) for sound in booking["sounds"]]
    for device in station.devices:
        assert compare(sounds, station.wavs(device) / f"{booking['airings'][0]}.wav").heard


@pytest.mark.timeout(240)
def test_an_airing_outlives_the_studio_and_is_told_when_it_is_back(station: Station) -> None:
    bulletin = approved(station)
    booking = booked(station, bulletin, ahead=8)
    (airing,) = booking["airings"]
    wavs = [station.wavs(device) / f"{airing}.wav" for device in station.devices]
    station.processes.wait_until(lambda: all(wav.exists() for wav in wavs), what="both begin to sound")
    station.processes.end("phòng thu", signal.SIGKILL)
    station.processes.again("phòng thu")
    station.processes.wait_until(lambda: answers(station.url), what="the studio is back")
    station.processes.wait_until(lambda: all_finished(station, airing), what="both told that they finished")
    was_heard(station, booking)


@pytest.mark.timeout(240)
def test_a_wiped_broker_is_filled_again_and_the_next_airing_plays(station: Station) -> None:
    bulletin = approved(station)
    station.processes.end("phòng thu")
    kept = list((station.folder / "studio" / "broker").glob("**/mosquitto.db"))
    assert kept, "the broker keeps its retained messages somewhere"
    for database in kept:
        database.unlink()
    station.processes.again("phòng thu")
    station.processes.wait_until(lambda: answers(station.url), what="the studio is back")
    booking = booked(station, bulletin, ahead=15)
    station.processes.wait_until(lambda: all_finished(station, booking["airings"][0]), what="both finished")
    was_heard(station, booking)
