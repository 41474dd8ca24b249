"""What an engine is given at a time: nothing lost, nothing too short."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.breaths import breaths
from tts.engines import Manner
from tts.text.sentences import paragraphs

NEURAL = Manner(least_words=5, most_characters=140)
PLAIN = Manner()

words = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạ", min_size=1, max_size=7)
marked = st.tuples(words, st.sampled_from(["", "", "", "", ",", ";", ":", ".", "?", "!"])).map("".join)
lines = st.lists(marked, min_size=1, max_size=80).map(" ".join)
texts = st.lists(lines, min_size=1, max_size=8).map("\n".join)


def cut(text: str, manner: Manner = NEURAL) -> list[str]:
    return [breath.text for breath in breaths(paragraphs(text), manner)]


@given(texts)
def test_no_word_is_lost_doubled_or_moved(text: str) -> None:
    said = re.findall(r"\w+", " ".join(cut(text)))
    assert said == re.findall(r"\w+", text)


@given(texts)
def test_nothing_is_shorter_than_the_least_unless_all_of_it_is(text: str) -> None:
    pieces = cut(text)
    assert len(pieces) == 1 or min(len(piece.split()) for piece in pieces) >= NEURAL.least_words


@given(texts)
def test_nothing_is_much_longer_than_the_most(text: str) -> None:
    # What is cut is as short as asked; what is put to it has fewer words than the least.
    most = NEURAL.most_characters + 2 * NEURAL.least_words * 9
    assert max(len(piece) for piece in cut(text)) <= most


@given(texts)
def test_an_engine_that_takes_everything_gets_sentences(text: str) -> None:
    assert cut(text, PLAIN) == [sentence for paragraph in paragraphs(text) for sentence in paragraph]


def test_a_title_goes_with_what_follows_it_after_a_full_stop() -> None:
    assert cut("thông báo\nngày mai cả ấp cúp điện.") == ["thông báo. ngày mai cả ấp cúp điện."]


def test_a_short_end_goes_with_what_precedes_it() -> None:
    assert cut("ngày mai cả ấp cúp điện. xin cảm ơn.\nủy ban nhân dân xã tân lập.") == [
        "ngày mai cả ấp cúp điện. xin cảm ơn.",
        "ủy ban nhân dân xã tân lập.",
    ]


@pytest.mark.parametrize("mark", [",", ";"])
def test_a_long_sentence_is_cut_where_it_pauses(mark: str) -> None:
    half = " ".join(["chữ"] * 30)
    assert cut(f"{half}{mark} {half}.") == [f"{half}{mark}", f"{half}."]


def test_only_the_last_piece_of_a_paragraph_ends_it() -> None:
    half = " ".join(["chữ"] * 30)
    pieces = breaths(paragraphs(f"{half}, {half}.\nmột hai ba bốn năm."), NEURAL)
    assert [piece.ends_paragraph for piece in pieces] == [False, True, True]
