"""Words: Vietnamese ones are said as they stand, others as the base normaliser says them, or spelled."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from re import Match

from sea_g2p import Normalizer

from tts.text.letters import NAMES, has_vowel, is_syllable, spell
from tts.text.numbers import say_digits
from tts.text.reading import Doubt, Rule

_SAYABLE = re.compile(r"[^aeiouy]{0,2}(?:[aeiouy]{1,2}[^aeiouy]{1,2}){1,4}[aeiouy]{0,2}")
"""Consonants and vowels by turns, as in the name of a storm; an abbreviation is seldom so."""

_LATIN = re.compile(r"[^\W\d_]{1,200}")


@cache
def _base() -> Callable[[str], str]:
    normalize: Callable[[str], str] = Normalizer().normalize
    return normalize


@lru_cache(maxsize=20_000)
def _foreign(word: str) -> str:
    """Say a word that no Vietnamese would spell so; the base splits «YouTube» and knows a few more.

    One word at a time: over whole sentences the base loses repeated words («tháng năm năm 2025»).
    """
    said = _base()(word)
    steady = said.replace(" ", "").isalpha() and all(
        _base()(part) == part and len(part) > 1 and has_vowel(part) for part in said.split()
    )
    return said if steady else word.lower()


def _is_latin(word: str) -> bool:
    return all("LATIN" in unicodedata.name(c, "") for c in word)


def _word(match: Match[str]) -> str | Doubt | None:
    word = match[0]
    low = word.lower()
    if is_syllable(low) or (len(low) == 1 and NAMES.get(low) == low):
        return None
    if not _is_latin(word):
        return Doubt(
            "", f"Không đọc được «{word[:40]}»: không phải chữ Việt; hãy viết bằng tiếng Việt hoặc bỏ đi."
        )
    if len(low) == 1:
        return NAMES.get(low, low)
    if word.isupper() and len(word) > 3 and _SAYABLE.fullmatch(low):
        return Doubt(low, f"Đọc «{word[:40]}» như một từ; nếu là chữ viết tắt, hãy viết đầy đủ.")
    if (word.isupper() and len(word) <= 8 and not _spoken_name(low)) or not has_vowel(low):
        return Doubt(
            spell(word), f"Chưa biết chữ viết tắt «{word[:40]}» nên đọc từng chữ cái; hãy viết đầy đủ."
        )
    said = _foreign(word) if len(word) <= 40 and word.isascii() else low
    return said if said != low else None


def _spoken_name(low: str) -> bool:
    """Capitals of a headline may be a name of two Vietnamese syllables grown together, as «CAMAU»."""
    return any(is_syllable(low[:cut]) and is_syllable(low[cut:]) for cut in range(2, len(low) - 1))


def _other_script(match: Match[str]) -> Doubt:
    return Doubt(
        "", f"Không đọc được «{match[0][:40]}»: không phải chữ Việt; hãy viết bằng tiếng Việt hoặc bỏ đi."
    )


def _other_digits(match: Match[str]) -> Doubt:
    """Digits that came through every rule: said one by one, so that no figure is lost."""
    digits = "".join(str(unicodedata.digit(c, 0)) for c in match[0])
    return Doubt(
        say_digits(digits), f"Đọc từng chữ số «{match[0][:40]}» vì không rõ cách viết; hãy kiểm tra lại."
    )


def _unknown(match: Match[str]) -> Doubt:
    return Doubt("", f"Bỏ qua ký hiệu «{match[0][:20]}» vì không biết cách đọc; hãy viết bằng chữ.")


_SCRIPTS = (
    r"(?!\d)[\u0130\u0180-\u019f\u01a2-\u01ae\u01b1-\u1dff\u1f00-\u1fff\u2c00-\u2dff\u2e80-\ud7ff\uf900-\ufefe\uff5f-\uffdc"
    r"\U00010000-\U0003ffff]"
)
"""Everything that is neither Latin, punctuation nor a sign."""

SCRIPTS = (
    Rule(
        "chữ nước khác",
        re.compile(rf"(?:{_SCRIPTS}){{1,200}}(?:[ \u200b](?:{_SCRIPTS}){{1,200}}){{0,30}}"),
        _other_script,
    ),
)

WORDS = (
    Rule("từng chữ số", re.compile(r"\d+"), _other_digits),
    Rule("chữ", _LATIN, _word),
)

REST = (Rule("ký hiệu lạ", re.compile(r"[^\w\s.,;:!?\ue000]+"), _unknown),)
