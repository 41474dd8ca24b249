"""Finds the article in the plain text of a news page, as staff copy it from a browser. Pure.

A page carries its weather, menus, author, captions and other stories around the article. What tells the article
apart is that it is *prose*: lines that are sentences, close together, and said once. Nothing is thrown away in
silence: whatever is left out is handed back.
"""

import re
import unicodedata
from dataclasses import dataclass

from studio.imports.found import END_OF_SENTENCE, Found, Kind, Line, Part, Unreadable
from studio.plain_text import plain

LONG = 120
"""Characters from which a line ending in a full stop is surely a paragraph of prose."""

SHORT = 25
"""Characters from which a sentence next to prose belongs to it."""

FAR = 6
"""Lines that are no prose in a row after which the article is over."""

_OTHER_STORIES = re.compile(
    r"(?:(?:tin|bài|tin bài|các tin|bài viết|tin tức)\s+)?(?:liên quan|khác|cùng chuyên mục|mới nhất|nổi bật)"
    r"|(?:tin|bài|tin bài)\s+(?:mới|khác|nóng|đọc nhiều)(?:\s+nhất)?|đọc nhiều(?:\s+nhất)?|đọc thêm|xem thêm|xem nhiều"
    r"|có thể bạn quan tâm|bạn đọc quan tâm|ý kiến bạn đọc|bình luận(?:\s*\(\d+\))?|từ khóa|tags?|chia sẻ",
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    r"(?:thứ \w+,?\s*)?(?:ngày\s*)?\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?:\s*[,|-]?\s*\d{1,2}[:h]\d{2})?(?:\s*\(?gmt.{0,6})?"
    r"|.{2,50}?\d{1,2}\s?°\s?c|aa?|a[+-]|theo dõi.{0,40}|chia sẻ"
    r"|facebook|zalo|twitter|print|in bài|google news|trang chủ"
    r"|.{0,20}bấm để nghe.{0,20}|nghe bài viết|0?\d:\d\d|\(?(?:ảnh|nguồn ảnh)\s*:.{0,60}",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"(?:Ảnh|Nguồn ảnh|Clip|Video)\s*[:.]")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    prose: bool
    repeated: bool


def find_article(page: str, kind: Kind = Kind.TEXT) -> Found:
    """Find title and body in the text of a page; a plain bulletin comes back whole.

    Raises Unreadable if there is no text, or if what was pasted is a file and not text.
    """
    text = plain(page).strip("\n\t ")
    _insist_on_text(text)
    lines = _lines(text)
    if not _is_a_page(lines):
        return _whole(text, kind)
    start, end = _stretch(lines)
    title_at = _title(lines, start)
    title = lines[title_at].text if title_at is not None else ""
    kept = {at for at in range(start, end) if not _is_left_out(lines, at, title, first=at == start)}
    if not kept:
        return _whole(text, kind)

    def part(at: int) -> Part:
        return Part.TITLE if at == title_at else Part.BODY if at in kept else Part.LEFT_OUT

    return Found(kind, title, tuple(Line(line.text, part(at)) for at, line in enumerate(lines)))


def is_furniture(line: str) -> bool:
    """Tell whether a line is there for the page only: a date, a temperature, «chia sẻ», «bài liên quan», a caption."""
    return (
        any(each.fullmatch(line) for each in (_FURNITURE, _OTHER_STORIES)) or _CAPTION.match(line) is not None
    )


def is_sentence(line: str) -> bool:
    """Tell whether a line next to prose belongs to it."""
    return len(line) >= SHORT and line.endswith((".", "!", "?", "”")) and not _FURNITURE.fullmatch(line)


def _insist_on_text(text: str) -> None:
    if not any(char.isalpha() for char in text):
        raise Unreadable("Văn bản trống hoặc không có chữ nào; hãy dán nội dung bản tin vào rồi thử lại.")
    sample = text[:20_000]
    strange = sum(
        char == "\ufffd"
        or (unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs") and char not in "\n\t\f\v")
        for char in sample
    )
    if strange > len(sample) / 50:
        raise Unreadable(
            "Nội dung dán vào không phải văn bản (có thể là tệp Word, PDF hoặc ảnh); "
            "hãy mở tệp đó, chép phần chữ rồi dán lại."
        )


def _lines(text: str) -> list[_Line]:
    written = [" ".join(line.split()) for line in text.split("\n")]
    written = [line for line in written if line]
    seen: dict[str, int] = {}
    for line in written:
        seen[line.casefold()] = seen.get(line.casefold(), 0) + 1
    return [_Line(line, _is_prose(line), seen[line.casefold()] > 1) for line in written]


def _is_prose(line: str) -> bool:
    return len(line) >= LONG and END_OF_SENTENCE.search(line) is not None and not line.isupper()


def _is_a_page(lines: list[_Line]) -> bool:
    """A page repeats headlines or carries furniture; a bulletin that staff typed does neither."""
    furniture = sum(
        bool(_FURNITURE.fullmatch(line.text) or _OTHER_STORIES.fullmatch(line.text)) for line in lines
    )
    headlines = {line.text.casefold() for line in lines if line.repeated and len(line.text) > 25}
    return any(line.prose for line in lines) and furniture + len(headlines) >= 2


def _stretch(lines: list[_Line]) -> tuple[int, int]:
    """Return the stretch, start to end, with the most prose: it may hold headings, but no other stories."""
    best, best_weight = (0, len(lines)), 0
    start = 0
    while start < len(lines):
        if not lines[start].prose:
            start += 1
            continue
        end, weight = _grow(lines, start)
        if weight > best_weight:
            best, best_weight = (start, end), weight
        start = end
    first, last = best
    while first > 0 and is_sentence(lines[first - 1].text) and not lines[first - 1].repeated:
        first -= 1
    while last < len(lines) and is_sentence(lines[last].text) and not lines[last].repeated:
        last += 1
    return first, last


def _grow(lines: list[_Line], start: int) -> tuple[int, int]:
    end, weight, at = start, 0, start
    while at < len(lines) and at - end <= FAR and not _begins_other_stories(lines, at):
        if lines[at].prose:
            weight += len(lines[at].text)
            end = at + 1
        at += 1
    return max(end, start + 1), weight


def _begins_other_stories(lines: list[_Line], at: int) -> bool:
    """«Bài liên quan», or a headline written twice running: the anchor of the picture and that of the text."""
    line = lines[at].text
    if _OTHER_STORIES.fullmatch(line.rstrip(":").strip()):
        return True
    return (
        at + 1 < len(lines)
        and not lines[at].prose
        and len(line) > 25
        and line.casefold() == lines[at + 1].text.casefold()
    )


def _title(lines: list[_Line], start: int) -> int | None:
    """The headline stands before the body; the site repeats it, or it is the longest line there."""
    before = [at for at in range(max(0, start - 12), start) if not _FURNITURE.fullmatch(lines[at].text)]
    headlines = [
        at
        for at in before
        if 20 <= len(lines[at].text) <= 250 and not lines[at].text.startswith(("•", "-", "*"))
    ]
    repeated = [at for at in headlines if lines[at].repeated]
    return max(repeated or headlines, key=lambda at: len(lines[at].text), default=None)


def _is_left_out(lines: list[_Line], at: int, title: str, *, first: bool) -> bool:
    """Inside the body: furniture, the headline again (a picture's name), and the caption that follows it."""
    line = lines[at]
    after_a_picture = not first and lines[at - 1].text == title
    return is_furniture(line.text) or line.text == title or after_a_picture


def _whole(text: str, kind: Kind) -> Found:
    """A bulletin as it was typed: its first line is the title if it reads like one."""
    lines = [line.rstrip() for line in text.split("\n")]
    title, rest = " ".join(lines[0].split()), lines[1:]
    if any(rest) and len(title) <= 150 and not END_OF_SENTENCE.search(title):
        return Found(kind, title, (Line(title, Part.TITLE), *map(Line, rest)))
    return Found(kind, "", tuple(map(Line, lines)))
