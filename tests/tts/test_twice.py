"""Document and telephone numbers said a second time."""

from pathlib import Path

import pytest

from tts.text.read import RULES as READING_RULES
from tts.text.read import read
from tts.text.reading import Reading, Span
from tts.twice import RULES, said_twice

BULLETINS = Path(__file__).parents[1] / "data" / "bulletins"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Bà con gọi số 0290 3831 234 để được giúp.",
            "bà con gọi số không hai chín không ba tám ba một hai ba bốn, nhắc lại, "
            "không hai chín không ba tám ba một hai ba bốn, để được giúp.",
        ),
        ("Gọi ngay 113.", "gọi ngay một một ba, nhắc lại, một một ba."),
        ("Họp lúc 7h30 ngày 24/11/2026.", read("Họp lúc 7h30 ngày 24/11/2026.").spoken),
    ],
)
def test_what_is_to_be_written_down_is_repeated_and_nothing_else(text: str, said: str) -> None:
    assert said_twice(read(text)).spoken == said


def test_a_document_number_is_repeated_without_its_kind() -> None:
    said = said_twice(read("Theo Nghị định số 49/2024/NĐ-CP ngày 10/5/2024.")).spoken
    once, again = said.split(", nhắc lại, ")
    assert once.startswith("theo nghị định số bốn mươi chín")
    assert again.startswith("bốn mươi chín")


def test_the_right_one_of_two_equal_numbers_is_repeated() -> None:
    spans = (
        Span(0, 3, "113", "chữ và số", "một một ba"),
        Span(3, 5, ", ", "như viết", ", "),
        Span(5, 8, "113", "số gọi ngắn", "một một ba"),
    )
    said = said_twice(Reading("một một ba, một một ba.", spans)).spoken
    assert said == "một một ba, một một ba, nhắc lại, một một ba."


@pytest.mark.parametrize("file", sorted(BULLETINS.glob("*.txt")), ids=lambda file: file.stem)
def test_no_word_is_lost_and_spans_and_warnings_stay(file: Path) -> None:
    once = read(file.read_text(encoding="utf-8"))
    twice = said_twice(once)
    assert (twice.spans, twice.warnings) == (once.spans, once.warnings)
    words = iter(twice.spoken.replace(",", " ").split())
    assert all(word in words for word in once.spoken.replace(",", " ").split())


def test_the_rules_it_goes_by_are_rules_of_reading() -> None:
    assert {rule.name for rule in READING_RULES} >= RULES
