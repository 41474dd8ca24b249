"""Moments that people type: `17:30`, `24/11/2026 17:30`, `2h`. Pure."""

import re
from datetime import datetime, timedelta

import typer

_SPAN = re.compile(r"(\d{1,4})\s*(phút|p|m|giờ|h|g|ngày|d)")
_UNITS = {"phút": "minutes", "p": "minutes", "m": "minutes", "giờ": "hours", "h": "hours", "g": "hours"}
_UNITS |= {"ngày": "days", "d": "days"}
_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})")
_DAY_AND_CLOCK = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2})[:h](\d{2})")


def moment(text: str, now: datetime, *, option: str) -> datetime:
    """Read a moment to come. Times without an offset are in the zone of `now` (aware).

    `2h`, `30 phút`, `1 ngày` count from now; `17:30` is the next half past five; ISO 8601 is taken too.
    Raises typer.BadParameter that names `option`.
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
            return datetime(year, month, day, hour, minute, tzinfo=now.tzinfo)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            "không phải thời điểm; ví dụ: 2h, 30 phút, 17:30, 24/11/2026 17:30.", param_hint=option
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
