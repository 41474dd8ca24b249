"""What an entry of the pronunciation dictionary may be made of: a form as it is written, and words to say. Pure."""

from studio.drafts import one_line
from studio.errors import Invalid
from tts.text.read import read
from tts.text.reading import AS_WRITTEN

LONGEST_WRITTEN = 100
LONGEST_SPOKEN = 300

_STOPS = " ,.;:!?"


def written_form(text: str) -> str:
    """Return the form as it is kept: NFC, one line, single spaces. Raises Invalid, naming what to mend."""
    form = one_line(text, "written")
    if not form.strip(_STOPS):
        raise Invalid("Hãy ghi chữ viết cần sửa cách đọc, đúng như trong bản tin.", field="written")
    if len(form) > LONGEST_WRITTEN:
        raise Invalid(
            f"Chữ viết dài {len(form)} ký tự; tối đa {LONGEST_WRITTEN}. Hãy chọn một đoạn ngắn hơn.",
            field="written",
        )
    return form


def spoken_words(text: str) -> str:
    """Return the words as they are kept: what the machine, reading them, says again. Raises Invalid."""
    words = one_line(one_line(text, "spoken").lower(), "spoken").strip(_STOPS)
    if not words:
        raise Invalid("Hãy ghi cách đọc bằng chữ, ví dụ: công an xã.", field="spoken")
    if len(words) > LONGEST_SPOKEN:
        raise Invalid(f"Cách đọc dài {len(words)} ký tự; tối đa {LONGEST_SPOKEN}.", field="spoken")
    reading = read(words)
    if not any(char.isalpha() for char in reading.spoken):
        raise Invalid("Cách đọc không có chữ nào đọc được thành tiếng.", field="spoken")
    if reading.spoken != words:
        strange = dict.fromkeys(
            span.source.strip()
            for span in reading.spans
            if span.rule != AS_WRITTEN and span.source.strip() != span.spoken
        )
        named = ", ".join(f"«{source}»" for source in strange if source) or f"«{words}»"
        raise Invalid(
            f"Cách đọc chỉ ghi bằng chữ đọc được, không có số, ký hiệu hay chữ viết tắt: hãy sửa {named}. "
            f"Máy sẽ đọc chỗ bạn ghi thành: {reading.spoken}.",
            field="spoken",
        )
    return words
