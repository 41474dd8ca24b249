"""Ogg Opus out and in. The same sound always gives the same bytes, because a sound is named by its sha256.

The encoder is that of ffmpeg, from the wheel `imageio-ffmpeg`: it takes two fifths of the time of the one inside
libsndfile's wheel, in a process of its own, and writes full pages, which spares an emergency of 40 KB a second's worth
of headers. What a loudspeaker reads with is libsndfile, so that is what decodes here.
"""

import io
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

import imageio_ffmpeg
import numpy as np
import soundfile

from tts.errors import SpeechError
from tts.sound import RATE, Sound, Wave, at_our_rate

KILOBITS = 24.0
"""Kilobits a second of speech on air."""

LEAST_KILOBITS = 6.0

_BAND = 8_000
"""Hz that Opus is to keep: mastering leaves nothing above, and the wide band is where it codes speech best."""

_PAGE_US = 5_000_000
"""An Ogg page has room for 255 frames of 20 ms."""

_WRITES = RATE // 2


def _command(kilobits: float) -> list[str]:
    return [
        imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error",
        "-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", "pipe:0",
        "-c:a", "libopus", "-application", "audio", "-b:a", str(round(kilobits * 1000)), "-cutoff", str(_BAND),
        # Neither a random serial number nor the name of a version: the same sound, the same bytes.
        "-flags", "+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1",
        "-page_duration", str(_PAGE_US), "-f", "ogg", "pipe:1",
    ]  # fmt: skip


class Encoder:
    """Takes a sound in pieces; `finish` gives the file. Leaving the block before that throws the work away."""

    def __init__(self, kilobits: float = KILOBITS) -> None:
        self._kilobits = kilobits
        self._written: list[bytes] = []

    def __enter__(self) -> Self:
        try:
            self._process = subprocess.Popen(
                _command(self._kilobits),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except (OSError, RuntimeError) as error:  # the wheel says so of a machine it has no ffmpeg for
            raise SpeechError(
                "Không chạy được bộ mã hóa Opus (ffmpeg); hãy cài lại bằng «pip install imageio-ffmpeg»."
            ) from error
        # Both ends of the pipe at once, or a full one stops everything.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def write(self, data: Wave) -> None:
        """Encode the next piece. Raises SpeechError if ffmpeg died."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            for start in range(0, len(data), _WRITES):
                stdin.write(np.ascontiguousarray(data[start : start + _WRITES], dtype="<f4").tobytes())
        except OSError:
            self._end()
            raise self._broken() from None

    def finish(self) -> bytes:
        """Return the file. Raises SpeechError if ffmpeg could not write it."""
        self._end()
        if self._process.returncode != 0:
            raise self._broken()
        return b"".join(self._written)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._end()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        while block := stdout.read(1 << 16):
            self._written.append(block)

    def _end(self) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._reader.join()
        self._process.wait()

    def _broken(self) -> SpeechError:
        assert self._process.stderr is not None
        last = self._process.stderr.read().decode("utf-8", "replace").strip().rsplit("\n", 1)[-1][:200]
        return SpeechError(
            f"Bộ mã hóa Opus (ffmpeg) dừng với mã {self._process.returncode} {last}".strip()
            + "; hãy thử lại.",
            permanent=False,
        )


def encode(sound: Sound, kilobits: float = KILOBITS) -> bytes:
    """Write Ogg Opus, mono, about `kilobits` a second. Raises SpeechError if ffmpeg is missing or broken."""
    with Encoder(kilobits) as encoder:
        encoder.write(sound.data)
        return encoder.finish()


def blocks(ogg: bytes, length: int) -> Iterator[Wave]:
    """Decode `length` samples at a time; raises SpeechError for anything that is no sound of ours."""
    try:
        with soundfile.SoundFile(io.BytesIO(ogg)) as file:
            if (file.samplerate, file.channels) != (RATE, 1):
                raise SpeechError("Tệp âm thanh không phải do Loa tạo; hãy tải lên để tạo bản ghi mới.")
            while len(block := file.read(length, dtype="float32")):
                yield block
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        raise _spoilt() from error


def decode(ogg: bytes) -> Sound:
    """Read a whole Ogg file; raises SpeechError for anything that is no sound."""
    try:
        data, rate = soundfile.read(io.BytesIO(ogg), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        raise _spoilt() from error
    return at_our_rate(data.mean(axis=1), rate)


def _spoilt() -> SpeechError:
    return SpeechError("Tệp âm thanh bị hỏng, không giải mã được; hãy tạo lại bản ghi.")
