"""`loa bench speech`: real reading, real eSpeak, real children, at a size that takes seconds."""

import json
import subprocess
from collections.abc import Mapping

import pytest

from studio.bench.speech import Sizes, a_page, speech
from tests.bench.test_road import LOA, gone, of_this_test, surroundings

__all__ = ["surroundings"]


@pytest.mark.parametrize("characters", [300, 3_800, 20_000])
def test_a_page_is_as_long_as_asked_and_the_same_for_a_seed(characters: int) -> None:
    page = a_page(characters, 1)
    assert characters - 12 <= len(page) <= characters
    assert page == a_page(characters, 1) != a_page(characters, 2)


def test_every_goal_of_the_speech_has_a_figure_beside_a_floor_of_the_same_run() -> None:
    figures = list(speech(Sizes(characters=400, rounds=1)))
    assert [figure.unit for figure in figures] == ["ms", "s/s", "s/s", "s/s", "MB", "MB"]
    assert all(figure.value > 0 and figure.floor and figure.floor > 0 for figure in figures)
    assert [figure.goal != "" for figure in figures] == [True, True, False, True, True, True]
    assert all((figure.holds is None) == (figure.goal == "") for figure in figures)
    spoken, processor = figures[1], figures[2]
    assert spoken.value > 0.1 * processor.value  # the wall clock cannot be far behind the processors


def test_the_command_prints_what_the_design_promises_and_leaves_nothing(
    surroundings: Mapping[str, str],
) -> None:
    done = subprocess.run(
        [*LOA, "bench", "speech", "--characters", "300", "--rounds", "1", "--json"],
        env=surroundings, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told) == 6
    assert all(list(each) == ["what", "value", "unit", "floor", "goal", "holds", "ratio"] for each in told)
    assert gone(surroundings), of_this_test(surroundings)
