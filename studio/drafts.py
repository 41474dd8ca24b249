"""What somebody wants a bulletin to say, before it is one: cleaned, or refused with a word of what to mend. Pure."""

import unicodedata

from pydantic import BaseModel, ConfigDict

from studio.errors import Invalid
from studio.plain_text import plain
from tts.text.read import read

LONGEST_TEXT = 60_000
"""Characters: more than an hour of speech."""
LONGEST_TITLE = 200


class Draft(BaseModel):
    """What somebody wants a bulletin to say. `title` is its name in lists; only `text` is spoken."""

    model_config = ConfigDict(frozen=True)

    title: str
    text: str


def clean(draft: Draft) -> Draft:
    """Return the draft as it is kept (NFC, plain line ends, no hidden signs); raises Invalid, naming what to mend."""
    title = one_line(draft.title, "title")
    if len(draft.text) > 4 * LONGEST_TEXT:  # not worth looking at closely
        raise _too_long(len(draft.text))
    text = "\n".join(line.rstrip() for line in plain(draft.text).split("\n")).strip()
    if not title:
        raise Invalid("Hãy đặt tiêu đề cho bản tin.", field="title")
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"Tiêu đề dài {len(title)} ký tự; tối đa {LONGEST_TITLE}.", field="title")
    if not text:
        raise Invalid("Bản tin chưa có nội dung.", field="text")
    if len(text) > LONGEST_TEXT:
        raise _too_long(len(text))
    refuse_binary(text, "text")
    if not read(text).spoken:
        raise Invalid("Nội dung không có chữ nào đọc được thành tiếng.", field="text")
    return Draft(title=title, text=text)


def folded(text: str) -> str:
    """Spell it as people type in a hurry: no accents, no capitals («Bão số 13» → «bao so 13»).

    No database does that for Vietnamese by itself: SQLite's and PostgreSQL's C locale fold ASCII only.
    """
    apart = unicodedata.normalize("NFD", plain(text).casefold()).replace("đ", "d")
    return " ".join("".join(char for char in apart if not unicodedata.combining(char)).split())


def named(words: str, *names: str) -> bool:
    """Say whether every one of these words, however typed, stands in one of the names; no words are in all."""
    return not words or all(word in folded(" ".join(names)) for word in folded(words).split())


def one_line(text: str, field: str) -> str:
    """Clean what people type into a single line: a name, a title, a reason. Raises Invalid for what is no letter."""
    line = " ".join(plain(text).split())
    if any(map(_is_binary, line)):
        raise Invalid("Có ký tự không phải là chữ. Hãy xóa rồi gõ lại.", field=field)
    return line


def refuse_binary(text: str, field: str) -> None:
    """Raise Invalid, naming the line, for what was pasted from a file that is no text: NUL, half a character."""
    for number, line in enumerate(text.split("\n"), 1):
        if any(map(_is_binary, line)):
            raise Invalid(
                f"Dòng {number} có ký tự không phải là chữ (có lẽ dán từ tệp nhị phân hoặc sai bảng mã). "
                "Hãy mở tệp bằng trình soạn thảo rồi chép phần chữ.",
                field=field,
            )


def _is_binary(char: str) -> bool:
    return char == "\ufffd" or (char != "\t" and unicodedata.category(char) in ("Cc", "Cs", "Cn"))


def _too_long(length: int) -> Invalid:
    return Invalid(
        f"Nội dung dài {length:,} ký tự; tối đa {LONGEST_TEXT:,}. Hãy chia thành nhiều bản tin.".replace(
            ",", "."
        ),
        field="text",
    )
