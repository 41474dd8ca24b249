"""Tiny graphs with random weights that the classes of `vieneu` take for their models, in the real layout of the cache.

What they say is beeps. But a piece lasts as long as its phonemes ask for, other voices and seeds sound otherwise, and
now and then Turbo samples a code after which it finds no end, as the true one does.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from tts.engines.vieneu.models import NANO, TURBO, File

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HIDDEN, CODEBOOKS, CODES, TOKENS, FIRST_LETTER = 16, 16, 1024, 400, 20
FRAME = 3840
"""Samples of 48 kHz a frame of Turbo's codec."""
FRAMES_A_LETTER = 0.5
TRAPS = 256
"""Codes after which, if a piece begins with one, Turbo does not end."""

_CLOCK, _LETTER, _SAID, _TRAPPED, _FREE = 0, 1, 2, 3, 4
"""What the first places of a hidden state mean; the others are noise."""


def repositories(folder: Path, *, traps: int = TRAPS) -> dict[File, Path]:
    """Make every file of both models; returns where each is."""
    return _turbo(folder / "turbo", traps) | _nano(folder / "nano")


def lay_out(files: Mapping[File, Path], cache: Path) -> None:
    """Put files into a cache as the hub's own downloader does: blobs by hash, a snapshot of links, a ref."""
    for file, path in files.items():
        home = cache / f"models--{file.repo.replace('/', '--')}"
        content = path.read_bytes()
        blob = home / "blobs" / hashlib.sha256(content).hexdigest()
        link = home / "snapshots" / COMMIT / file.path
        for folder in (blob.parent, link.parent, home / "refs"):
            folder.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        link.symlink_to(Path(*[".."] * (2 + file.path.count("/")), "blobs", blob.name))
        (home / "refs" / "main").write_text(COMMIT)


def _turbo(folder: Path, traps: int) -> dict[File, Path]:
    folder.mkdir(parents=True)
    chance = np.random.default_rng(7)
    _save(_prefill(), folder / "vieneu_prefill.onnx", "vieneu_backbone_shared.data")
    _save(_decode_step(chance), folder / "vieneu_decode_step.onnx", "vieneu_backbone_shared.data")
    _save(_acoustic(chance), folder / "vieneu_acoustic_cached.onnx", "vieneu_backbone_shared.data")
    for kind, data in (("decode_full", "decode_shared"), ("decode_step", "decode_shared")):
        _save(
            _codec(),
            folder / f"moss_audio_tokenizer_{kind}.onnx",
            f"moss_audio_tokenizer_{data}.data",
        )
    for name in ("moss_audio_tokenizer_encode.onnx", "moss_audio_tokenizer_encode.data"):
        (folder / name).write_bytes(b"only what clones a voice opens it")
    streaming: dict[str, Any] = {"streaming_decode": {"transformer_offsets": [], "attention_caches": []}}
    (folder / "codec_browser_onnx_meta.json").write_text(json.dumps(streaming))
    np.savez(folder / "vieneu_v3_heads.npz", **_heads(chance, traps))
    (folder / "config.json").write_text(json.dumps(_turbo_config()))
    letters = {chr(code): FIRST_LETTER + at for at, code in enumerate(range(32, 32 + TOKENS - FIRST_LETTER))}
    tokenizer = Tokenizer(models.WordLevel({"?": FIRST_LETTER - 1} | letters, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    return {file: folder / Path(file.path).name for file in TURBO.files}


def _turbo_config() -> dict[str, Any]:
    specials = {"text_prompt_start": 3, "text_prompt_end": 4, "speech_generation_start": 5}
    specials |= {"speech_generation_end": 6, "audio_ref_slot": 7, "default_style": 16, "audio_pad": CODES}
    sizes = {"n_vq": CODEBOOKS, "hidden_size": HIDDEN, "text_vocab_size": TOKENS, "num_hidden_layers": 1}
    sizes |= {"local_num_hidden_layers": 1, "local_num_attention_heads": 1, "use_speaker_embedding": True}
    return {f"{name}_token_id": number for name, number in specials.items()} | sizes


def _heads(chance: np.random.Generator, traps: int) -> dict[str, Any]:
    text = _noise(chance, TOKENS, HIDDEN, size=0.05)
    text[:, :_FREE] = 0
    text[FIRST_LETTER:, _LETTER] = 1
    text[5, _SAID] = 1  # the row of a frame already said
    text[6] = np.eye(HIDDEN)[
        _CLOCK
    ]  # the end is more likely than what follows as soon as the clock is positive
    text[0] = -text[6]
    audio = _noise(chance, CODEBOOKS, CODES, HIDDEN, size=0.15)
    audio[:, :, :_FREE] = 0
    audio[0, chance.choice(CODES, traps, replace=False), _TRAPPED] = 1
    free = _mask(range(_FREE, HIDDEN))
    anchor: dict[str, Any] = {"xvec_w": _noise(chance, HIDDEN, 192), "xvec_b": np.zeros(HIDDEN, np.float32)}
    anchor |= {"xvec_ln_w": free, "xvec_ln_b": np.zeros(HIDDEN, np.float32), "xvec_ln_eps": np.float32(1e-5)}
    return {"text_emb": text, "audio_emb": audio, **anchor}


def _prefill() -> onnx.ModelProto:
    nodes = [
        _node("Mul", ["inputs_embeds", "but_traps"], ["untrapped"]),  # the voice's own codes may be some
        _node("Unsqueeze", ["untrapped", "one"], ["present_k_0"]),
        _node("Identity", ["present_k_0"], ["present_v_0"]),
        _node("Mul", ["inputs_embeds", "noise_only"], ["hidden"]),
    ]
    row, past = ["n", "t", HIDDEN], [1, 1, "t", HIDDEN]
    return _model(
        nodes,
        {"inputs_embeds": row},
        {"hidden": row, "present_k_0": past, "present_v_0": past},
        {
            "one": _whole(1),
            "noise_only": _mask(range(_FREE, HIDDEN)),
            "but_traps": _mask({*range(HIDDEN)} - {_TRAPPED}),
        },
    )


def _decode_step(chance: np.random.Generator) -> onnx.ModelProto:
    """Clock = frames said - frames wanted, minus a lot once a trap was sampled; the rest is a mean of what was."""
    clock = np.zeros((HIDDEN, HIDDEN), np.float32)
    clock[_SAID, _CLOCK], clock[_LETTER, _CLOCK] = 1.0, -FRAMES_A_LETTER
    clock[_TRAPPED, _CLOCK] = -1000.0
    mixing = _noise(chance, HIDDEN, HIDDEN, size=0.1)
    mixing[:, :_FREE] = 0
    nodes = [
        _node("ReduceSum", ["past_k_0", "ones"], ["past"], keepdims=0),
        _node("MatMul", ["past", "said"], ["frames"]),
        _node("Sub", ["first", "frames"], ["begins"]),
        _node("Relu", ["begins"], ["open"]),  # 1 for the first frame, then 0
        _node("Mul", ["trap", "open"], ["opened"]),
        _node("Add", ["opened", "but_trap"], ["seen"]),
        _node("Mul", ["inputs_embeds", "seen"], ["told"]),
        _node("Unsqueeze", ["told", "one"], ["row"]),
        _node("Concat", ["past_k_0", "row"], ["present_k_0"], axis=2),
        _node("Concat", ["past_v_0", "row"], ["present_v_0"], axis=2),
        _node("ReduceSum", ["present_k_0", "ones"], ["sums"], keepdims=0),
        _node("MatMul", ["sums", "clock"], ["time"]),
        _node("ReduceMean", ["present_v_0", "ones"], ["means"], keepdims=0),
        _node("MatMul", ["means", "mixing"], ["mixed"]),
        _node("MatMul", ["inputs_embeds", "mixing"], ["newest"]),
        _node("Add", ["time", "mixed"], ["slow"]),
        _node("Add", ["slow", "newest"], ["hidden"]),
        _node("Identity", ["position_ids"], ["unused"]),
    ]
    past, row = [1, 1, "t", HIDDEN], [1, 1, HIDDEN]
    return _model(
        nodes,
        {"inputs_embeds": row, "position_ids": [1, 1], "past_k_0": past, "past_v_0": past},
        {"hidden": row, "present_k_0": past, "present_v_0": past},
        {
            "one": _whole(1),
            "ones": _whole(1, 2),
            "clock": clock,
            "mixing": mixing,
            "said": _mask([_SAID])[:, None],
            "first": np.ones(1, np.float32),
            "trap": _mask([_TRAPPED]),
            "but_trap": _mask({*range(HIDDEN)} - {_TRAPPED}),
        },
    )


def _acoustic(chance: np.random.Generator) -> onnx.ModelProto:
    mixing = _noise(chance, HIDDEN, HIDDEN, size=0.3)
    mixing[:, :_FREE] = 0
    mixing[_CLOCK] = np.eye(HIDDEN)[_CLOCK]
    nodes = [
        _node("Unsqueeze", ["token_emb", "one"], ["row"]),
        _node("Concat", ["past_k_0", "row"], ["present_k_0"], axis=2),
        _node("Concat", ["past_v_0", "row"], ["present_v_0"], axis=2),
        _node("ReduceMean", ["present_k_0", "ones"], ["means"], keepdims=0),
        _node("Add", ["token_emb", "means"], ["both"]),
        _node("MatMul", ["both", "mixing"], ["hidden"]),
        _node("Identity", ["position_ids"], ["unused"]),
    ]
    past, row = [1, 1, "t", HIDDEN], [1, "s", HIDDEN]
    return _model(
        nodes,
        {"token_emb": row, "position_ids": [1, "s"], "past_k_0": past, "past_v_0": past},
        {"hidden": row, "present_k_0": past, "present_v_0": past},
        {"one": _whole(1), "ones": _whole(1, 2), "mixing": mixing},
    )


def _codec() -> onnx.ModelProto:
    """A beep a frame, as high as the first two codes say."""
    at = np.arange(FRAME) / 48_000
    beeps = np.stack([0.3 * np.sin(2 * np.pi * 12.5 * (10 + 3 * pitch) * at) for pitch in range(32)])
    nodes = [
        _node("Gather", ["audio_codes", "first_two"], ["two"], axis=2),
        _node("Mod", ["two", "pitches"], ["heights"]),
        _node("Gather", ["beeps", "heights"], ["pairs"], axis=0),
        _node("ReduceMean", ["pairs", "two_axis"], ["frames"], keepdims=0),
        _node("Reshape", ["frames", "flat"], ["mono"]),
        _node("Concat", ["mono", "mono"], ["audio"], axis=1),
        _node("Mul", ["audio_code_lengths", "frame"], ["audio_lengths"]),
    ]
    return _model(
        nodes,
        {"audio_codes": [1, "t", CODEBOOKS], "audio_code_lengths": [1]},
        {"audio": [1, 2, "n"], "audio_lengths": [1]},
        {
            "first_two": _whole(0, 1),
            "pitches": np.array([32], np.int32),
            "beeps": beeps.astype(np.float32),
            "two_axis": _whole(2),
            "flat": _whole(1, 1, -1),
            "frame": np.array([FRAME], np.int32),
        },
        whole={"audio_codes", "audio_code_lengths", "audio_lengths"},
    )


def _nano(folder: Path) -> dict[File, Path]:
    folder.mkdir(parents=True)
    chance = np.random.default_rng(11)
    for name, model in _nano_graphs(chance).items():
        _save(model, folder / name)
    vocabulary = {chr(code): 3 + at for at, code in enumerate(range(32, 800))}
    config = {"vocab": vocabulary, "bos_id": 1, "eos_id": 2, "pad_id": 0, "flow_fps": 24_000 / 1536}
    (folder / "config.json").write_text(json.dumps(config))
    nothing: dict[str, Any] = {
        "null_spk": np.zeros(192, np.float32),
        "null_style": np.zeros((50, 256), np.float32),
    }
    np.savez(folder / "constants.npz", **nothing)
    return {file: folder / file.path for file in NANO.files}


def _nano_graphs(chance: np.random.Generator) -> dict[str, onnx.ModelProto]:
    ids, ctx, style, spk = [1, "l"], [1, "l", 8], [1, 50, 256], [1, 192]
    x = [1, 144, "t"]
    text = [
        _node("Gather", ["letters", "ids"], ["rows"]),
        _node("ReduceMean", ["style", "one"], ["mean_style"], keepdims=1),
        _node("MatMul", ["mean_style", "from_style"], ["tone"]),
        _node("Add", ["rows", "tone"], ["ctx"]),
    ]
    lasting = [
        _node("Cast", ["ctx_mask"], ["mask"], to=TensorProto.FLOAT),
        _node("ReduceSum", ["mask", "one"], ["count"], keepdims=0),
        _node("Mul", ["count", "seconds_a_letter"], ["seconds"]),
        _node("Log", ["seconds"], ["log_seconds"]),
    ]
    flow = [
        _node("ReduceMean", ["ctx", "one"], ["mean_ctx"], keepdims=1),
        _node("MatMul", ["mean_ctx", "from_ctx"], ["told"]),
        _node("MatMul", ["spk", "from_spk"], ["who"]),
        _node("Add", ["told", "who"], ["both"]),
        _node("Transpose", ["both"], ["column"], perm=[0, 2, 1]),
        _node("MatMul", ["mixing", "x"], ["moved"]),
        _node("Add", ["moved", "column"], ["v"]),
    ]
    decode = [
        _node("Transpose", ["x"], ["frames"], perm=[0, 2, 1]),
        _node("MatMul", ["frames", "to_wave"], ["wave"]),
        _node("Tanh", ["wave"], ["bounded"]),
        _node("Reshape", ["bounded", "flat"], ["audio"]),
    ]
    seconds_a_letter = np.array([0.08 * FRAMES_A_LETTER], np.float32)
    return {
        "text_encoder.onnx": _model(
            text,
            {"ids": ids, "style": style},
            {"ctx": ctx},
            {"letters": _noise(chance, 800, 8), "one": _whole(1), "from_style": _noise(chance, 256, 8)},
            whole64={"ids"},
        ),
        "duration_predictor.onnx": _model(
            lasting,
            {"ctx": ctx, "ctx_mask": ids, "spk": spk},
            {"log_seconds": [1]},
            {"one": _whole(1), "seconds_a_letter": seconds_a_letter},
            flags={"ctx_mask"},
        ),
        "vector_estimator.onnx": _model(
            flow,
            {"x": x, "t": [1], "ctx": ctx, "ctx_mask": ids, "spk": spk, "style": style},
            {"v": x},
            {
                "one": _whole(1),
                "from_ctx": _noise(chance, 8, 144, size=0.3),
                "from_spk": _noise(chance, 192, 144, size=0.05),
                "mixing": _noise(chance, 144, 144, size=0.03),
            },
            flags={"ctx_mask"},
        ),
        "codec_decoder.onnx": _model(
            decode,
            {"x": x},
            {"audio": [1, 1, "n"]},
            {"to_wave": _noise(chance, 144, 1536, size=0.006), "flat": _whole(1, 1, -1)},
        ),
    }


def _model(
    nodes: list[onnx.NodeProto],
    inputs: Mapping[str, list[Any]],
    outputs: Mapping[str, list[Any]],
    weights: Mapping[str, NDArray[Any]],
    *,
    whole: Iterable[str] = (),
    whole64: Iterable[str] = (),
    flags: Iterable[str] = (),
) -> onnx.ModelProto:
    kinds = dict.fromkeys(whole, TensorProto.INT32) | dict.fromkeys(flags, TensorProto.BOOL)
    kinds |= dict.fromkeys(("position_ids", *whole64), TensorProto.INT64)
    values = {
        name: helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), shape)
        for name, shape in (dict(inputs) | dict(outputs)).items()
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        [values[name] for name in inputs],
        [values[name] for name in outputs],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def _save(model: onnx.ModelProto, path: Path, data: str | None = None) -> None:
    """With its weights in a file beside it, if `data` names one: the true models share theirs so."""
    onnx.checker.check_model(model)
    if data is None:
        onnx.save(model, path)
    else:
        onnx.save(model, path, save_as_external_data=True, location=data, size_threshold=100)


def _node(kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(kind, inputs, outputs, **attributes)


def _noise(chance: np.random.Generator, *shape: int, size: float = 1.0) -> NDArray[np.float32]:
    return (size * chance.standard_normal(shape)).astype(np.float32)


def _mask(places: Iterable[int]) -> NDArray[np.float32]:
    return np.isin(np.arange(HIDDEN), list(places)).astype(np.float32)


def _whole(*numbers: int) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)
