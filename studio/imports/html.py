"""Web pages: the article that trafilatura finds, shown among all the lines of the page. Pure.

trafilatura tells the article; which lines of the page those are is found by comparing: so a person sees what was
left out.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import lxml.etree
import lxml.html
import trafilatura
from lxml.html import HtmlElement

from studio.imports import old_letters, text
from studio.imports.article import find_article, is_furniture, is_sentence
from studio.imports.found import Found, Kind, Line, Part, Unreadable, one_spelling

MOST_LINES = 20_000
SURE = 0.6
"""Share of the article that must be found among the lines of the page, or it was not this page's."""

_UNSEEN = "script style noscript template svg head math iframe object select datalist audio video canvas"
_IN_A_LINE = """
a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark output q ruby s samp small span strike
strong sub sup time tt u var wbr img
"""
_NOT_SHOWN, _INLINE = frozenset(_UNSEEN.split()), frozenset(_IN_A_LINE.split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.IGNORECASE)
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_SITE = re.compile(r"\s+[|–—-]\s+[^|–—-]{2,60}$")


def read(data: bytes) -> Found:
    """Read a saved page; raises Unreadable."""
    page, old = _decoded(data)
    return read_page(page, Kind.HTML, old)


def read_page(page: str, kind: Kind, old: str | None = None) -> Found:
    """Read the HTML of a page; `old` names the code page it was rewritten from. Raises Unreadable."""
    page = _DECLARED.sub("", page.replace("\0", ""), count=1)
    tree = _parsed(page)
    lines = list(_lines(tree))
    if not any(char.isalpha() for line in lines for char in line):
        raise Unreadable(
            "Trang web này không có phần chữ (có thể trang chỉ hiện chữ khi đang mở trên mạng). "
            "Hãy mở trang, bôi đen bài viết, chép rồi dán vào ô bên dưới."
        )
    found = _found(page, tree, lines, kind)
    warnings = (*found.warnings, *((old_letters.warning(old),) if old else ()))
    return Found(kind, found.title, found.lines, warnings)


def _decoded(data: bytes) -> tuple[str, str | None]:
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) and name not in ("utf-8", "utf8"):
        try:
            return old_letters.modern(data.decode(name))
        except (LookupError, UnicodeDecodeError, ValueError):
            pass
    try:
        return text.decoded(data)
    except Unreadable:
        return data.decode("utf-8", "replace"), None  # one bad byte in an advertisement loses no page


def _parsed(page: str) -> HtmlElement:
    parser = lxml.html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return lxml.html.document_fromstring(page, parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        raise Unreadable(
            "Trang web này bị hỏng hoặc trống. Hãy lưu lại trang, hoặc chép bài viết rồi dán vào ô bên dưới."
        ) from None


def _lines(tree: HtmlElement) -> Iterator[str]:
    """Every line that the page shows, in its order; a row of a table of data is one line."""
    written: list[str] = []
    hidden = 0
    rows: list[bool] = []  # of the rows around this place, whether each is one line

    def line() -> Iterator[str]:
        told = one_spelling("".join(written))
        written.clear()
        if any(map(str.isalnum, told)):
            yield told.strip("; ")

    for happened, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        name, starts = element.tag, happened == "start"
        if hidden or _is_hidden(element):
            hidden += 1 if starts else -1
        elif name == "tr":
            yield from line()
            rows.append(_is_one_line(element)) if starts else rows.pop()
        elif rows and rows[-1]:
            written.append(
                "; " if name in ("td", "th") and not starts else " " if name not in _INLINE else ""
            )
        elif name not in _INLINE:
            yield from line()
        shown = element.text if starts else element.tail
        if shown and not hidden:
            written.append(shown)
    yield from line()


def _is_one_line(row: HtmlElement) -> bool:
    """Whether a row of a table holds data: old sites lay whole pages out in cells."""
    blocks = [each.tag for each in row.iter() if each.tag not in _INLINE]
    return not {"table", "li", "h1", "h2", "h3"} & set(blocks) and len(blocks) <= 2 * len(row) + 1


def _is_hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    return (
        element.tag in _NOT_SHOWN
        or element.get("hidden") is not None
        or (style is not None and _HIDDEN.search(style) is not None)
    )


def _found(page: str, tree: HtmlElement, lines: list[str], kind: Kind) -> Found:
    if len(lines) > MOST_LINES:
        raise Unreadable("Trang web này quá dài. Hãy chép riêng bài viết rồi dán vào ô bên dưới.")
    told = _article(page)
    kept = _kept(lines, told) if told else set()
    if not kept:
        found = find_article("\n".join(lines), kind)
        alone = all(line.part is not Part.LEFT_OUT for line in found.lines)
        doubt = ("Không phân biệt được bài viết với phần còn lại của trang; hãy bỏ những dòng thừa.",)
        return Found(
            kind, found.title or _title(tree), found.lines, doubt if alone and len(lines) > 20 else ()
        )
    title = _title(tree)
    title_at = _line_of(title, lines, kept)
    kept = _stretch(lines, {at for at in kept if title_at is None or at > title_at} or kept)
    body = {at for at in kept if not is_furniture(lines[at]) and not _same(lines[at], title)}
    marked = [Line(line, Part.BODY if at in body else Part.LEFT_OUT) for at, line in enumerate(lines)]
    if title_at is not None:
        marked[title_at] = Line(lines[title_at], Part.TITLE)
    elif title:
        marked.insert(min(kept), Line(title, Part.TITLE))
    return Found(kind, title, tuple(marked))


def _article(page: str) -> list[str]:
    told = trafilatura.extract(page, include_comments=False, include_tables=True, fast=False)
    return [line for line in (told or "").split("\n") if _key(line)]


def _kept(lines: Sequence[str], article: Sequence[str]) -> set[int]:
    """Which lines of the page are the article's; none if they cannot be told."""
    here, there = [_key(line) for line in lines], [_key(line) for line in article]
    kept, done_here, done_there, known = set[int](), 0, 0, 0
    matcher = SequenceMatcher(None, here, there, autojunk=False)
    for at, of, length in matcher.get_matching_blocks():
        inside = "\n".join(there[done_there:of])
        for between in range(done_here, at):
            if here[between] and here[between] in inside:
                kept.add(between)
        kept.update(range(at, at + length))
        done_here, done_there = at + length, of + length
    known = sum(len(here[at]) for at in kept)
    return kept if known >= SURE * sum(map(len, there)) else set()


def _title(tree: HtmlElement) -> str:
    """The headline: what the page says of itself to others, its only first heading, or the name of its tab."""
    told = [each.get("content") or "" for each in tree.iter("meta") if each.get("property") == "og:title"]
    headings = [one_spelling(each.text_content()) for each in tree.iter("h1")]
    tabs = [_SITE.sub("", one_spelling(each.text or "")) for each in tree.iter("title")]
    alone = headings if len(headings) == 1 else []
    candidates = (*alone, *map(one_spelling, told), *headings, *tabs)
    return next((each for each in candidates if any(map(str.isalpha, each))), "")


def _line_of(title: str, lines: Sequence[str], kept: set[int]) -> int | None:
    """The line that is the headline: the last such above the first paragraph of the article."""
    prose = min((at for at in kept if is_sentence(lines[at])), default=min(kept))
    return next((at for at in range(prose, -1, -1) if _same(lines[at], title)), None)


def _stretch(lines: Sequence[str], kept: set[int]) -> set[int]:
    """With the sentences that stand right before and after, said once: an editor's lead, a last «xin liên hệ …»."""
    first, last = min(kept), max(kept)
    while first > 0 and is_sentence(lines[first - 1]) and lines.count(lines[first - 1]) == 1:
        first -= 1
    while last + 1 < len(lines) and is_sentence(lines[last + 1]) and lines.count(lines[last + 1]) == 1:
        last += 1
    return kept | set(range(first, min(kept))) | set(range(max(kept), last + 1))


def _same(line: str, title: str) -> bool:
    return title != "" and _key(line) == _key(title)


def _key(line: str) -> str:
    return "".join(filter(str.isalnum, one_spelling(line).casefold()))
