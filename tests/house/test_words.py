"""Vietnamese is spelt in one way: oa, oe and uy carry their tone where the texts of the law put it (hủy, khóa)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOMS = ("studio", "edge_agent", "scheduler", "tts", "firmware_notes", "README.md", "CHANGELOG.md", "run")
WRITTEN = (".py", ".html", ".css", ".md", ".toml", "")
READS_BOTH = (Path("tts/text/furniture.py"), Path("studio/imports/titles.py"))
"""Patterns for what other people have written."""
OTHERWISE = re.compile(r"\w*(?<!q)(?:o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ])(?!\w)", re.IGNORECASE)
"""A syllable that ends in oa, oe or uy with its tone on the second vowel; not «quý», whose u belongs to the q."""


def files() -> Iterator[Path]:
    for room in map(Path, ROOMS):
        found = [room] if room.is_file() else room.rglob("*")
        yield from (
            file for file in found if file.is_file() and file.suffix in WRITTEN and file not in READS_BOTH
        )


@pytest.mark.parametrize("word", ["huỷ", "Xoá", "khoá", "TUỲ", "hoè", "luỹ"])
def test_the_other_spelling_is_noticed(word: str) -> None:
    assert OTHERWISE.search(f"«{word}»")


@pytest.mark.parametrize("word", ["hủy", "Xóa", "quý", "Quý", "khoản", "hoàn toàn", "khuỷu", "loét", "ngoài"])
def test_the_chosen_spelling_and_closed_syllables_pass(word: str) -> None:
    assert not OTHERWISE.search(word)


def test_nothing_we_write_is_spelt_the_other_way() -> None:
    wrong = {str(file): OTHERWISE.findall(file.read_text(encoding="utf-8")) for file in files()}
    assert {file: words for file, words in wrong.items() if words} == {}
    assert len(wrong) > 250, "it has looked"
