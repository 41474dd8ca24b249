"""Moments that people type or programs send: `17:30`, `24/11/2026 17:30`, `2h`. Pure."""

import re
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from scheduler.rules import YEARS
from studio.errors import Invalid

_SPAN = re.compile(r"(\d{1,4})\s*(phút|p|m|giờ|h|g|ngày|d)")
_UNITS = {"phút": "minutes", "p": "minutes", "m": "minutes", "giờ": "hours", "h": "hours", "g": "hours"}
_UNITS |= {"ngày": "days", "d": "days"}
_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})")
_TIME_OF_DAY = re.compile(r"(\d{1,2})(?:[:h.]?(\d{2})|h)")
_DAY_AND_CLOCK = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2})[:h](\d{2})")


def near(at: datetime) -> datetime:
    """Return `at` if its year is one of `scheduler.rules.YEARS`: in every time zone it can be shown and reckoned with.

    Raises ValueError, in Vietnamese, otherwise.
    """
    if at.year not in YEARS:
        raise ValueError(f"năm phải từ {YEARS[0]} đến {YEARS[-1]}")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(near)]
"""An instant that a program sends."""


def moment(text: str, now: datetime) -> datetime:
    """Read a moment to come. Times without an offset are in the zone of `now` (aware).

    `2h`, `30 phút`, `1 ngày` count from now; `17:30` is the next half past five; ISO 8601 is taken too.
    Raises Invalid without a field.
    """
    text = " ".join(text.split()).casefold()
    try:
        if span := _SPAN.fullmatch(text):
            return now + timedelta(**{_UNITS[span.group(2)]: int(span.group(1))})
        if clock := _CLOCK.fullmatch(text):
            found = now.replace(hour=int(clock.group(1)), minute=int(clock.group(2)), second=0, microsecond=0)
            return found if found > now else found + timedelta(days=1)
        if whole := _DAY_AND_CLOCK.fullmatch(text):
            day, month, year, hour, minute = map(int, whole.groups())
            found = datetime(year, month, day, hour, minute, tzinfo=now.tzinfo)
        else:
            found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise Invalid("Không phải thời điểm; ví dụ: 2h, 30 phút, 17:30, 24/11/2026 17:30.") from error
    try:
        return near(found if found.tzinfo else found.replace(tzinfo=now.tzinfo))
    except ValueError as error:
        raise Invalid(f"Thời điểm quá xa: {error}.") from error


def time_of_day(text: str) -> time:
    """Read `21:30`, `21h30`, `2130` or `21h`: 24 hours, never morning and evening.

    Raises ValueError.
    """
    found = _TIME_OF_DAY.fullmatch(text.strip().casefold())
    if found is None:
        raise ValueError(f"no time of day: {text!r}")
    return time(int(found.group(1)), int(found.group(2) or 0))
