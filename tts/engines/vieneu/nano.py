"""VieNeu-TTS v3 Nano, 24 kHz: lower quality, several times as fast, for weak machines."""

from typing import Any

from tts.engines import Engine
from tts.engines.options import EngineOptions
from tts.engines.vieneu.models import NANO
from tts.engines.vieneu.speaking import Vieneu


def load(options: EngineOptions) -> Engine:
    """Return Nano; its weights are loaded when it first speaks."""

    def start() -> Any:
        from vieneu.v3nano import V3NanoVieNeuTTS

        return V3NanoVieNeuTTS(threads=options.vieneu.threads)

    return Vieneu(NANO, start=start, say=_say)


def _say(started: Any, phonemes: str, preset: Any, seed: int) -> Any:
    return started.engine.infer(
        phonemes,
        preset["speaker_emb"],
        preset["style"],
        steps=started.default_steps,
        cfg=started.default_cfg,
        seed=seed,
    )
