"""Numbers as words: cardinals, decimals, digits one by one, Roman numerals."""

import re

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu")

NUMBER = r"(?:\d{1,3}(?:\.\d{3}){1,5}(?![\d.])|\d{1,3}(?:[ \u00a0]\d{3}){2,5}(?!\d)|\d{1,15})(?:,\d{1,15})?"
"""A number as it is written in Vietnam: 2.000.000 | 20 000 000 | 1.234,56 | 15."""

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
ROMAN = r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
"""A Roman numeral from I to XCIX, in capitals."""


def say_digits(written: str) -> str:
    """Say every digit of `written` by its name and nothing else: telephone numbers, identity numbers."""
    return " ".join(DIGITS[int(c)] for c in written if c.isdecimal())


def _tens(tens: int, units: int) -> list[str]:
    if tens == 0:
        return [DIGITS[units]]
    words = ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if units == 1 and tens > 1:
        return [*words, "mốt"]
    if units == 4 and tens > 1:
        return [*words, "tư"]
    if units == 5:
        return [*words, "lăm"]
    return [*words, DIGITS[units]] if units else words


def _group(value: int, *, full: bool) -> list[str]:
    """Three digits; `full` says the empty hundreds too («không trăm linh năm»)."""
    hundreds, rest = divmod(value, 100)
    if not hundreds and not full:
        return _tens(*divmod(rest, 10))
    words = [DIGITS[hundreds], "trăm"]
    if rest == 0:
        return words
    if rest < 10:
        return [*words, "linh", DIGITS[rest]]
    return words + _tens(*divmod(rest, 10))


def say_number(value: int) -> str:
    """Say a whole number from 0 up to 10^15: 2024 is «hai nghìn không trăm hai mươi tư»."""
    if value == 0:
        return DIGITS[0]
    billions, rest = divmod(value, 10**9)
    words = [*say_number(billions).split(), "tỷ"] if billions else []
    for power in (2, 1, 0):
        group, rest = divmod(rest, 1000**power)
        if group:
            words += _group(group, full=bool(words))
            words += [_GROUPS[power]] if power else []
    return " ".join(words)


def say_decimals(digits: str) -> str:
    """Say what stands behind the comma: 34 is «ba mươi tư», 05 «không năm», 125 «một trăm hai mươi lăm»."""
    if len(digits) > 3 or digits.startswith("0"):
        return say_digits(digits)
    return say_number(int(digits))


def say_written(written: str) -> str:
    """Say a number as `NUMBER` matches it; too large a one is said digit by digit."""
    whole, _, decimals = written.partition(",")
    whole = re.sub(r"\D", "", whole)
    said = say_digits(whole) if len(whole) > 15 else say_number(int(whole or 0))
    return f"{said} phẩy {say_decimals(decimals)}" if decimals else said


def roman(written: str) -> int:
    """Return the value of a Roman numeral that `ROMAN` matches."""
    values = [_ROMAN[c] for c in written]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))
