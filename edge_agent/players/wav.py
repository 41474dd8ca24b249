"""Writes one WAV an airing, in real time: for the demonstration and for tests that compare what was heard.

The header is mended after every block, so that a process that is killed leaves a file that can be read. An airing that
goes on after an emergency goes on in its file: the file is what somebody beside the horn would have heard of it.
"""

import os
import struct
from pathlib import Path

import numpy as np

from edge_agent.players import Means, Player, Programme
from edge_agent.players.paced import Paced
from edge_agent.players.samples import Samples

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class _File:
    """16 bits, mono."""

    ahead_s = 0.0

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._rate = 0
        self._bytes = 0
        self._last_s = 0.0

    def open(self, rate: int, *, resumed: bool) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | (0 if resumed else os.O_TRUNC)
            self._descriptor = os.open(self._path, flags, 0o644)
            self._rate = rate
            self._bytes = max(0, os.fstat(self._descriptor).st_size - _HEADER.size) // 2 * 2
            self._mend_header()
        except OSError as error:
            raise OSError(f"không ghi được tệp WAV {self._path}: {error.strerror}") from error

    def write(self, block: Samples) -> None:
        assert self._descriptor is not None
        data = (np.clip(block, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        try:
            os.pwrite(self._descriptor, data, _HEADER.size + self._bytes)
            self._bytes += len(data)
            self._mend_header()
        except OSError as error:
            raise OSError(f"không ghi được tệp WAV {self._path}: {error.strerror}") from error
        self._last_s = len(block) / self._rate

    def delay_s(self) -> float:
        return self._last_s  # a block counts as heard as it is written: pacing makes it so

    def close(self, *, drain: bool) -> None:  # noqa: ARG002 - what is written is heard
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _mend_header(self) -> None:
        assert self._descriptor is not None
        rate, size = self._rate, self._bytes
        header = _HEADER.pack(
            b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", size
        )
        os.pwrite(self._descriptor, header, 0)


def load(means: Means) -> Player:
    """Make one that writes `<airing>.wav` into the folder of WAVs."""

    def make(programme: Programme) -> _File:
        return _File(means.wav_folder / f"{programme.airing}.wav")

    return Paced(means, make)
