"""`loa fleet` against a served studio: what is shown, changed and ordered, and who did not answer."""

import time
from collections.abc import Callable

import pytest

from tests.cli.conftest import Loa, Served


def until(holds: Callable[[], bool], *, patience_s: float = 15.0) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, "it does not come true"
        time.sleep(0.1)


def device(desk: Loa, name: str) -> dict[str, object]:
    found: dict[str, object] = desk("fleet", "show", name, "--json").json
    return found


def test_the_list_names_every_device(desk: Loa) -> None:
    told = desk("fleet", "list", "--json")
    assert told.code == 0
    known = {each["id"]: each for each in told.json}
    assert known["loa-1"]["name"] == "Nhà văn hóa ấp 1"
    assert known["loa-1"]["state"] == "new"
    table = desk("fleet", "list").out
    assert "Chưa ghi danh" in table
    assert "Chợ [bold]Tân Lập" in table, "names are text, not colours"


def test_enrolment_prints_the_whole_line(studio: Served) -> None:
    told = studio("fleet", "enrol", "loa-1")
    assert told.code == 0
    (line,) = [each for each in told.out.splitlines() if each.startswith("loa-agent")]
    words = line.split()
    assert words[:4] == ["loa-agent", "enrol", "--studio", studio.url]
    assert words[4] == "--code"
    code, _, kid = words[5].partition(".")
    assert len(code) == 10
    assert len(kid) == 16
    assert studio("fleet", "enrol", "loa-1", "--json").json["command"].startswith("loa-agent enrol")


def test_a_volume_is_set_on_many_and_the_unknown_are_named(desk: Loa) -> None:
    told = desk("fleet", "volume", "loa-1", "khong-co", "loa-2", "35")
    assert told.code == 1
    assert "khong-co" in told.err
    assert [device(desk, name)["volume"] for name in ("loa-1", "loa-2")] == [35, 35]


def test_a_box_that_is_there_holds_its_new_volume_when_the_command_ends(desk: Loa, box: str) -> None:
    until(lambda: device(desk, box)["state"] == "online")
    for percent in (41, 42):
        told = desk("fleet", "volume", box, str(percent), "--wait", "30", "--json")
        assert told.code == 0, told.err
        (settled,) = told.json
        assert settled["held"] is True
        assert settled["presence"]["config"] >= settled["config"]
        assert settled["presence"]["volume"] == percent, "what sounds now, as the box told it"
    assert "đã nhận" in desk("fleet", "volume", box, "42").out, "what it holds already is not waited for"


def test_boxes_that_do_not_hold_a_change_in_time_are_named(desk: Loa, box: str, absent: str) -> None:
    until(lambda: device(desk, box)["state"] == "online")
    for words in (
        ("volume", box, absent, "43"),
        ("mute", box, absent, "--reason", "Loa rú"),
        ("unmute", box, absent),
    ):
        told = desk("fleet", *words, "--wait", "6", "--json")
        assert told.code == 4, words
        assert told.err == f"loa: Chưa nhận: {absent}; khi có mạng cụm loa sẽ tự nhận.\n"
        assert {each["id"]: each["held"] for each in told.json} == {box: True, absent: False}
    told = desk("fleet", "volume", absent, "khong-co", "44", "--wait", "0")
    assert told.code == 1, "what was refused must be mended first"
    assert "khong-co" in told.err
    assert f"Chưa nhận: {absent}" in told.err


@pytest.mark.parametrize("wrong", ["101", "to", "-5", "1" * 5000])
def test_a_volume_that_cannot_be_is_wrong_usage(typed: Loa, wrong: str) -> None:
    told = typed("fleet", "volume", "loa-1", wrong)
    assert told.code == 2
    assert len(told.err.splitlines()) == 1


def test_a_mute_has_a_reason_an_end_and_is_lifted(desk: Loa) -> None:
    told = desk("fleet", "mute", "loa-1", "--reason", "Loa rú", "--until", "2h")
    assert told.code == 0, told.err
    assert device(desk, "loa-1")["muted"] == "Loa rú"
    assert desk("fleet", "unmute", "loa-1").code == 0
    assert device(desk, "loa-1")["muted"] is None
    past = desk("fleet", "mute", "loa-1", "--reason", "x", "--until", "01/01/2020 07:00")
    assert past.code == 1
    assert "tương lai" in past.err
    assert desk("fleet", "mute", "loa-1").code == 2


def test_a_device_that_answers_is_done(desk: Loa, box: str) -> None:
    until(lambda: device(desk, box)["state"] == "online")
    told = desk("fleet", "self-test", box, "--wait", "20", "--json")
    assert told.code == 0, told.err
    assert [(each["device"], each["state"]) for each in told.json] == [(box, "done")]


def test_those_that_do_not_answer_are_named(studio: Served, desk: Loa, box: str) -> None:
    until(lambda: device(desk, box)["state"] == "online")
    told = studio("fleet", "stop", "loa-1", box, "--wait", "3", "--json")
    assert told.code == 4
    assert told.err == "loa: Không trả lời: loa-1.\n"
    assert {each["device"]: each["state"] for each in told.json} == {"loa-1": None, box: "done"}


def test_stopping_everything_reaches_the_boxes_and_asks_first(studio: Served, desk: Loa, box: str) -> None:
    until(lambda: device(desk, box)["state"] == "online")
    asked = studio("fleet", "stop", "--all", stdin="n\n")
    assert asked.code == 130
    told = studio("fleet", "stop", "--all", "--yes", "--wait", "10", "--json")
    assert told.code == 0, told.err
    assert [each["device"] for each in told.json] == [box], "devices without a box are not waited for"


@pytest.mark.parametrize(
    "words", [[], ["loa-1", "--all"], ["--zone", "a", "--all"], ["loa-1", "--zone", "a"]]
)
def test_whom_to_stop_is_said_once(typed: Loa, words: list[str]) -> None:
    told = typed("fleet", "stop", *words)
    assert told.code == 2
    assert "--all" in told.err


def test_an_unknown_device_or_zone_is_named(desk: Loa) -> None:
    for words in (
        ("show", "khong-co"),
        ("list", "--zone", "khong-co"),
        ("stop", "--zone", "khong-co"),
        ("enrol", "khong-co"),
        ("self-test", "khong-co"),
    ):
        told = desk("fleet", *words)
        assert told.code == 1, words
        assert "khong-co" in told.err
        assert told.out == ""


def test_a_device_is_not_added_twice(desk: Loa) -> None:
    told = desk("fleet", "enrol", "loa-1", "--name", "Trùng")
    assert told.code == 1
    assert "đã được dùng" in told.err


def test_an_id_with_strange_letters_does_no_harm(desk: Loa) -> None:
    for strange in ("../zones", "loa-1?x", "a/b", "ấp"):
        assert desk("fleet", "show", strange).code == 1
