"""Encoding, decoding and taking in: speech-like sound, and sounds nobody should upload."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile

from tests.support.tracks import finished, tones, track_of
from tts.engines import load
from tts.errors import SpeechError
from tts.finish import Air, finish_within
from tts.opus import decode, encode
from tts.presets import QUIET
from tts.sound import RATE, Sound, at_our_rate, chime, join, pause, tightened, trimmed
from tts.track import sentence_piece
from tts.uploads import import_sound
from tts.workers import Workers


def test_the_same_sound_gives_the_same_bytes() -> None:
    sound = join([chime(), tones(2)])
    assert encode(sound) == encode(sound)


def test_the_file_is_sound_to_a_decoder_that_checks_every_page() -> None:
    ogg = encode(tones(12))
    done = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "warning", "-xerror", "-i", "pipe:0", "-f", "null", "-"],
        input=ogg, capture_output=True, check=False, timeout=30,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_speech_fits_into_the_bytes_it_may_have_or_is_refused(tmp_path: Path) -> None:
    said = load("espeak").speak("bão số mười hai đang tiến vào vùng biển cà mau, bà con neo đậu tàu thuyền")
    sound = trimmed(at_our_rate(said.data, said.rate))
    track = track_of(tmp_path, [sentence_piece(sound, 0.2)] * 3)
    with Workers() as workers:
        fitted = finish_within(track, Air(QUIET), workers, 18_000)
        assert fitted is not None
        assert len(fitted.ogg) <= 18_000
        assert fitted.hearing.quality.true_peak <= -1
        assert finish_within(track, Air(QUIET), workers, 3_000) is None


@pytest.mark.parametrize("data", [b"", b"OggS", b"nothing at all", b"\x00" * 500])
def test_a_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(SpeechError, match="bị hỏng"):
        decode(data)


def test_silence_around_and_inside_a_sentence_can_be_cut() -> None:
    word = load("tone").speak("một").data
    sound = join([pause(1), at_our_rate(word, 24_000), pause(1), at_our_rate(word, 24_000), pause(1)])
    assert trimmed(sound).seconds == pytest.approx(1.4, abs=0.1)
    assert tightened(trimmed(sound)).seconds == pytest.approx(0.55, abs=0.1)


def uploaded(sound: Sound, kind: str, folder: Path) -> bytes:
    wav, out = folder / "in.wav", folder / f"out.{kind}"
    soundfile.write(wav, np.stack([sound.data, sound.data], axis=1), RATE, subtype="PCM_24")
    if kind == "wav":
        return wav.read_bytes()
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", wav, "-ar", "44100", out],
        check=True,
        timeout=30,
    )
    return out.read_bytes()


@pytest.mark.parametrize("kind", ["mp3", "m4a", "wav", "ogg", "flac"])
def test_an_uploaded_sound_is_taken_in_and_mastered(kind: str, tmp_path: Path) -> None:
    sound = import_sound(uploaded(tones(3, level=0.05), kind, tmp_path))
    assert sound.seconds == pytest.approx(3, abs=0.15)
    assert finished(tmp_path, sound).hearing.quality.faults == ()


@pytest.mark.parametrize("kind", ["mp3", "m4a", "wav", "flac"])
def test_half_a_file_is_taken_as_far_as_it_goes_or_refused(kind: str, tmp_path: Path) -> None:
    whole = uploaded(tones(3), kind, tmp_path)
    try:
        assert 0 < import_sound(whole[: len(whole) // 2]).seconds < 3.1
    except SpeechError as error:
        assert "bị hỏng hoặc dở dang" in str(error)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "không phải âm thanh"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "không phải âm thanh"),
        (b"ID3" + bytes(2000), "bị hỏng"),
        (b"RIFF\x00\x00\x00\x00WAVE" + b"x" * 500, "bị hỏng"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(300), "bị hỏng"),
    ],
)
def test_an_upload_that_is_no_sound_is_refused_in_vietnamese(data: bytes, why: str) -> None:
    with pytest.raises(SpeechError, match=why):
        import_sound(data)


def test_a_silent_upload_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="không có tiếng"):
        import_sound(uploaded(pause(2), "wav", tmp_path))
