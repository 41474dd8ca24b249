"""The tables of firmware_notes/protocol.md, made from the code.

`python -m tests.support.protocol_tables` renews them.
"""

import re
import types
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from edge_agent.wire import accounts, documents, words
from edge_agent.wire.errors import Refusal
from edge_agent.wire.words import Message

PROTOCOL = Path(__file__).parents[2] / "firmware_notes" / "protocol.md"
_NAMES = {
    words.Utc: "instant",
    words.ZoneId: "zone id",
    words.DeviceId: "device id",
    words.AiringId: "airing id",
    words.Sha256: "sha256",
    words.Percent: "0–100",
    int: "whole number",
    float: "number",
    str: "text",
    bytes: "base64",
    bool: "true or false",
}
ENUMS: tuple[type[StrEnum], ...] = (
    words.Priority, words.Playback, words.Reason, words.ClockTrust, words.CommandName, words.ReplyState, Refusal,
)  # fmt: skip


def messages() -> dict[str, type[Message]]:
    found = {**vars(documents), **vars(accounts)}
    return {
        n: m for n, m in found.items() if isinstance(m, type) and issubclass(m, Message) and m is not Message
    }


def _type(of: Any) -> str:
    for known, name in _NAMES.items():
        if of == known:
            return name
    origin, arguments = get_origin(of), get_args(of)
    if origin is Annotated:
        return _type(arguments[0])
    if origin in (Union, types.UnionType):
        return " or ".join(_type(a) for a in arguments)
    if origin is Literal:
        return " or ".join(f"`{a}`" for a in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"{_type(arguments[0])} → {_type(arguments[1])}"
    return "null" if of is type(None) else str(getattr(of, "__name__", of))


def _annotation(field: FieldInfo) -> Any:
    """The annotation as it was written: pydantic moves what stands in Annotated into the metadata."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def table(name: str) -> str:
    """The table of one message, or of one list of words."""
    for enum in ENUMS:
        if enum.__name__ == name:
            return "\n".join(f"- `{word.value}`" for word in enum)
    rows = ["| field | type | meaning |", "|---|---|---|"]
    for field_name, field in messages()[name].model_fields.items():
        kind = _type(_annotation(field))
        if not field.is_required():
            kind += "; may be left out"
        rows.append(f"| `{field_name}` | {kind} | {_one_line(field.description)} |")
    return "\n".join(rows)


_MARKED = re.compile(r"<!-- (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def renewed(text: str) -> str:
    """The document with every marked table made anew."""
    return _MARKED.sub(lambda m: f"<!-- {m[1]} -->\n{table(m[1])}\n<!-- end -->", text)


def marked(text: str) -> set[str]:
    return set(re.findall(r"<!-- (\w+) -->\n", text)) - {"end"}


if __name__ == "__main__":
    PROTOCOL.write_text(renewed(PROTOCOL.read_text()))
