"""The command line by itself: help, usage, exit codes, moments, the merging of answers."""

from datetime import datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio import cli
from studio.cli.orders import FINAL, RANK, merged
from studio.errors import Invalid
from studio.moments import moment, time_of_day
from tests.cli.conftest import Loa

HERE = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 24, 12, 0, 30, tzinfo=HERE)
ACCENTED = set("ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ")


@pytest.mark.parametrize(("path", "command"), list(cli.commands()), ids=lambda each: str(each)[:40])
def test_every_command_and_option_explains_itself_in_vietnamese(path: str, command: Any) -> None:
    assert ACCENTED & set((command.help or "").casefold()), f"loa {path} needs a sentence"
    for parameter in command.params:
        assert ACCENTED & set((parameter.help or "").casefold()), f"loa {path}: {parameter.name}"


@pytest.mark.parametrize("path", [path for path, _ in cli.commands()])
def test_help_is_no_error_and_all_in_vietnamese(typed: Loa, path: str) -> None:
    told = typed(*path.split(), "--help")
    assert told.code == 0
    assert told.err == ""
    assert f"Cách dùng: loa {path}".strip() in told.out
    assert "Xem hướng dẫn này" in told.out
    assert "Usage" not in told.out


@pytest.mark.parametrize(
    "words",
    [
        ["nope"],
        ["--nope"],
        ["fleet", "nope"],
        ["fleet", "show"],
        ["fleet", "show", "a", "b"],
        ["fleet", "mute", "a", "--reason"],
        ["fleet", "self-test", "a", "--wait", "x"],
        ["fleet", "list", "--zone"],
        ["fleet", "enrol", "a", "--zone", "z"],
        ["studio", "serve", "--log-level", "loud"],
        ["studio", "serve", "--port", "99999"],
    ],
)
def test_wrong_usage_is_one_vietnamese_line_and_2(typed: Loa, words: list[str]) -> None:
    told = typed(*words)
    assert told.code == 2
    assert told.out == ""
    assert len(told.err.splitlines()) == 1, told.err
    assert ACCENTED & set(told.err.casefold())


def test_codes_are_told_where_people_look(typed: Loa) -> None:
    said = " ".join(typed("--help").out.split())
    for part in (
        "0 xong",
        "1 có lỗi",
        "2 gõ sai lệnh",
        "3 chưa đăng nhập",
        "4 có cụm loa",
        "5 không kết nối",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2h", NOW + timedelta(hours=2)),
        ("30 phút", NOW + timedelta(minutes=30)),
        ("1 NGÀY", NOW + timedelta(days=1)),
        ("17:30", NOW.replace(hour=17, minute=30, second=0)),
        ("05:30", NOW.replace(day=25, hour=5, minute=30, second=0)),
        ("12:00", NOW.replace(day=25, second=0)),
        ("25/11/2026 05:30", NOW.replace(day=25, hour=5, minute=30, second=0)),
        ("2026-11-25T05:30", NOW.replace(day=25, hour=5, minute=30, second=0)),
        ("2026-11-24T22:30:00+00:00", NOW.replace(day=25, hour=5, minute=30, second=0)),
    ],
)
def test_moments_are_read_as_people_mean_them(text: str, meant: datetime) -> None:
    assert moment(text, NOW) == meant


@pytest.mark.parametrize("text", ["", "mai", "25:00", "31/02/2026 10:00", "9999 ngày x", "2h2", "17:60"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        moment(text, NOW)


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_of_day_is_the_next_one(hour: int, minute: int) -> None:
    found = moment(f"{hour:02}:{minute:02}", NOW)
    assert NOW < found <= NOW + timedelta(days=1)
    assert (found.hour, found.minute) == (hour, minute)


@given(
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.sampled_from(["%H:%M", "%Hh%M", "%H%M", " %H.%M "]),
)
def test_a_time_of_day_is_read_however_it_is_written(meant: time, form: str) -> None:
    assert time_of_day(meant.strftime(form)) == meant


@pytest.mark.parametrize(
    ("text", "meant"), [("9:30", time(9, 30)), ("9h", time(9)), ("21H", time(21)), ("930", time(9, 30))]
)
def test_an_hour_may_be_short(text: str, meant: time) -> None:
    assert time_of_day(text) == meant


@pytest.mark.parametrize("text", ["", "9", "24:00", "21:60", "9:30 PM", "21:3", "::", "٢١:٣x"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        time_of_day(text)


answers = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(RANK))), max_size=6)


@given(st.lists(answers, max_size=4), st.sets(st.sampled_from("abc")))
def test_each_device_that_has_a_box_counts_once_with_its_best_word(
    told: list[list[tuple[str, str | None]]], boxless: set[str]
) -> None:
    commands = [
        {"answers": [{"device": d, "name": d, "state": s, "reason": "", "detail": ""} for d, s in each]}
        for each in told
    ]
    outcome = merged(commands, boxless)
    words: dict[str, set[str | None]] = {}
    for each in told:
        for name, state in each:
            words.setdefault(name, set()).add(state)
    expected = {name for name in words if name not in boxless}
    assert [answer["device"] for answer in outcome.answers] == sorted(expected)
    done = {name for name in expected if "done" in words[name]}
    failed = {name for name in expected - done if "failed" in words[name]}
    assert set(outcome.failed) == failed
    assert set(outcome.silent) == expected - done - failed
    assert all(answer["state"] in FINAL for answer in outcome.answers if answer["device"] in done | failed)
