"""What a page shows of a sound while it is heard: the wave in outline, its sentences, and what was measured. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tts.qa import HIGHEST_PEAK, LONGEST_SILENCE, TOLERANCE

COLUMNS = 240
"""Bars of the drawn wave: one for each 1.4 px on a phone."""
HEIGHT = 100

_PEAK_DRAWN = 46
_LEAST_DRAWN = 1


@dataclass(frozen=True)
class Sentence:
    """A sentence as it was spoken, and when it is heard, in seconds from the start of the sound."""

    number: int
    words: str
    start: float
    end: float
    faulty: bool = False


@dataclass(frozen=True)
class Listening:
    """A sound for the page of whoever decides about it. `wave` is the path of an SVG, `COLUMNS` × `HEIGHT`."""

    wave: str
    sentences: tuple[Sentence, ...]
    facts: tuple[tuple[str, str], ...]
    faults: tuple[str, ...]


def listening(
    quality: Mapping[str, Any], timings: Sequence[Mapping[str, Any]], overview: bytes, *, lufs: float
) -> Listening:
    """Make it of what was heard in a recording: a tts.qa.Quality, tts.qa.Timings and its overview of the wave.

    `lufs` is how loud it was to be.
    """
    faults = tuple(quality["faults"])
    sentences = tuple(
        Sentence(
            number,
            timing["sentence"],
            timing["start"],
            timing["end"],
            any(fault.startswith(f"Câu {number} ") for fault in faults),
        )
        for number, timing in enumerate(timings, 1)
    )
    return Listening(wave(overview), sentences, tuple(_facts(quality, lufs)), faults)


def wave(overview: bytes) -> str:
    """Draw peaks (0 to 255 each) as bars about a middle line, the highest full.

    Each bar is the mean of its peaks: their highest would make speech a flat band.
    """
    if not overview:
        return ""
    columns = min(COLUMNS, len(overview))
    edges = [at * len(overview) // columns for at in range(columns + 1)]
    peaks = [sum(overview[start:end]) / (end - start) for start, end in pairwise(edges)]
    highest, step = max(*peaks, 1.0), COLUMNS / columns
    bars = []
    for at, peak in enumerate(peaks):
        tall = max(_LEAST_DRAWN, round(_PEAK_DRAWN * peak / highest))
        bars.append(f"M{(at + 0.5) * step:g} {HEIGHT // 2 - tall}v{2 * tall}")
    return "".join(bars)


def _facts(quality: Mapping[str, Any], wanted: float) -> list[tuple[str, str]]:
    loudness, peak = quality["lufs"], quality["true_peak"]
    silence, clipped = quality["longest_silence"], quality["clipped"]
    level = "vừa" if abs(loudness - wanted) <= TOLERANCE else "quá to" if loudness > wanted else "quá nhỏ"
    facts = [
        ("Độ to", f"{level} ({_number(loudness)} LUFS)"),
        ("Đỉnh âm", f"{'đạt' if peak <= HIGHEST_PEAK else 'quá cao'} ({_number(peak)} dBTP)"),
        ("Vỡ tiếng", f"{clipped} mẫu bị cắt đỉnh" if clipped else "không"),
        ("Lặng lâu nhất", f"{_number(silence)} giây{', quá lâu' if silence > LONGEST_SILENCE else ''}"),
    ]
    paces = [(pace, number) for number, pace in enumerate(quality.get("paces", ()), 1) if pace]
    if paces:
        (fastest, first), (slowest, last) = min(paces), max(paces)
        paced = f"{_number(fastest, 2)}–{_number(slowest, 2)} giây một tiếng"
        facts.append(("Nhịp đọc", f"{paced}; nhanh nhất câu {first}, chậm nhất câu {last}"))
    return facts


def _number(value: float, digits: int = 1) -> str:
    return f"{value:.{digits}f}".replace(".", ",").replace("-", "−")
