"""VieNeu-TTS v3 Turbo, 48 kHz: the better of the two, for machines that can wait. 32 bits a weight."""

from typing import Any

import numpy as np

from tts.engines import Engine
from tts.engines.options import EngineOptions
from tts.engines.vieneu.models import TURBO
from tts.engines.vieneu.speaking import Vieneu

FRAMES = 300
"""Of 80 ms, at most in one piece: the package's own limit."""


def load(options: EngineOptions) -> Engine:
    """Return Turbo; its weights are loaded when it first speaks."""

    def start() -> Any:
        from vieneu.v3turbo import V3TurboVieNeuTTS

        return V3TurboVieNeuTTS(
            backend="onnx", device="cpu", precision="fp32", threads=options.vieneu.threads
        )

    return Vieneu(TURBO, start=start, say=_say)


def _say(started: Any, phonemes: str, preset: Any, seed: int) -> Any:
    """Sampled with numpy's one global generator, which is put back afterwards."""
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        return started.engine.infer(
            phonemes=phonemes,
            speaker_emb=preset["speaker_emb"],
            ref_codes=preset["codes"],
            max_new_frames=FRAMES,
        )
    finally:
        np.random.set_state(before)
