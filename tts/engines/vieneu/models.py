"""The two models: what is fetched, from where, and how they want to be fed."""

from dataclasses import dataclass

from tts.engines import Manner


@dataclass(frozen=True, slots=True)
class File:
    """One file of a repository on the hub."""

    repo: str
    path: str


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the package."""

    name: str
    """Of its engine."""
    title: str
    """What staff call it."""
    rate: int
    """Samples a second."""
    presets: str
    """The package's file of voices."""
    usual: tuple[str, ...]
    """Voices to offer first: newsreaders of the South."""
    files: tuple[File, ...]
    """All that its class insists on for a preset voice."""
    manner: Manner


LEAST_WORDS = 5
"""Below so many words the package makes every sentence a statement, and its models babble."""

_TURBO = "pnnbao-ump/VieNeu-TTS-v3-Turbo"
_NANO = "pnnbao-ump/VieNeu-TTS-v3-Nano"
_CODEC = "OpenMOSS-Team/MOSS-Audio-Tokenizer-Nano-ONNX"

TURBO = Model(
    name="vieneu-turbo",
    title="VieNeu v3 Turbo",
    rate=48_000,
    presets="voices_v3_turbo.json",
    usual=("Thùy Dung", "Minh Triết"),
    files=(
        *(
            File(_TURBO, f"onnx_update/{name}")  # 32 bits a weight; the package's other folder has 8
            for name in (
                "config.json",
                "tokenizer.json",
                "vieneu_prefill.onnx",
                "vieneu_decode_step.onnx",
                "vieneu_acoustic_cached.onnx",
                "vieneu_v3_heads.npz",
                "vieneu_backbone_shared.data",
            )
        ),
        *(
            File(_CODEC, name)  # the encoder, which only clones voices, is insisted on too
            for name in (
                "codec_browser_onnx_meta.json",
                "moss_audio_tokenizer_decode_full.onnx",
                "moss_audio_tokenizer_decode_shared.data",
                "moss_audio_tokenizer_decode_step.onnx",
                "moss_audio_tokenizer_encode.onnx",
                "moss_audio_tokenizer_encode.data",
            )
        ),
    ),
    # Its class stops after 24 s: what has no more characters and is not ended by then has babbled.
    manner=Manner(least_words=LEAST_WORDS, most_characters=220, takes=True),
)

NANO = Model(
    name="vieneu-nano",
    title="VieNeu v3 Nano",
    rate=24_000,
    presets="voices_v3_nano.json",
    usual=("Ái Hân",),
    files=tuple(
        File(_NANO, name)
        for name in (
            "config.json",
            "constants.npz",
            "text_encoder.onnx",
            "duration_predictor.onnx",
            "vector_estimator.onnx",
            "codec_decoder.onnx",
        )
    ),
    # It was trained on at most 15 s a piece, and cuts off what is longer.
    manner=Manner(least_words=LEAST_WORDS, most_characters=140, takes=True),
)

MODELS = {model.name: model for model in (TURBO, NANO)}
