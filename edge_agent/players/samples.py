"""From files to samples: one stream of mono floats, exactly from a position, read as it is needed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from edge_agent.players import Programme

Samples = NDArray[np.float32]

BLOCK_S = 0.02
"""Length of a block, seconds: how fine pacing, volume and stop are."""
TONE_RATE = 48_000
TONE_LEVEL = 0.4


def rate_of(programme: Programme) -> int:
    """Samples a second of the whole programme: those of its first file. Raises OSError."""
    return _opened(programme.files[0]).samplerate if programme.files else TONE_RATE


def blocks(programme: Programme, rate: int, position_s: float) -> Iterator[Samples]:
    """The samples of a programme from `position_s` on. Raises OSError where a file cannot be read."""
    skip = round(position_s * rate)
    tone = attention_tone(programme.tone_s, rate)
    for start in range(skip, len(tone), _block(rate)):
        yield tone[start : start + _block(rate)]
    skip = max(0, skip - len(tone))
    for _ in range(programme.repeat):
        for path in programme.files:
            with _opened(path) as file:
                frames = round(file.frames * rate / file.samplerate)
                if skip < frames:
                    yield from _of_file(file, rate, skip)
                skip = max(0, skip - frames)


def attention_tone(seconds: float, rate: int) -> Samples:
    """Two tones that alternate each half second, 853 and 960 Hz, which nobody takes for speech or music."""
    n = round(seconds * rate)
    t = np.arange(n) / rate
    pitch = np.where((t % 1.0) < 0.5, 853.0, 960.0)
    wave = TONE_LEVEL * np.sin(2 * np.pi * np.cumsum(pitch) / rate)
    edge = min(n // 2, round(0.02 * rate))
    ramp = np.ones(n)
    if edge:
        ramp[:edge] = np.linspace(0, 1, edge)
        ramp[-edge:] = np.linspace(1, 0, edge)
    return np.asarray(wave * ramp, dtype=np.float32)


def _block(rate: int) -> int:
    return round(BLOCK_S * rate)


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        raise OSError(f"không mở được tệp âm thanh {path.name}: {error}") from error


def _of_file(file: soundfile.SoundFile, rate: int, skip: int) -> Iterator[Samples]:
    if file.samplerate != rate:
        yield from _of_another_rate(file, rate, skip)
        return
    file.seek(skip)
    while len(block := _mono(file, _block(rate))):
        yield block


def _of_another_rate(file: soundfile.SoundFile, rate: int, skip: int) -> Iterator[Samples]:
    """A list of sounds of different rates is rare; straight lines between samples are good enough for speech."""
    step, frames = file.samplerate / rate, round(file.frames * rate / file.samplerate)
    first = int(skip * step)  # which sample of the file is the first of those held
    file.seek(first)
    held = _mono(file, 1)
    for start in range(skip, frames, _block(rate)):
        at = np.arange(start, min(start + _block(rate), frames)) * step
        last = int(at[-1])
        held = np.concatenate([held, _mono(file, max(0, last + 2 - first - len(held)))])
        yield np.interp(at - first, np.arange(len(held)), held).astype(np.float32)
        gone = min(last - first, len(held) - 1)
        held, first = held[gone:], first + gone


def _mono(file: soundfile.SoundFile, frames: int) -> Samples:
    read = file.read(frames, dtype="float32", always_2d=True)
    return np.asarray(read.mean(axis=1), dtype=np.float32)
