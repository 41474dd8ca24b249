"""One contract for every player: the agent cannot tell them apart."""

import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge_agent.players import PLAYERS, Ended, Failed, Means, Player, Playing, Programme, State, load
from edge_agent.players.paced import Paced
from edge_agent.players.samples import Samples, attention_tone, blocks

RATE = 24_000


def spoken(seconds: float, seed: int = 1) -> np.ndarray:
    """Noise that swells: every stretch of it is like no other."""
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(round(seconds * RATE)) * 0.1).astype(np.float32)


@dataclass
class Stage:
    player: Player
    folder: Path
    woken: threading.Event
    sound: Path

    def programme(self, airing: str = "law-7", **more: object) -> Programme:
        fields: dict[str, object] = {"airing": airing, "files": (self.sound,), "seconds": 0.6}
        return Programme(**(fields | more))  # type: ignore[arg-type]

    def until(self, good: Callable[[State | None], bool]) -> State | None:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            state = self.player.poll()
            if good(state):
                return state
            time.sleep(0.005)
        raise AssertionError(f"it never came to that: {state}")


@pytest.fixture(params=sorted(PLAYERS))
def stage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    yield from stage_of(request.param, tmp_path, monkeypatch)


def stage_of(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    # ALSA's own plugins stand in for a card: everything but the copper is the real thing.
    asoundrc = tmp_path / "asound.conf"
    heard = tmp_path / "alsa.raw"
    asoundrc.write_text(
        f"pcm.trial {{ type file; slave.pcm {{ type null }}; file {heard}; format raw }}\n"
        f"pcm.plugged {{ type plug; slave.pcm trial }}\n"
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(asoundrc))
    sound = tmp_path / "sound.wav"
    soundfile.write(sound, spoken(0.6), RATE, subtype="PCM_16")
    woken = threading.Event()
    means = Means(time.monotonic, woken.set, tmp_path / "wav", "plugged")
    player = load(name, means)
    yield Stage(player, tmp_path, woken, sound)
    player.close()


def test_it_says_where_it_is_and_that_it_has_ended_once(stage: Stage) -> None:
    began = time.monotonic()
    stage.player.start(stage.programme(), at=began, position_s=0, volume=80)
    state = stage.until(lambda s: isinstance(s, Playing) and s.began is not None and s.position_s > 0.1)
    assert isinstance(state, Playing) and 0 < state.left_s < 0.55
    ended = stage.until(lambda s: isinstance(s, Ended))
    assert isinstance(ended, Ended) and ended.position_s == pytest.approx(0.6, abs=0.05)
    assert time.monotonic() - began >= 0.59, "it ended before it can have been heard"
    assert stage.player.poll() is None


def test_the_first_sample_leaves_at_its_instant(stage: Stage) -> None:
    at = time.monotonic() + 0.25
    stage.player.start(stage.programme(), at=at, position_s=0, volume=80)
    waiting = stage.player.poll()
    assert isinstance(waiting, Playing) and waiting.began is None and waiting.position_s == 0
    state = stage.until(lambda s: isinstance(s, Playing) and s.began is not None)
    assert isinstance(state, Playing) and state.began is not None
    assert -0.01 < state.began - at < 0.1


def test_it_begins_from_a_position(stage: Stage) -> None:
    began = time.monotonic()
    stage.player.start(stage.programme(), at=began, position_s=0.4, volume=80)
    ended = stage.until(lambda s: isinstance(s, Ended))
    assert isinstance(ended, Ended) and ended.position_s == pytest.approx(0.6, abs=0.05)
    assert time.monotonic() - began < 0.55


def test_a_stop_is_silence_at_once_and_tells_how_far_it_came(stage: Stage) -> None:
    stage.player.start(stage.programme(repeat=20, seconds=12.0), at=time.monotonic(), position_s=0, volume=80)
    stage.until(lambda s: isinstance(s, Playing) and s.position_s > 0.2)
    asked = time.monotonic()
    state = stage.player.stop()
    assert time.monotonic() - asked < 0.5
    assert isinstance(state, Playing) and 0.2 < state.position_s < 1.0
    assert stage.player.poll() is None


def test_it_can_be_stopped_before_its_instant(stage: Stage) -> None:
    stage.player.start(stage.programme(), at=time.monotonic() + 60, position_s=0, volume=80)
    state = stage.player.stop()
    assert isinstance(state, Playing) and state.began is None and state.position_s == 0


def test_stop_and_volume_are_harmless_when_nothing_plays(stage: Stage) -> None:
    assert stage.player.stop() is None
    stage.player.turn(10)
    assert stage.player.poll() is None


def test_after_a_stop_the_next_one_plays(stage: Stage) -> None:
    stage.player.start(stage.programme(), at=time.monotonic(), position_s=0, volume=80)
    stage.player.stop()
    stage.player.start(stage.programme("law-8"), at=time.monotonic(), position_s=0.3, volume=80)
    stage.until(lambda s: isinstance(s, Ended))


def test_a_second_start_while_it_plays_is_a_fault_of_ours(stage: Stage) -> None:
    stage.player.start(stage.programme(), at=time.monotonic(), position_s=0, volume=80)
    with pytest.raises(AssertionError):
        stage.player.start(stage.programme(), at=time.monotonic(), position_s=0, volume=80)


def test_a_file_that_is_not_there_is_told_in_words(stage: Stage) -> None:
    programme = stage.programme(files=(stage.folder / "gone.ogg",))
    stage.player.start(programme, at=time.monotonic(), position_s=0, volume=80)
    failed = stage.until(lambda s: isinstance(s, Failed))
    assert isinstance(failed, Failed) and "gone.ogg" in failed.why and "không mở được" in failed.why
    assert stage.player.poll() is None


def test_the_order_of_players_is_no_secret() -> None:
    with pytest.raises(ValueError, match="alsa, silent, wav"):
        load("gramophone", Means(time.monotonic, print, Path(), ""))


# What was heard, sample for sample.


@pytest.fixture(params=["wav", "alsa"])
def heard(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    yield from stage_of(request.param, tmp_path, monkeypatch)


def samples(stage: Stage) -> np.ndarray:
    wav = stage.folder / "wav" / "law-7.wav"
    if wav.exists():
        data, rate = soundfile.read(wav, dtype="int16")
        assert rate == RATE
        return np.asarray(data)
    return np.frombuffer((stage.folder / "alsa.raw").read_bytes(), "<i2")


def play(stage: Stage, programme: Programme, *, position_s: float = 0.0, volume: int = 100) -> np.ndarray:
    stage.player.start(programme, at=time.monotonic(), position_s=position_s, volume=volume)
    stage.until(lambda s: isinstance(s, Ended))
    return samples(stage)


def test_what_is_heard_is_the_sound_at_that_volume(heard: Stage) -> None:
    got = play(heard, heard.programme(), volume=50)
    wanted = spoken(0.6) * 0.5
    assert len(got) == pytest.approx(len(wanted), abs=2)
    assert np.abs(got[: len(wanted)] / 32767 - wanted[: len(got)]).max() < 1e-3


def test_a_position_is_exact_to_the_sample(heard: Stage) -> None:
    got = play(heard, heard.programme(), position_s=0.25)
    wanted = spoken(0.6)[6000:]
    assert len(got) == pytest.approx(len(wanted), abs=2)
    assert np.abs(got / 32767 - wanted).max() < 1e-3


def test_a_list_is_played_in_order_and_again_after_the_tone(heard: Stage) -> None:
    second = heard.folder / "second.wav"
    soundfile.write(second, spoken(0.2, seed=2), RATE, subtype="PCM_16")
    programme = heard.programme(files=(heard.sound, second), repeat=2, tone_s=0.3, seconds=1.9)
    got = play(heard, programme) / 32767
    once = np.concatenate([spoken(0.6), spoken(0.2, seed=2)])
    wanted = np.concatenate([attention_tone(0.3, RATE), once, once])
    assert len(got) == pytest.approx(len(wanted), abs=4)
    assert np.abs(got - wanted[: len(got)]).max() < 1e-3


def test_a_position_behind_the_tone_and_in_the_second_round_is_exact_too(heard: Stage) -> None:
    programme = heard.programme(repeat=2, tone_s=0.3, seconds=1.5)
    got = play(heard, programme, position_s=0.3 + 0.6 + 0.1) / 32767
    assert np.abs(got - spoken(0.6)[2400 : 2400 + len(got)]).max() < 1e-3


def test_a_sound_of_another_rate_keeps_its_length(heard: Stage) -> None:
    other = heard.folder / "other.wav"
    soundfile.write(other, np.zeros(4800, dtype=np.float32), 48_000)
    got = play(heard, heard.programme(files=(heard.sound, other), seconds=0.7))
    assert len(got) == pytest.approx(0.7 * RATE, abs=3)


def test_a_long_sound_of_another_rate_is_not_read_into_memory(tmp_path: Path) -> None:
    first, second = tmp_path / "first.wav", tmp_path / "second.wav"
    soundfile.write(first, spoken(0.2), RATE, subtype="PCM_16")
    t = np.arange(300 * 48_000) / 48_000
    soundfile.write(second, (0.5 * np.sin(2 * np.pi * 200 * t)).astype(np.float32), 48_000, subtype="PCM_16")
    programme = Programme(airing="law-7", files=(first, second), seconds=300.2)
    del t
    tracemalloc.start()
    try:
        got = [next(stream) for stream in [blocks(programme, RATE, 250.2)] for _ in range(500)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000, "bytes"
    heard = np.concatenate(got)
    at = 250 + np.arange(len(heard)) / RATE
    assert np.abs(heard - 0.5 * np.sin(2 * np.pi * 200 * at)).max() < 1e-3


@pytest.mark.parametrize("rate", [8_000, 44_100, 47_999])
def test_a_sound_of_another_rate_is_whole_whatever_the_rate(tmp_path: Path, rate: int) -> None:
    first, second = tmp_path / "first.wav", tmp_path / "second.wav"
    soundfile.write(first, spoken(0.2), RATE, subtype="PCM_16")
    ramp = np.linspace(-0.9, 0.9, round(1.3 * rate), dtype=np.float32)
    soundfile.write(second, ramp, rate, subtype="PCM_16")
    programme = Programme(airing="law-7", files=(first, second), seconds=1.5)
    whole = np.concatenate(list(blocks(programme, RATE, 0.0)))
    assert len(whole) == round(0.2 * RATE) + round(1.3 * RATE)
    assert np.abs(np.diff(whole[round(0.2 * RATE) : -8])).max() < 3 * 1.8 / (1.3 * RATE), (
        "no jump at any edge"
    )


def test_bytes_that_are_no_sound_are_told_in_words(heard: Stage) -> None:
    heard.sound.write_bytes(b"no sound at all" * 100)
    heard.player.start(heard.programme(), at=time.monotonic(), position_s=0, volume=80)
    failed = heard.until(lambda s: isinstance(s, Failed))
    assert isinstance(failed, Failed) and "không mở được tệp âm thanh" in failed.why


def test_it_wakes_whoever_waits_for_its_end(heard: Stage) -> None:
    heard.player.start(heard.programme(), at=time.monotonic(), position_s=0, volume=80)
    assert heard.woken.wait(3)
    assert isinstance(heard.player.poll(), Ended)


class Odd:
    """A sink that fails in a way that nobody foresaw."""

    ahead_s = 0.0

    def open(self, rate: int, *, resumed: bool) -> None:
        pass

    def write(self, block: Samples) -> None:
        raise MemoryError("no room for a block")

    def delay_s(self) -> float:
        return 0.0

    def close(self, *, drain: bool) -> None:
        raise KeyError("already closed")


def test_a_fault_nobody_foresaw_is_told_and_does_not_leave_the_agent_waiting(heard: Stage) -> None:
    player = Paced(Means(time.monotonic, heard.woken.set, heard.folder, ""), lambda _: Odd())
    player.start(heard.programme(), at=time.monotonic(), position_s=0, volume=80)
    assert heard.woken.wait(3)
    failed = player.poll()
    assert isinstance(failed, Failed) and "bộ phát gặp lỗi" in failed.why


def test_a_machine_without_room_for_a_thread_says_so_and_plays_the_next(heard: Stage) -> None:
    before = threading.stack_size(2**60)  # no machine has that much
    try:
        heard.player.start(heard.programme(), at=time.monotonic(), position_s=0, volume=80)
    finally:
        threading.stack_size(before)
    failed = heard.player.poll()
    assert isinstance(failed, Failed) and "bộ phát gặp lỗi" in failed.why and failed.began is None
    assert len(play(heard, heard.programme())) == pytest.approx(0.6 * RATE, abs=2)


def test_while_it_sounds_longer_than_was_signed_nobody_has_to_look_all_the_time(heard: Stage) -> None:
    heard.player.start(heard.programme(seconds=0.05), at=time.monotonic(), position_s=0, volume=80)
    late = heard.until(lambda s: isinstance(s, Playing) and s.position_s > 0.1)
    assert isinstance(late, Playing) and late.left_s >= 0.05


def test_what_goes_on_later_goes_on_in_its_wav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for stage in stage_of("wav", tmp_path, monkeypatch):
        stage.player.start(stage.programme(), at=time.monotonic(), position_s=0, volume=100)
        stage.until(lambda s: isinstance(s, Playing) and s.position_s > 0.2)
        state = stage.player.stop()
        assert isinstance(state, Playing)
        got = play(stage, stage.programme(), position_s=state.position_s)
        assert len(got) == pytest.approx(0.6 * RATE, abs=0.06 * RATE)


def test_a_card_that_is_not_there_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for stage in stage_of("alsa", tmp_path, monkeypatch):
        player = load("alsa", Means(time.monotonic, print, tmp_path, "no-such-card"))
        player.start(stage.programme(), at=time.monotonic(), position_s=0, volume=80)
        stage.player = player
        failed = stage.until(lambda s: isinstance(s, Failed))
        assert isinstance(failed, Failed) and "không mở được card âm thanh «no-such-card»" in failed.why
