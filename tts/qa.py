"""Listens to a finished sound as a loudspeaker will hear it: decoded, piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from tts.loudness import Energies, LoudnessMeter, PeakMeter, integrated
from tts.opus import blocks
from tts.presets import QUIET
from tts.sound import FRAME, RATE, Wave

TOLERANCE = 0.5
"""LU a finished sound may be off."""

HIGHEST_PEAK = -1.0
"""dBTP a decoded sound may reach."""

LONGEST_SILENCE = 4.0
"""Seconds of silence after which residents take a loudspeaker for broken."""

MOST_CLIPPED = 1e-4
"""Share of samples at full scale before mastering above which a voice sounds broken."""

OVERVIEW = 20
"""Peaks a second in the overview of the wave that a page draws."""

_SILENT = 10 ** (-50 / 20)
_BLOCK = 5 * RATE
_FAINT = 12.0
"""LU under the whole at which a sentence was not said."""

_FASTEST, _SLOWEST = 0.55, 1.9
"""Share of the usual seconds a syllable that a sentence of `_ENOUGH` syllables may take."""
_HARDLY, _HARDLY_MOST = 0.07, 1.2
"""Seconds a syllable that no voice ever takes."""
_ENOUGH = 4
"""Syllables below which the pace of a sentence says little: «Hết.»"""


class Timing(BaseModel):
    """When a sentence (or a recording that was brought along) is heard, in seconds from the start of the sound."""

    model_config = ConfigDict(frozen=True)

    sentence: str
    """Its words; of a recording, its title."""
    start: float
    end: float
    syllables: int = 0
    """0 for a recording: nobody knows its words."""

    @property
    def pace(self) -> float | None:
        """Seconds a syllable."""
        return (self.end - self.start) / self.syllables if self.syllables else None


class Quality(BaseModel):
    """What was measured on a decoded sound, and what is wrong with it."""

    model_config = ConfigDict(frozen=True)

    lufs: float
    """Integrated loudness, LUFS; -inf for silence."""
    true_peak: float
    """dBTP, four times oversampled."""
    clipped: int
    """Samples at full scale."""
    clipped_share: float
    """The same as a share of all samples."""
    clipped_before: float = 0.0
    """Share of samples at full scale in what the voice said or staff brought along: no mastering mends that."""
    longest_silence: float
    """Seconds below -50 dBFS in a row."""
    seconds: float
    kilobits: float
    """Kilobits a second of the file."""
    paces: tuple[float | None, ...] = ()
    """Seconds a syllable of each timing: too few are dropped words, too many babbled ones."""
    faults: tuple[str, ...] = ()
    """In Vietnamese, empty when the sound may go on air."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard in a finished sound."""

    quality: Quality
    overview: bytes
    """The wave in outline: one byte (0 to 255, linear) for each 1/`OVERVIEW` s."""
    over: dict[int, float]
    """Frames of 20 ms, counted from 0, that go over `HIGHEST_PEAK`, and their peaks in dBTP."""


def listen(
    ogg: bytes,
    *,
    lufs: float = QUIET.lufs,
    tolerance: float = TOLERANCE,
    timings: Sequence[Timing] = (),
    clipped_before: float = 0.0,
) -> Hearing:
    """Decode and measure, loudness against `lufs` ± `tolerance`; raises SpeechError if it cannot be decoded.

    `clipped_before` is the share of samples at full scale in what the sound was made from.
    """
    meter, peak, drawn, levels = (
        LoudnessMeter(),
        PeakMeter(HIGHEST_PEAK),
        list[NDArray[np.uint8]](),
        list[Energies](),
    )
    clipped = samples = 0
    for block in blocks(ogg, _BLOCK):
        meter.add(block)
        peak.add(block)
        size = np.abs(block)
        clipped += int((size >= 0.999).sum())
        samples += len(block)
        drawn.append(np.rint(np.minimum(_each(size, RATE // OVERVIEW).max(axis=1), 1) * 255).astype(np.uint8))
        levels.append((_each(block, FRAME).astype(np.float64) ** 2).mean(axis=1))
    seconds = samples / RATE
    facts = Quality(
        lufs=round(integrated(meter.energies), 2),
        true_peak=round(peak.peak(), 2),
        clipped=clipped,
        clipped_share=round(clipped / max(samples, 1), 6),
        clipped_before=round(clipped_before, 6),
        longest_silence=round(_longest_silence(np.concatenate((*levels, np.zeros(0)))), 2),
        seconds=round(seconds, 3),
        kilobits=round(len(ogg) * 8 / 1000 / max(seconds, 0.001), 1),
        paces=tuple(None if timing.pace is None else round(timing.pace, 3) for timing in timings),
    )
    faults = (*_faults(facts, lufs, tolerance), *_faults_of_sentences(facts, timings, meter.energies))
    overview = np.concatenate((*drawn, np.zeros(0, np.uint8))).tobytes()
    return Hearing(facts.model_copy(update={"faults": faults}), overview, peak.over)


def measure(ogg: bytes, *, lufs: float = QUIET.lufs, tolerance: float = TOLERANCE) -> Quality:
    """Decode and measure a sound of which nothing else is known; raises as `listen` does."""
    return listen(ogg, lufs=lufs, tolerance=tolerance).quality


def _each(data: Wave, length: int) -> Wave:
    whole = np.zeros(-(-len(data) // length) * length, dtype=np.float32)
    whole[: len(data)] = data
    return whole.reshape(-1, length)


def _longest_silence(levels: Energies) -> float:
    heard = np.flatnonzero(levels > _SILENT**2)
    gaps = np.diff(np.concatenate(([-1], heard, [len(levels)]))) - 1
    return float(gaps.max()) * FRAME / RATE


def _faults(facts: Quality, lufs: float, tolerance: float) -> Iterator[str]:
    if not np.isfinite(facts.lufs):
        yield "Bản ghi không có tiếng; hãy tạo lại."
        return
    if abs(facts.lufs - lufs) > tolerance:
        yield f"Độ lớn {_number(facts.lufs)} LUFS, phải trong khoảng {_number(lufs)} ± {_number(tolerance)}."
    if facts.true_peak > HIGHEST_PEAK:
        yield f"Đỉnh {_number(facts.true_peak)} dBTP, phải không quá {_number(HIGHEST_PEAK)}."
    if facts.clipped:
        yield f"Có {facts.clipped} mẫu bị cắt đỉnh ({_number(round(100 * facts.clipped_share, 3))} %)."
    if facts.clipped_before > MOST_CLIPPED:
        share = _number(round(100 * facts.clipped_before, 3))
        yield f"Âm thanh gốc bị vỡ tiếng ({share} % số mẫu chạm đỉnh); hãy thu hoặc xuất lại nhỏ hơn rồi tải lên."
    if facts.longest_silence > LONGEST_SILENCE:
        yield f"Có đoạn im lặng dài {_number(facts.longest_silence)} giây."


def _faults_of_sentences(facts: Quality, timings: Sequence[Timing], heard: Energies) -> Iterator[str]:
    usual = median(
        [timing.pace for timing in timings if timing.pace and timing.syllables >= _ENOUGH] or [0.0]
    )
    for number, timing in enumerate(timings, 1):
        name = f"Câu {number} «{_shortened(timing.sentence)}»"
        within = heard[round(timing.start * RATE / FRAME) : max(1, round(timing.end * RATE / FRAME))]
        if np.isfinite(facts.lufs) and integrated(within) < facts.lufs - _FAINT:
            yield f"{name} gần như không nghe thấy; hãy đọc lại câu này."
        elif timing.pace is None:
            continue
        elif timing.pace < _HARDLY or (timing.syllables >= _ENOUGH and timing.pace < _FASTEST * usual):
            yield (
                f"{name} đọc quá nhanh ({_number(round(timing.pace, 2))} giây một tiếng, cả bản tin "
                f"{_number(round(usual, 2))}), có thể mất chữ; hãy nghe và đọc lại câu này."
            )
        elif timing.pace > _HARDLY_MOST or (timing.syllables >= _ENOUGH and timing.pace > _SLOWEST * usual):
            yield (
                f"{name} đọc quá chậm ({_number(round(timing.pace, 2))} giây một tiếng, cả bản tin "
                f"{_number(round(usual, 2))}), có thể thừa hoặc lặp chữ; hãy nghe và đọc lại câu này."
            )


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= 60 else sentence[:59].rstrip() + "…"


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")
