"""What a benchmark says: the keys that machines read, the table that people read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from studio.bench.figures import Figure, machine, percentile, table

MISSED = Figure(what="plan to last agent", value=3.0, unit="s", floor=1.2, goal="≤ 2 s", holds=False)
ALONE = Figure(what="pages", value=12.5, unit="ms")


def test_the_keys_are_those_that_the_design_promises() -> None:
    assert MISSED.model_dump(mode="json") == {
        "what": "plan to last agent",
        "value": 3.0,
        "unit": "s",
        "floor": 1.2,
        "ratio": 2.5,
        "goal": "≤ 2 s",
        "holds": False,
    }


def test_without_a_floor_there_is_no_ratio_and_without_a_goal_nothing_holds() -> None:
    told = ALONE.model_dump(mode="json")
    assert (told["floor"], told["ratio"], told["goal"], told["holds"]) == (None, None, "", None)


def test_the_table_shows_every_figure_and_shouts_a_missed_goal() -> None:
    console = Console(width=120, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as capture:
        console.print(table([MISSED, ALONE]))
    lines = capture.get().splitlines()
    missed = next(line for line in lines if "plan to last agent" in line)
    assert "NO" in missed
    assert "2.50" in missed
    assert any("12.5 ms" in line for line in lines)


def test_the_machine_is_described_in_one_line() -> None:
    assert "cores" in machine()
    assert "\n" not in machine()


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (95, 95), (100, 100), (1, 1)])
def test_a_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    assert percentile(range(100, 0, -1), percent) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.1, 100))
def test_so_many_values_do_not_exceed_a_percentile(values: list[float], percent: float) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100 - 1e-9
