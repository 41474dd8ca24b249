"""Which voices an officer can choose from: those of the engines that are here."""

from dataclasses import dataclass
from functools import cache

from studio.errors import Invalid
from studio.settings import StudioSettings
from tts.engines import ENGINES, Engine, load
from tts.engines.options import EngineOptions
from tts.errors import SpeechError

ENGINE_NAMES = {
    "espeak": "Giọng thử (eSpeak)",
    "vieneu-turbo": "VieNeu Turbo",
    "vieneu-nano": "VieNeu Nano",
    "remote": "Dịch vụ từ xa",
    "tone": "Tiếng bíp (chỉ để kiểm tra)",
}
"""What staff call the engines."""


@dataclass(frozen=True)
class Offer:
    """One voice of one engine; `key` is what a form sends back."""

    engine: str
    voice: str
    label: str

    @property
    def key(self) -> str:
        """Engine and voice in one word."""
        return f"{self.engine}:{self.voice}"


def offered(settings: StudioSettings) -> list[Offer]:
    """The voices of every engine that is here, the chosen engine's first; beeps only if they are chosen."""
    names = [name for name in ENGINES if name != "tone"]
    wanted = dict.fromkeys((settings.engine, *names))
    offers = [offer for name in wanted for offer in _of(name, settings.engine_options)]
    return sorted(offers, key=lambda o: (o.engine != settings.engine, o.voice != settings.voice))


def chosen(settings: StudioSettings, key: str) -> tuple[str, str | None]:
    """Engine and voice of a form's answer; the usual ones if it is empty. Raises Invalid."""
    if not key:
        return settings.engine, settings.voice
    for offer in offered(settings):
        if offer.key == key:
            return offer.engine, offer.voice
    raise Invalid("Không có giọng đọc này. Hãy chọn giọng khác trong danh sách.", field="voice")


def _of(name: str, options: EngineOptions) -> tuple[Offer, ...]:
    try:
        engine = _engine(name, options)
        voices = () if engine.lacks() else engine.voices()
    except (SpeechError, ImportError):
        return ()  # not here, or not now
    label = ENGINE_NAMES.get(name, name)
    return tuple(Offer(name, voice.name, f"{label}: {voice.label}") for voice in voices)


@cache
def _engine(name: str, options: EngineOptions) -> Engine:
    """One of each: it remembers what it found out, but not what it lacks."""
    return load(name, options)
