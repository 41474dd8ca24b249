"""The numbers of Word's automatic lists: «Điều 1.», «a)» are not in the text, they are counted. Pure.

Source: ECMA-376 part 1, 17.9 (numbering): a `num` points to an `abstractNum`, whose levels say how a number is written.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
LEVELS = 9


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered."""

    form: str = "decimal"
    pattern: str = "%1."
    start: int = 1
    only_figures: bool = False


@dataclass
class Numbering:
    """Counts the lists of one document, in its order."""

    lists: dict[str, str] = field(default_factory=dict)
    """num → abstractNum."""
    levels: dict[tuple[str, int], Level] = field(default_factory=dict)
    """(abstractNum, level) → how it is numbered."""
    restarts: dict[tuple[str, int], int] = field(default_factory=dict)
    """(num, level) → where this num begins anew, once."""
    _counts: dict[str, list[int | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, element: Any) -> "Numbering":
        """From the root element of numbering.xml; None is a document without lists."""
        told = cls()
        for abstract in element.findall(qn("w:abstractNum")) if element is not None else ():
            for level in abstract.findall(qn("w:lvl")):
                key = abstract.get(qn("w:abstractNumId"), ""), _number(level.get(qn("w:ilvl")), 0)
                told.levels[key] = _level(level)
        for num in element.findall(qn("w:num")) if element is not None else ():
            name = num.get(qn("w:numId"), "")
            told.lists[name] = value_of(num, "w:abstractNumId") or ""
            for override in num.findall(qn("w:lvlOverride")):
                at = _number(override.get(qn("w:ilvl")), 0)
                if (start := value_of(override, "w:startOverride")) is not None:
                    told.restarts[name, at] = _number(start, 1)
        return told

    def next(self, num: str, at: int) -> str:
        """Count one paragraph of list `num` at level `at` (from 0); returns what stands before it, or ""."""
        abstract = self.lists.get(num)
        level = self.levels.get((abstract or "", at))
        if abstract is None or level is None or not 0 <= at < LEVELS:
            return ""
        counts = self._counts.setdefault(abstract, [None] * LEVELS)
        for higher in range(at):
            if counts[higher] is None:
                counts[higher] = self._start(abstract, higher)
        again = self.restarts.pop((num, at), None)
        so_far = counts[at]
        counts[at] = again if again is not None else level.start if so_far is None else so_far + 1
        counts[at + 1 :] = [None] * (LEVELS - at - 1)
        if level.form == "bullet":
            return "-"
        return "" if level.form == "none" else self._written(abstract, level, counts)

    def _start(self, abstract: str, at: int) -> int:
        return self.levels.get((abstract, at), Level()).start

    def _written(self, abstract: str, level: Level, counts: list[int | None]) -> str:
        def one(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            form = "decimal" if level.only_figures else self.levels.get((abstract, at), Level()).form
            return written(counts[at] or 0, form)

        return re.sub(r"%([1-9])", one, level.pattern).strip()


def written(number: int, form: str) -> str:
    """Write a number as Word does; a form that is not known is written in figures."""
    if form in ("lowerLetter", "upperLetter") and 0 < number <= 780:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        return _roman(number).upper() if form == "upperRoman" else _roman(number)
    return f"{number:02}" if form == "decimalZero" else str(number)


def _roman(number: int) -> str:
    told = ""
    for value, sign in _ROMAN:
        told += sign * (number // value)
        number %= value
    return told


def _level(element: Any) -> Level:
    return Level(
        form=value_of(element, "w:numFmt") or "decimal",
        pattern=(value_of(element, "w:lvlText") or "")[:60],
        start=_number(value_of(element, "w:start"), 1),
        only_figures=element.find(qn("w:isLgl")) is not None,
    )


def value_of(element: Any, name: str) -> str | None:
    """What the child `name` of an element says in its `w:val`; None if there is no such child."""
    child = None if element is None else element.find(qn(name))
    told = None if child is None else child.get(qn("w:val"))
    return None if told is None else str(told)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 else otherwise
