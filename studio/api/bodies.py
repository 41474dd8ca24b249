"""What every body of the API must be beyond JSON: text that can be written down."""

from collections.abc import Iterator
from typing import Any

from fastapi import Request

from studio.errors import Invalid

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


async def check(request: Request) -> None:
    """Dependency of every API route; raises Invalid for half a character (`"\\ud800"`), which no database takes.

    JSON can say it though Unicode has no such character, and Python keeps it until somebody writes it down.
    """
    if request.headers.get("content-type", "").startswith(_FORMS):
        return  # already taken in by the route, and no JSON
    if b"\\u" not in await request.body():
        return
    try:
        told = await request.json()
    except (ValueError, RecursionError):
        return  # no JSON: the route says so
    if any("\ud800" <= char <= "\udfff" for text in _texts(told) for char in text):
        raise Invalid("Dữ liệu gửi lên có ký tự hỏng (nửa ký tự Unicode). Hãy gõ lại phần chữ đó.")


def _texts(told: Any) -> Iterator[str]:
    """Every name and text in a JSON value, however deep."""
    left = [told]
    while left:
        match left.pop():
            case str() as text:
                yield text
            case list() as items:
                left += items
            case dict() as fields:
                left += [*fields, *fields.values()]
