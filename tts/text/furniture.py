"""What frames a document on paper and is no speech: the state's name, number and date, receivers, signatures.

The parts of a document and their places are those of annex I of Decree 30/2020/NĐ-CP. A line counts as furniture only
in its place: the same words inside the text are spoken.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

HEAD = 12
"""Lines with words, from the first, in which a head is looked for."""
TAIL = 25
"""Lines with words, to the last, in which receivers and signatures are looked for."""

_STATE = r"cộng h(?:òa|oà) xã hội chủ nghĩa việt nam"
_MOTTO = r"độc lập\s?[-–—]\s?tự do\s?[-–—]\s?hạnh phúc"
_PARTY = r"đảng cộng sản việt nam"
_NUMBER = r"số\s?:?\s?[\d.…]{1,9}\s?[/-]\s?[\wĐđ&./-]{2,40}"
_DATE = r"[^\W\d][\w .'-]{1,40},?\s+ngày\s.{1,12}tháng\s.{1,6}năm\s?[\d.…]{2,6}"
_BODY = (
    r"(?:ubnd|hđnd|ủy ban|uỷ ban|hội đồng|đảng ủy|đảng uỷ|công an|ban |trạm|trường|sở |phòng|mặt trận|ubmttq"
    r"|tỉnh |huyện |xã |phường )"
)

_HEAD = re.compile(
    rf"(?:.{{0,80}}\s)?(?:{_STATE}|{_MOTTO}|{_PARTY})\W*|{_NUMBER}(?:\s+{_DATE})?\W*|{_DATE}\W*",
    re.IGNORECASE,
)
_BODY_LINE = re.compile(rf"{_BODY}[^.,;:!?]{{0,70}}", re.IGNORECASE)

_RECEIVERS = re.compile(r"nơi nhận\s?:.{0,200}", re.IGNORECASE)
_RECEIVER = re.compile(
    r"\s*[-–—+*•].{1,150}|.{1,100};|\(?lưu\s?:?\s.{1,80}|như trên.{0,20}|như điều \d.{0,20}", re.IGNORECASE
)
_BY_ORDER = re.compile(r"\W*(?:TM|KT|TL|TUQ|Q)\.\s?[^\W\d].{1,80}")
_OFFICE = re.compile(
    r"\W*(?:PHÓ |QUYỀN )?(?:CHỦ TỊCH|CHỦ NHIỆM|TRƯỞNG (?:BAN|CÔNG AN|TRẠM|PHÒNG|ẤP|KHÓM|THÔN)|GIÁM ĐỐC|BÍ THƯ"
    r"|CHÁNH VĂN PHÒNG|HIỆU TRƯỞNG|BỘ TRƯỞNG|CHỈ HUY TRƯỞNG|THỦ TƯỚNG|TRƯỞNG BAN|CHÁNH ÁN"
    r"|VIỆN TRƯỞNG)[^.:;!?a-zà-ỹ]{0,60}"
)
_SIGNED = re.compile(r"\W*(?:đã ký|ký tên|ký, (?:ghi rõ )?họ tên|đóng dấu|chữ ký)[^.:]{0,40}", re.IGNORECASE)
_NAME = re.compile(r"(?:[A-ZĐÀ-Ỹ][\wà-ỹ]{0,7}\.?\s?){2,5}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the source with words in it: `start` and `end` count characters, white space around left off."""

    start: int
    end: int
    text: str


def furniture(text: str, *, kept: Iterable[str] = ()) -> tuple[tuple[int, int], ...]:
    """Find the stretches (start, end) of `text`, a line each, that frame the document; lines named in `kept` stay.

    A text of fewer than four lines has no frame, and one that is nothing but frame is left as it is.
    """
    lines = _lines(text)
    if len(lines) < 4:
        return ()
    found = _head(lines) | _tail(lines)
    if len(found) == len(lines):
        return ()
    spoken = {" ".join(line.split()) for line in kept}
    return tuple((lines[at].start, lines[at].end) for at in sorted(found) if lines[at].text not in spoken)


def _lines(text: str) -> list[Line]:
    return [
        Line(match.start(), match.end(), " ".join(match[0].split()))
        for match in re.finditer(r"[^\s](?:[^\n\r]*[^\s])?", text)
        if re.search(r"\w", match[0])
    ]


def _head(lines: list[Line]) -> set[int]:
    """The frame's lines at the top, and beside them the names of the bodies that issue the document."""
    sure = {at for at, line in enumerate(lines[:HEAD]) if _HEAD.fullmatch(line.text)}
    if not sure:
        return set()
    bodies = {at for at in range(max(sure) + 1) if _is_body(lines[at].text)}
    return sure | bodies


def _is_body(line: str) -> bool:
    return line.isupper() and _BODY_LINE.fullmatch(line) is not None


def _tail(lines: list[Line]) -> set[int]:
    """From «Nơi nhận» or the signing office to the end, as long as the lines are of that kind."""
    for begin in range(max(0, len(lines) - TAIL), len(lines)):
        rest = range(begin, len(lines))
        begins = _RECEIVERS.fullmatch(lines[begin].text) or _begins_a_signature(lines[begin].text)
        if begins and all(_is_tail(lines[at].text) for at in rest):
            return set(rest)
    return set()


def _begins_a_signature(line: str) -> bool:
    return (_BY_ORDER.fullmatch(line) or _OFFICE.fullmatch(line)) is not None and line.isupper()


def _is_tail(line: str) -> bool:
    kinds = (_RECEIVERS, _RECEIVER, _BY_ORDER, _OFFICE, _SIGNED, _NAME, _HEAD)
    return any(kind.fullmatch(line) for kind in kinds)
