"""Listens to a finished sound as a loudspeaker will hear it: decoded."""

import numpy as np
from pydantic import BaseModel, ConfigDict

from tts.mastering import LOUDNESS, loudness, true_peak
from tts.opus import decode
from tts.sound import RATE, Sound

TOLERANCE = 0.5
"""LU a finished sound may be off."""

HIGHEST_PEAK = -1.0
"""dBTP a decoded sound may reach."""

LONGEST_SILENCE = 4.0
"""Seconds of silence after which residents take a loudspeaker for broken."""

_WINDOW = int(0.02 * RATE)
_SILENT = 10 ** (-50 / 20)


class Quality(BaseModel):
    """What was measured on a decoded sound, and what is wrong with it."""

    model_config = ConfigDict(frozen=True)

    lufs: float
    """Integrated loudness, LUFS; -inf for silence."""
    true_peak: float
    """dBTP, four times oversampled."""
    clipped: int
    """Samples at full scale."""
    longest_silence: float
    """Seconds below -50 dBFS in a row."""
    seconds: float
    kilobits: float
    """Kilobits a second of the file."""
    faults: tuple[str, ...] = ()
    """In Vietnamese, empty when the sound may go on air."""


def measure(ogg: bytes, *, tolerance: float = TOLERANCE) -> Quality:
    """Decode and measure, loudness against `tolerance` LU; raises SpeechError if it cannot be decoded."""
    sound = decode(ogg)
    facts = Quality(
        lufs=round(loudness(sound), 2),
        true_peak=round(true_peak(sound), 2),
        clipped=int((np.abs(sound.data) >= 0.999).sum()),
        longest_silence=round(_longest_silence(sound), 2),
        seconds=round(sound.seconds, 3),
        kilobits=round(len(ogg) * 8 / 1000 / max(sound.seconds, 0.001), 1),
    )
    return facts.model_copy(update={"faults": tuple(_faults(facts, tolerance))})


def _longest_silence(sound: Sound) -> float:
    windows = len(sound.data) // _WINDOW
    blocks = sound.data[: windows * _WINDOW].reshape(windows, _WINDOW)
    heard = np.flatnonzero(np.sqrt((blocks**2).mean(axis=1)) > _SILENT)
    gaps = np.diff(np.concatenate(([-1], heard, [windows]))) - 1
    return float(gaps.max()) * _WINDOW / RATE


def _faults(facts: Quality, tolerance: float) -> list[str]:
    if not np.isfinite(facts.lufs):
        return ["Bản ghi không có tiếng; hãy tạo lại."]
    faults = []
    if abs(facts.lufs - LOUDNESS) > tolerance:
        faults.append(f"Độ lớn {facts.lufs} LUFS, phải trong khoảng {LOUDNESS:g} ± {tolerance:g}.")
    if facts.true_peak > HIGHEST_PEAK:
        faults.append(f"Đỉnh {facts.true_peak} dBTP, phải không quá {HIGHEST_PEAK:g}.")
    if facts.clipped:
        faults.append(f"Có {facts.clipped} mẫu bị cắt đỉnh.")
    if facts.longest_silence > LONGEST_SILENCE:
        faults.append(f"Có đoạn im lặng dài {facts.longest_silence} giây.")
    return faults
