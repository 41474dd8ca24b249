"""VieNeu: the package as it is installed, on tiny weights; what it is given, and what becomes of its mistakes."""

import json
import os
import subprocess
import sys
from importlib.metadata import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vieneu_utils import phonemize_text

from tests.support import tiny_vieneu
from tts.engines import Samples, load
from tts.engines.vieneu import hub, presets
from tts.engines.vieneu.models import MODELS, NANO, TURBO, Model
from tts.engines.vieneu.speaking import Vieneu
from tts.engines.watched import TRIES, bounds, heard, seed, syllables, watched
from tts.errors import EngineError
from tts.speak import speak

ROOT = Path(__file__).parents[2]
SENTENCE = "ủy ban nhân dân xã thông báo lịch khám sức khỏe nghĩa vụ quân sự"
BOTH = pytest.mark.parametrize("name", MODELS)


def in_a_process(program: str, home: Path, **world: str) -> subprocess.CompletedProcess[str]:
    """Run a program whose cache is in `home`, with no flags of the hub but those given."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))
    }
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=clean | {"HF_HOME": str(home)} | world,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_usual_voices_are_newsreaders_of_the_south() -> None:
    turbo, nano = (presets.voices(model) for model in (TURBO, NANO))
    assert [voice.name for voice in turbo[:2]] == ["Thùy Dung", "Minh Triết"]
    assert [voice.name for voice in nano[:1]] == ["Ái Hân"]
    assert [voice.gender for voice in (*turbo[:2], *nano[:1])] == ["nữ", "nam", "nữ"]
    for voices in (turbo, nano):
        regions = [voice.region for voice in voices]
        assert regions == sorted(regions, key=lambda region: region != "Nam")


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_voice_of_the_package_is_listed_with_region_gender_and_licence(model: Model) -> None:
    brought = json.loads((files("vieneu") / "assets" / model.presets).read_text(encoding="utf-8"))["presets"]
    voices = presets.voices(model)
    assert {voice.name for voice in voices} == set(brought)
    assert all(voice.region and voice.gender and voice.licence == "Apache-2.0" for voice in voices)
    for voice in voices:
        told = brought[voice.name].get("region", voice.region)
        assert (voice.region, voice.gender) == (
            told,
            {"male": "nam", "female": "nữ"}[brought[voice.name]["gender"]],
        )


def test_the_licence_is_that_of_the_package() -> None:
    told = metadata("vieneu").get_all("Classifier") or []
    assert [line for line in told if line.startswith("License")] == [
        "License :: OSI Approved :: Apache Software License"
    ]
    assert presets.LICENCE == "Apache-2.0"


@BOTH
def test_without_weights_it_says_what_to_type_and_asks_nobody(name: str, tmp_path: Path) -> None:
    program = (
        "import socket, sys\n"
        "def nobody(*_): print('asked the network'); sys.exit(3)\n"
        "socket.create_connection = socket.socket.connect = socket.getaddrinfo = nobody\n"
        "from tts.engines import load\n"
        "from tts.errors import EngineError\n"
        f"engine = load('{name}')\n"
        "print(engine.lacks())\n"
        "try: engine.speak('bà con chú ý lắng nghe')\n"
        "except EngineError as error: print(error)\n"
    )
    told = in_a_process(program, tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    lacks, refused = told.stdout.splitlines()
    assert f"loa speech fetch-models {name}" in lacks == refused


def test_one_missing_file_is_missing_weights(tmp_path: Path) -> None:
    made = tiny_vieneu.repositories(tmp_path / "made")
    tiny_vieneu.lay_out(
        {file: path for file, path in made.items() if file != NANO.files[2]}, tmp_path / "hub"
    )
    told = in_a_process("from tts.engines import load; print(load('vieneu-nano').lacks())", tmp_path)
    assert "thiếu 1 tệp" in told.stdout, told.stderr


def test_spoilt_weights_are_an_error_that_says_to_fetch_them_again(tmp_path: Path) -> None:
    made = tiny_vieneu.repositories(tmp_path / "made")
    (tmp_path / "made" / "nano" / "text_encoder.onnx").write_bytes(b"spoilt")
    tiny_vieneu.lay_out(made, tmp_path / "hub")
    program = (
        "from tts.engines import load\n"
        "from tts.errors import EngineError\n"
        "try: load('vieneu-nano').speak('bà con chú ý lắng nghe')\n"
        "except EngineError as error: print(error)\n"
    )
    told = in_a_process(program, tmp_path)
    assert "loa speech fetch-models vieneu-nano --again" in told.stdout, told.stderr
    assert told.stderr == ""


@BOTH
def test_it_speaks_in_a_process_of_its_own_with_no_network_and_without_torch(
    name: str, hub_cache: Path
) -> None:
    program = (
        "import os, socket, sys\n"
        "def nobody(*_): print('asked the network'); os._exit(3)\n"
        "socket.create_connection = socket.socket.connect = socket.getaddrinfo = nobody\n"
        "from tts.engines import load\n"
        f"print(load('{name}').speak('{SENTENCE}').seconds > 1)\n"
        "heavy = {'torch', 'transformers', 'gradio', 'librosa', 'pandas'}\n"
        "print(heavy & sys.modules.keys(), os.environ['HF_HUB_OFFLINE'])\n"
    )
    told = in_a_process(program, hub_cache.parent)
    assert told.stdout.splitlines() == ["True", "set() 1"], told.stdout + told.stderr


def test_a_process_that_fetches_does_not_speak() -> None:
    program = "from tts.engines.vieneu import hub; hub.on_line(); hub.off_line()"
    told = in_a_process(program, Path("/nowhere"))
    assert "RuntimeError" in told.stderr


@BOTH
def test_the_words_reach_the_model_as_they_were_read(name: str, hub_cache: Path) -> None:
    # The package's own normaliser drops a «năm» here.
    dated = "ngày năm tháng năm năm hai nghìn không trăm hai mươi lăm"
    assert phonemes_of(name, dated).count("nˈam") == dated.count("năm") == 3


@BOTH
def test_no_square_bracket_reaches_the_package(
    name: str, hub_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    def listen(words: str, **how: Any) -> str:
        given.append(words)
        return str(phonemize(words, **how))

    phonemize = phonemize_text.phonemize_with_dict
    monkeypatch.setattr(phonemize_text, "phonemize_with_dict", listen)
    load(name).speak("bà con [cười] chú ý <|emotion_1|> lắng nghe <en>ban</en> tin")
    assert given == ["bà con cười chú ý emotion_1 lắng nghe en ban /en tin"]


def phonemes_of(name: str, sentence: str) -> str:
    """What the model is asked to say."""
    said: list[str] = []
    engine = load(name)
    assert isinstance(engine, Vieneu)
    say = engine._say

    def listen(started: Any, phonemes: str, preset: Any, number: int) -> Any:
        said.append(phonemes)
        return say(started, phonemes, preset, number)

    engine._say = listen
    engine.speak(sentence)
    return said[0]


@BOTH
def test_nobody_elses_random_numbers_matter_or_change(name: str, hub_cache: Path) -> None:
    engine = load(name)
    once = engine.speak(SENTENCE)
    np.random.seed(1)
    expected = np.random.random()
    np.random.seed(1)
    again = engine.speak(SENTENCE)
    assert np.random.random() == expected
    assert np.array_equal(once.data, again.data)


def test_a_piece_that_finds_no_end_is_said_again_with_another_seed(hub_cache: Path) -> None:
    """The tiny Turbo samples now and then a code after which it does not end, as the true one does."""
    engine = load("vieneu-turbo")
    assert isinstance(engine, Vieneu)
    tries: list[int] = []
    say = engine._say

    def count(started: Any, phonemes: str, preset: Any, number: int) -> Any:
        tries.append(number)
        return say(started, phonemes, preset, number)

    engine._say = count
    sentences = [
        f"{SENTENCE} đợt {number}" for number in ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám")
    ]
    sentences += [f"{one}, {two}" for one in sentences[:4] for two in sentences[4:6]]
    for sentence in sentences:
        least, most = bounds(sentence)
        assert least <= heard(engine.speak(sentence)) <= most
    assert len(sentences) < len(tries) == len(set(tries))


def test_a_bulletin_is_said_in_pieces_of_five_words_and_more(hub_cache: Path) -> None:
    said = speak("Thông báo\nNgày mai cả ấp cúp điện. Xin cảm ơn.", engine="vieneu-nano")
    assert [timing.sentence for timing in said.timings] == ["thông báo. ngày mai cả ấp cúp điện. xin cảm ơn."]
    assert said.voice == "Ái Hân"
    assert said.quality.faults == ()


def test_one_sentence_can_be_said_anew_and_the_others_stay(hub_cache: Path) -> None:
    text = "Ngày mai cả ấp cúp điện từ sáng. Bà con nhớ tích nước để dùng trong ngày."
    engine = load("vieneu-nano")
    usual, anew = (speak(text, engine=engine, takes=takes) for takes in ({}, {1: 1}))
    assert usual.sha256 != anew.sha256
    assert usual.timings[0] == anew.timings[0]


def test_a_voice_that_never_gets_it_right_is_an_error_after_some_tries() -> None:
    seeds: list[int] = []

    def mumble(number: int) -> Samples:
        seeds.append(number)
        return Samples(np.full(4_800, 0.5, np.float32), 48_000)

    with pytest.raises(EngineError, match="đọc thiếu hoặc thừa chữ ở câu «ủy ban") as told:
        watched(SENTENCE, mumble, engine="e", voice="v", take=0)
    assert len(seeds) == len(set(seeds)) == TRIES
    assert not told.value.permanent


def test_silence_around_a_piece_does_not_make_it_longer() -> None:
    wave = np.concatenate([np.zeros(9_000), np.full(48_000, 0.1), np.zeros(90_000)]).astype(np.float32)
    assert heard(Samples(wave, 48_000)) == pytest.approx(1.0)
    assert heard(Samples(np.zeros(100, np.float32), 48_000)) == 0


def test_more_syllables_and_pauses_take_longer() -> None:
    assert syllables("bà con, chú ý — nghe!") == 5
    short, long, paused = bounds("bà con"), bounds("bà con chú ý"), bounds("bà con, chú ý")
    assert short[0] < long[0] == paused[0]
    assert short[1] < long[1] < paused[1]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_what_runs_into_the_end_of_the_model_is_too_long(model: Model) -> None:
    # Turbo stops after 24 s, Nano after 15: a piece that was cut off there must not pass for a whole one.
    longest = {"vieneu-turbo": 24.0, "vieneu-nano": 15.0}[model.name]
    words = " ".join(["tiếng"] * (model.manner.most_characters // len("tiếng ")))
    assert bounds(f"{words}.")[1] < longest


def test_a_seed_depends_on_everything_that_is_said() -> None:
    assert seed("a", 1) == seed("a", 1)
    assert len({seed("a", 1), seed("a", 2), seed("b", 1), seed("a1")}) == 4


def test_the_hub_is_off_line_here() -> None:
    assert hub.off_line().is_offline_mode()
