"""How a sound is shaped for the place where its horns hang: a commune chooses, and each recording keeps the choice."""

from dataclasses import dataclass

from tts.errors import SpeechError


@dataclass(frozen=True, slots=True)
class Preset:
    """One shape of sound: how loud, how much presence, how much of the loud is taken back."""

    name: str
    label: str
    """What staff read."""
    lufs: float
    """Integrated loudness on air, as ITU-R BS.1770-4 measures it."""
    presence: float
    """dB lift around 2.8 kHz, where consonants live and horns still radiate."""
    ratio: float
    """Of the compressor above its threshold."""
    ceiling: float
    """dBTP of the limiter, lower where Opus overshoots more: the decoded peak must stay below -1."""
    loss: float
    """LU that Opus takes away, as measured on the bulletins of tests/data."""


QUIET = Preset("quiet", "Thôn xóm yên tĩnh", -16.0, presence=4.0, ratio=2.0, ceiling=-2.0, loss=0.2)
MARKET = Preset("market", "Chợ, nơi ồn ào", -14.0, presence=6.0, ratio=3.5, ceiling=-2.3, loss=0.3)

NARROW = Preset("narrow", "Tin khẩn cấp gửi kèm lệnh", -17.0, presence=0.0, ratio=4.0, ceiling=-4.0, loss=1.1)
"""For an emergency that must fit into a message. Nobody chooses it: at 7 kbit/s Opus redraws the wave, whose peaks then
stand 16 dB above its loudness whatever came in, so that it cannot be as loud as the others."""

PRESETS = {preset.name: preset for preset in (QUIET, MARKET)}


def preset_of(name: str) -> Preset:
    """Return the preset of that name; raises SpeechError if there is none such."""
    if name not in PRESETS:
        there = ", ".join(f"{preset.name} ({preset.label})" for preset in PRESETS.values())
        raise SpeechError(f"Không có kiểu âm thanh «{name}»; hãy chọn một trong: {there}.")
    return PRESETS[name]
