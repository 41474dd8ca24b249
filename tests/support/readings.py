"""Compares what was read with what may be said: case, punctuation and spelling variants do not count."""

import itertools
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_FORMS = 20_000
"""Readings a pattern may unfold to; the patterns of the collection stay below it."""


@dataclass(frozen=True)
class Case:
    """A phrase and every way in which it may be said."""

    id: str
    category: str
    text: str
    spoken: str
    pattern: str = ""
    also: tuple[str, ...] = ()

    def accepts(self, said: str) -> bool:
        forms = [self.spoken, *self.also, *(unfold(self.pattern) if self.pattern else ())]
        return canonical(said) in {canonical(form) for form in forms}


def cases(path: Path) -> Iterator[Case]:
    """Read a collection of phrases, one JSON object a line."""
    for line in path.read_text(encoding="utf-8").splitlines():
        facts = json.loads(line)
        yield Case(**{**facts, "also": tuple(facts.get("also", ()))})


def unfold(pattern: str) -> list[str]:
    """Unfold «{a|b {c|}}» into all the sentences it stands for."""
    forms, end = _alternatives(pattern, 0, nested=False)
    assert end == len(pattern)
    return [" ".join(form.split()) for form in forms]


def _alternatives(pattern: str, at: int, *, nested: bool) -> tuple[list[str], int]:
    found: list[str] = []
    parts: list[list[str]] = [[""]]
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "{":
            inner, at = _alternatives(pattern, at, nested=True)
            parts.append(inner)
        elif nested and char in "|}":
            found += _products(parts)
            parts = [[""]]
            if char == "}":
                return list(dict.fromkeys(found)), at
        else:
            parts.append([char])
    assert not nested, f"unbalanced brace in {pattern}"
    return _products(parts), at


def _products(parts: list[list[str]]) -> list[str]:
    return ["".join(choice) for choice in itertools.islice(itertools.product(*parts), MOST_FORMS)]


_TONES = "\u0300\u0301\u0309\u0303\u0323"
_OLD_TONES = {
    unicodedata.normalize("NFC", pair + tone): unicodedata.normalize("NFC", pair[0] + tone + pair[1])
    for pair in ("oa", "oe", "uy")
    for tone in _TONES
}
_Y_TO_I = str.maketrans("yýỳỷỹỵ", "iíìỉĩị")
_I_TO_Y = str.maketrans("iíìỉĩị", "yýỳỷỹỵ")
_SAME = (
    (r"kil[oô] ?m[eé]t|k[iíi] l[oô] m[eé]t", "ki lô mét"),
    (r"kil[oô] ?gam|k[ií] l[oô] gam", "ki lô gam"),
    (r"mili ?gam|mi li gam", "mi li gam"),
    (r"mili ?lít|mi li lít", "mi li lít"),
    (r"mili ?m[eé]t|mi li m[eé]t", "mi li mét"),
    (r"(?:xăng|xen|sen|xenti|centi) ?ti m[eé]t|xentim[eé]t|centim[eé]t|xăngtim[eé]t", "xăng ti mét"),
    (r"hecta|hécta|hec ta|héc ta", "héc ta"),
    (r"kil[oô] ?oát|k[ií] l[oô] (?:oát|watt|oat)", "ki lô oát"),
    (r"đ[eêề] ?xi ?ben", "đề xi ben"),
    (r"ngàn", "nghìn"),
    (r"(trăm|nghìn|triệu|tỉ) lẻ", r"\1 linh"),
    (r"mươi nhăm", "mươi lăm"),
    (r"(mươi|linh) bốn", r"\1 tư"),
    (r"tháng bốn", "tháng tư"),
)


def canonical(said: str) -> str:
    """Fold away what the ear or the orthography does not tell apart: tỷ = tỉ, hoà = hòa, ngàn = nghìn."""
    text = unicodedata.normalize("NFC", said).lower()
    text = " ".join(re.sub(r"</?en>|[^\w\s]|_", " ", text).split())
    for old, new in _OLD_TONES.items():
        text = text.replace(old, new)
    text = re.sub(r"\b([hklmst])([yýỳỷỹỵ])\b", lambda found: found[1] + found[2].translate(_Y_TO_I), text)
    text = re.sub(r"\bqu([iíìỉĩị])\b", lambda found: "qu" + found[1].translate(_I_TO_Y), text)
    for pattern, same in _SAME:
        text = re.sub(rf"\b(?:{pattern})\b", same, text)
    return re.sub(r"\b(?:mùng|mồng) ", "", text)
