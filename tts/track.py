"""A bulletin as it is put together: the full-band archive master on disk, and how each piece of it goes on air.

The master is FLAC, 48 kHz and 16 bits: another preset, or a better chain in a later year, starts from it again.
Nothing longer than a piece is ever in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from tts.errors import SpeechError
from tts.loudness import loudness
from tts.mastering import CONTEXT, NOMINAL
from tts.sound import FRAME, RATE, Sound, Wave

LONGEST_PIECE = 10 * RATE
"""Samples after which a recording that was brought along is cut into pieces."""

_FULL_SCALE = 32768


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the master: how many samples, its gain before the compressor, and which neighbours reach into it."""

    samples: int
    gain: float
    before: int = 0
    after: int = 0

    @property
    def seconds(self) -> float:
        """How long it is heard."""
        return self.samples / RATE


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A segment with its sound of 16 bits."""

    segment: Segment
    pcm: NDArray[np.int16]


def sentence_piece(sound: Sound, rest: float, *, under: float = 0.0) -> Piece:
    """Bring one sentence, with `rest` seconds of silence behind it, to the loudness of all others, or `under` LU below.

    Voices drift in loudness from sentence to sentence, and whoever stands under the horn hears each one once.
    """
    pcm = np.zeros(_whole_frames(len(sound.data) + round(rest * RATE)), dtype=np.int16)
    pcm[: len(sound.data)] = _sixteen_bits(sound.data)
    return Piece(Segment(len(pcm), _gain(loudness(sound.data) - under)), pcm)


def recorded_pieces(sound: Sound, rest: float) -> Iterator[Piece]:
    """Cut a recording that was brought along into pieces with one gain: its own ups and downs are meant."""
    length = _whole_frames(len(sound.data) + round(rest * RATE))
    gain = _gain(loudness(sound.data))
    for start in range(0, length, LONGEST_PIECE):
        end = min(start + LONGEST_PIECE, length)
        pcm = np.zeros(end - start, dtype=np.int16)
        data = sound.data[start:end]
        pcm[: len(data)] = _sixteen_bits(data)
        yield Piece(Segment(end - start, gain, min(start, CONTEXT), min(length - end, CONTEXT)), pcm)


def _whole_frames(samples: int) -> int:
    return -(-samples // FRAME) * FRAME


def _gain(lufs: float) -> float:
    return float(10 ** ((NOMINAL - lufs) / 20)) if np.isfinite(lufs) else 0.0


def _sixteen_bits(data: Wave) -> NDArray[np.int16]:
    return np.clip(np.rint(data * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)


class Track:
    """Pieces in the order in which they are heard. Write all of them, `close`, then read as often as needed."""

    def __init__(self, master: Path) -> None:
        self.master = master
        self.segments: list[Segment] = []
        self._samples = self._clipped = 0
        try:
            self._file = soundfile.SoundFile(master, "w", RATE, 1, format="FLAC", subtype="PCM_16")
        except (soundfile.LibsndfileError, RuntimeError) as error:
            raise _no_room() from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def seconds(self) -> float:
        """Length so far."""
        return self._samples / RATE

    @property
    def clipped(self) -> float:
        """Share of samples at full scale so far."""
        return self._clipped / max(self._samples, 1)

    def segment_at(self, sample: int) -> int:
        """Number of the segment in which a sample is heard."""
        ends = np.cumsum([segment.samples for segment in self.segments])
        return min(int(np.searchsorted(ends, sample, side="right")), len(ends) - 1)

    def add(self, piece: Piece) -> None:
        """Write the next piece. Raises SpeechError if the disk takes no more."""
        try:
            self._file.write(piece.pcm)
        except (soundfile.LibsndfileError, RuntimeError) as error:
            raise _no_room() from error
        self.segments.append(piece.segment)
        self._samples += piece.segment.samples
        self._clipped += int(
            np.count_nonzero((piece.pcm <= -_FULL_SCALE + 1) | (piece.pcm >= _FULL_SCALE - 1))
        )

    def close(self) -> None:
        """Finish the master."""
        self._file.close()

    def pieces(self) -> Iterator[tuple[Segment, Wave]]:
        """Read the master again: each segment with its neighbours' share, as floats."""
        with soundfile.SoundFile(self.master) as file:
            start = 0
            for segment in self.segments:
                if file.tell() != start - segment.before:
                    file.seek(start - segment.before)
                data = file.read(segment.before + segment.samples + segment.after, dtype="float32")
                yield segment, data
                start += segment.samples


def _no_room() -> SpeechError:
    return SpeechError(
        "Không ghi được bản gốc của âm thanh ra đĩa; hãy giải phóng chỗ trên ổ đĩa rồi tạo lại.",
        permanent=False,
    )
