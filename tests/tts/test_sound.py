"""Mastering, encoding and measuring: on speech-like sound, and on sounds nobody should upload."""

import io
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.engines import load
from tts.errors import SpeechError
from tts.finish import finish, finish_within
from tts.mastering import CEILING, limited, loudness, mastered, true_peak
from tts.opus import decode, encode
from tts.qa import measure
from tts.sound import RATE, Sound, at_our_rate, chime, join, pause, tightened, trimmed
from tts.uploads import import_sound


def tones(seconds: float, level: float = 0.3) -> Sound:
    """Make swelling tones with a crest a little like that of speech."""
    at = np.arange(int(seconds * RATE)) / RATE
    wave = np.sin(2 * np.pi * 220 * at) + 0.5 * np.sin(2 * np.pi * 1330 * at)
    return Sound((level * wave * np.sin(2 * np.pi * 1.7 * at) ** 4).astype(np.float32))


@pytest.mark.parametrize("level", [0.001, 0.05, 0.9])
def test_everything_goes_out_equally_loud_and_below_the_ceiling(level: float) -> None:
    result = mastered(tones(4, level))
    assert loudness(result) == pytest.approx(-16, abs=0.3)
    assert true_peak(result) <= CEILING + 0.1


@pytest.mark.parametrize("seconds", [0.001, 0.05, 0.3, 0.41])
def test_a_very_short_sound_is_mastered_too(seconds: float) -> None:
    result = mastered(tones(seconds))
    assert np.isfinite(result.data).all()
    assert len(result.data) == len(tones(seconds).data)


@pytest.mark.parametrize("sound", [pause(0), pause(0.1), pause(3)], ids=["empty", "short", "long"])
def test_silence_stays_silence(sound: Sound) -> None:
    assert not mastered(sound).data.any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 30.0), st.floats(-12, -1))
def test_the_limiter_holds_its_ceiling_against_any_noise(seed: int, gain: float, ceiling: float) -> None:
    noise = np.random.default_rng(seed).standard_normal(RATE // 4).astype(np.float32)
    assert true_peak(limited(Sound(noise * np.float32(gain)), ceiling)) <= ceiling + 0.35


def test_the_true_peak_between_two_samples_is_found() -> None:
    at = np.arange(RATE)
    between = Sound((0.9 * np.sin(np.pi * at / 2 + np.pi / 4)).astype(np.float32))
    assert np.abs(between.data).max() < 0.65
    assert true_peak(between) == pytest.approx(20 * np.log10(0.9), abs=0.3)


def test_a_finished_sound_is_right_when_decoded() -> None:
    finished = finish(join([chime(), tones(6)]))
    facts = finished.quality
    assert facts.faults == ()
    assert facts.lufs == pytest.approx(-16, abs=0.5)
    assert facts.true_peak <= -1
    assert facts.clipped == 0
    data, rate = soundfile.read(io.BytesIO(finished.ogg))
    assert (data.ndim, rate) == (1, 48_000)
    assert len(data) == pytest.approx(8 * RATE, abs=RATE // 50)


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


def test_speech_fits_into_the_bytes_it_may_have_or_is_refused() -> None:
    sound = tones(20)
    finished = finish_within(sound, 25_000)
    assert finished is not None
    assert len(finished.ogg) <= 25_000
    assert finished.quality.true_peak <= -1
    assert finish_within(sound, 3_000) is None


def test_what_is_wrong_with_a_sound_is_named() -> None:
    loud = measure(encode(Sound(np.clip(tones(2).data * 9, -1, 1))))
    assert any("LUFS" in fault for fault in loud.faults)
    assert any("dBTP" in fault for fault in loud.faults)
    gap = measure(finish(join([tones(2), pause(6), tones(2)])).ogg)
    assert [fault for fault in gap.faults if "im lặng" in fault]
    assert gap.longest_silence == pytest.approx(6, abs=0.6)
    assert measure(encode(pause(1))).faults == ("Bản ghi không có tiếng; hãy tạo lại.",)


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
    assert finish(sound).quality.faults == ()


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
