"""What an administrative document is called: its kind and its subject, below the heads of its first page. Pure.

Source of the order: Decree 30/2020/NĐ-CP, annex I (form of administrative documents).
"""

import re
from collections.abc import Sequence

from studio.imports.found import END_OF_SENTENCE

LONGEST = 200
_LOOK_AT = 30
"""Lines from the top among which the name stands."""

_KIND = re.compile(
    r"(?:THÔNG BÁO|THÔNG CÁO|KẾ HOẠCH|QUYẾT ĐỊNH|CHỈ THỊ|NGHỊ QUYẾT|NGHỊ ĐỊNH|THÔNG TƯ|LUẬT|PHÁP LỆNH|CÔNG ĐIỆN|BÁO CÁO"
    r"|TỜ TRÌNH|HƯỚNG DẪN|GIẤY MỜI|THƯ MỜI|THƯ NGỎ|LỜI KÊU GỌI|BẢN TIN|BÀI (?:VIẾT )?TUYÊN TRUYỀN|TUYÊN TRUYỀN|QUY CHẾ"
    r"|QUY ĐỊNH|CHƯƠNG TRÌNH|ĐỀ ÁN|PHƯƠNG ÁN|ĐỀ CƯƠNG|TÀI LIỆU|NỘI QUY|HỎI\s*[-–,]?\s*ĐÁP|KẾT LUẬN|CÔNG BỐ|LỊCH)\b.*"
)
_NO_NAME = re.compile(r"(?:Căn cứ|Kính gửi|Thực hiện|Theo |Số:|Điều \d|[-+*•\d]|[A-ZĐ]\. )")
_HEAD = re.compile(
    r"cộng h(?:òa|oà) xã hội|độc lập\s*[-–]|(?:ủy|uỷ) ban nhân dân|ubnd|hội đồng nhân dân|số\s*:"
    r"|^.{0,40}, ngày .{0,4} ?tháng|^\W*$|đảng bộ|đảng cộng sản"
    r"|^(?:tỉnh|huyện|xã|phường|thành phố|thị trấn|sở|bộ|công an)\b",
    re.IGNORECASE,
)


def is_head(text: str) -> bool:
    """Tell whether this is of the two heads of a document, whose columns are read one after the other."""
    return re.search(r"cộng h(?:òa|oà) xã hội|nơi nhận\s*:", text, re.IGNORECASE) is not None


def title_of(lines: Sequence[str]) -> range:
    """Which lines are the name of a document; an empty range if none is."""
    for at, line in enumerate(lines[:_LOOK_AT]):
        if _KIND.fullmatch(line) and len(line) <= LONGEST and not END_OF_SENTENCE.search(line):
            return _with_subject(lines, at)
    first = next((at for at, line in enumerate(lines) if not _HEAD.search(line)), None)
    if first is None or first >= _LOOK_AT or not any(lines[first + 1 :]):
        return range(0)
    looks_like_one = (
        len(lines[first]) <= 150
        and not END_OF_SENTENCE.search(lines[first])
        and not _NO_NAME.match(lines[first])
    )
    return range(first, first + 1) if looks_like_one else range(0)


def _with_subject(lines: Sequence[str], at: int) -> range:
    """The kind, and the lines below that say about what: no sentence, no ground («Căn cứ …»), no addressee."""
    end = at + 1
    while end < min(len(lines), at + 4):
        line = lines[end]
        told = sum(map(len, lines[at : end + 1]))
        if told > LONGEST or END_OF_SENTENCE.search(line) or _NO_NAME.match(line) or _HEAD.search(line):
            break
        end += 1
    return range(at, end)
