"""`loa speech voices`, `fetch-models` and `measure`: what a technician types to get a voice for air."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import LOA, ROOT, Loa, Told, run
from tests.support import tiny_vieneu
from tests.support.hub import Hub, serving
from tts.engines.vieneu.models import MODELS, NANO, TURBO

HEADS = "onnx_update/vieneu_v3_heads.npz"
"""The largest of the tiny files, and the one that is cut."""


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], bytes]:
    made = tiny_vieneu.repositories(tmp_path_factory.mktemp("made"))
    return {(file.repo, file.path): path.read_bytes() for file, path in made.items()}


@pytest.fixture
def hub(contents: dict[tuple[str, str], bytes]) -> Iterator[Hub]:
    with serving(contents) as hub:
        yield hub


def fetch(home: Path, hub: Hub, *arguments: str) -> Told:
    # A studio that speaks has the flag set for itself, and for what it starts.
    world = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "1"}
    return run("speech", "fetch-models", *arguments, home=home, more=world)


def size_of(hub: Hub, *names: str) -> int:
    files = {(file.repo, hub.files[file.repo, file.path]) for name in names for file in MODELS[name].files}
    return sum(len(content) for _, content in files)  # the same content comes once


def test_what_was_fetched_speaks(hub: Hub, tmp_path: Path) -> None:
    before = run("speech", "voices", "--json", home=tmp_path)
    assert {voice["ready"] for voice in before.json if voice["engine"] == "vieneu-nano"} == {False}
    told = fetch(tmp_path, hub, "vieneu-nano")
    assert told.code == 0, told.err
    assert "VieNeu v3 Nano" in told.out
    after = run("speech", "voices", "--json", home=tmp_path)
    ready = {voice["engine"] for voice in after.json if voice["ready"]}
    assert {"vieneu-nano", "espeak"} <= ready
    assert not {"vieneu-turbo", "remote"} & ready
    output = str(tmp_path / "a.ogg")
    words = "Ngày mai cả ấp cúp điện từ sáng."
    said = run("speech", "say", words, "-o", output, "--engine", "vieneu-nano", "--json", home=tmp_path)
    assert said.code == 0, said.err
    assert said.json["voice"] == "Ái Hân"


def test_voices_that_lack_something_are_named_with_what_to_type(tmp_path: Path) -> None:
    told = run("speech", "voices", home=tmp_path)
    assert told.code == 0
    for command in ("loa speech fetch-models vieneu-turbo", "loa speech fetch-models vieneu-nano"):
        assert command in told.err
    assert "LOA_STUDIO_REMOTE__URL" in told.err


def test_the_size_is_told_before_anything_is_fetched(hub: Hub, tmp_path: Path) -> None:
    told = fetch(tmp_path, hub, "--dry-run", "--json")
    assert told.json == {"file": "", "done": 0, "total": size_of(hub, *MODELS)}
    assert not hub.sent
    assert (
        f"Cần tải {size_of(hub, NANO.name) / 1e6:.1f} MB".replace(".", ",")
        in fetch(tmp_path, hub, NANO.name, "--dry-run").out
    )


def test_progress_is_told_step_by_step_up_to_the_whole(hub: Hub, tmp_path: Path) -> None:
    told = fetch(tmp_path, hub, TURBO.name, "--json")
    steps = [json.loads(line) for line in told.out.splitlines()]
    assert [step["done"] for step in steps] == sorted(step["done"] for step in steps)
    assert steps[-1]["done"] == steps[-1]["total"] == size_of(hub, TURBO.name)
    assert len(steps) > 2 * len(TURBO.files)


def test_what_is_here_is_not_fetched_again_unless_asked_for(hub: Hub, tmp_path: Path) -> None:
    fetch(tmp_path, hub, NANO.name)
    once = dict(hub.sent)
    assert "vừa tải 0,0 MB" in fetch(tmp_path, hub, NANO.name).out
    assert hub.sent == once
    fetch(tmp_path, hub, NANO.name, "--again")
    assert hub.sent == {path: 2 * count for path, count in once.items()}


def test_a_cut_connection_is_taken_up_where_it_was(hub: Hub, tmp_path: Path) -> None:
    hub.cut_after[HEADS] = 600_000
    told = fetch(tmp_path, hub, TURBO.name)
    assert told.code == 0, told.err
    (path, asked) = hub.ranges[0]
    assert (path, asked) == (HEADS, "bytes=524288-")  # whole chunks are kept


def test_a_killed_fetch_is_taken_up_by_the_next_one(hub: Hub, tmp_path: Path) -> None:
    hub.stall_after[HEADS] = 600_000
    command = [*LOA, "speech", "fetch-models", TURBO.name, "--json"]
    world = os.environ | {"HF_ENDPOINT": hub.url, "HOME": str(tmp_path)}
    killed = subprocess.Popen(command, cwd=ROOT, env=world, stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    assert any(json.loads(line)["file"] == HEADS for line in killed.stdout)
    assert hub.stalled.wait(30)
    part = wait_for_part(tmp_path, 524_288)
    killed.send_signal(signal.SIGKILL)
    killed.wait(10)
    hub.resumed.set()
    killed.stdout.close()
    before = hub.sent[HEADS]
    told = fetch(tmp_path, hub, TURBO.name)
    assert told.code == 0, told.err
    assert hub.ranges == [(HEADS, f"bytes={part}-")]
    whole = len(hub.files[MODELS[TURBO.name].files[0].repo, HEADS])
    assert hub.sent[HEADS] - before == whole - part
    assert not list(tmp_path.rglob("*.loa-part"))
    said = run(
        "speech", "say", "Ngày mai cả ấp cúp điện từ sáng.", "-o", str(tmp_path / "a.ogg"),
        "--engine", TURBO.name, home=tmp_path,
    )  # fmt: skip
    assert said.code == 0, said.err


def wait_for_part(home: Path, least: int) -> int:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        sizes = [part.stat().st_size for part in home.rglob("*.loa-part")]
        if sizes and sizes[0] >= least:
            return sizes[0]
        time.sleep(0.01)
    raise AssertionError("nothing was kept")


def test_a_server_that_knows_no_ranges_sends_it_all_again(hub: Hub, tmp_path: Path) -> None:
    hub.cut_after[HEADS], hub.ignores_ranges = 600_000, True
    told = fetch(tmp_path, hub, TURBO.name, "--json")
    assert told.code == 0, told.err
    last = json.loads(told.out.splitlines()[-1])
    assert last["done"] == last["total"]


def test_a_spoilt_file_is_thrown_away_and_fetched_by_the_next_try(hub: Hub, tmp_path: Path) -> None:
    hub.spoilt.add("text_encoder.onnx")
    told = fetch(tmp_path, hub, NANO.name)
    assert told.code == 1
    assert "text_encoder.onnx tải về bị hỏng" in told.err
    assert len(told.err.splitlines()) == 1
    assert fetch(tmp_path, hub, NANO.name).code == 0


def test_without_a_network_one_line_says_what_to_mend(hub: Hub, tmp_path: Path) -> None:
    nobody = run("speech", "fetch-models", home=tmp_path, more={"HF_ENDPOINT": "http://127.0.0.1:9"})
    assert nobody.code == 1
    assert "hãy kiểm tra mạng" in nobody.err
    assert len(nobody.err.splitlines()) == 1


def test_a_model_there_is_not_is_refused_with_those_there_are(typed: Loa) -> None:
    told = typed("speech", "fetch-models", "vieneu")
    assert told.code == 1
    assert "vieneu-turbo, vieneu-nano" in told.err


def test_the_speed_of_a_voice_is_told_for_a_page(typed: Loa) -> None:
    told = typed("speech", "measure", "--engine", "tone")
    assert told.code == 0, told.err
    assert "một trang (3.800 ký tự, phát 3 phút" in told.out
    found = typed("speech", "measure", "--engine", "tone", "--json").json
    assert found["page"] == pytest.approx(found["spent"] * 3800 / found["characters"])
    assert typed("speech", "measure", "--engine", "không").code == 1
