"""Sounds that staff bring along: MP3, M4A, WAV, Ogg or FLAC in, our own kind of sound out."""

import io
import warnings

import imageio_ffmpeg
import numpy as np

from tts.errors import SpeechError
from tts.sound import LONGEST, Sound, at_our_rate

_KINDS = ("MP3", "M4A", "WAV", "OGG", "FLAC")


def import_sound(data: bytes) -> Sound:
    """Decode an uploaded file to mono at our rate (finish.py masters it).

    Raises SpeechError if it is empty, of another kind, broken, silent, or longer than `LONGEST` seconds.
    """
    kind = _kind(data)
    if kind is None:
        raise SpeechError(f"Tệp tải lên không phải âm thanh; hãy chọn tệp {', '.join(_KINDS)}.")
    sound = _decoded(data, kind)
    if sound.is_silent:
        raise SpeechError("Tệp âm thanh không có tiếng; hãy ghi lại hoặc chọn tệp khác.")
    if sound.seconds > LONGEST:
        raise SpeechError(f"Tệp âm thanh dài quá {LONGEST // 60} phút; hãy cắt thành nhiều phần.")
    return sound


def _kind(data: bytes) -> str | None:
    """Tell the container by its first bytes: naming it to ffmpeg keeps play lists and the like from being followed."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] == b"ftyp":
        return "mp4"
    if data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE6 in (0xE2, 0xE4, 0xE6)):
        return "mp3"
    return {b"OggS": "ogg", b"fLaC": "flac"}.get(data[:4])


def _decoded(data: bytes, kind: str) -> Sound:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # pydub looks for an ffmpeg on the path, and warns; it is given one below
        from pydub import AudioSegment
        from pydub.exceptions import PydubException

    class Import(AudioSegment):  # type: ignore[misc]
        """pydub with the ffmpeg of the wheel, and nobody else's changed."""

        converter = imageio_ffmpeg.get_ffmpeg_exe()

    try:
        # Not from_file(): that asks ffprobe, which the wheel does not have.
        segment = Import.from_file_using_temporary_files(io.BytesIO(data), format=kind, duration=LONGEST + 1)
        samples = np.array(segment.get_array_of_samples(), dtype=np.float32).reshape(-1, segment.channels)
    except (PydubException, OSError, ValueError, LookupError) as error:
        raise SpeechError("Tệp âm thanh bị hỏng hoặc dở dang; hãy xuất lại rồi tải lên lần nữa.") from error
    scale = float(1 << (8 * segment.sample_width - 1))
    return at_our_rate(samples.mean(axis=1) / np.float32(scale), segment.frame_rate)
