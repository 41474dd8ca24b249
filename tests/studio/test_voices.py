"""Which voices an officer may choose from, and that speakers use what the settings name."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from studio import recordings, speaking, voices
from studio.db import reading, transaction
from studio.errors import Invalid
from studio.models.recordings import Recording, RecordingState
from studio.models.users import Role
from studio.services import Services
from studio.settings import StudioSettings
from studio.speaker import Speaker, environment
from tests.support import weights
from tests.support.speech_server import Answer, Server, serving, wav
from tts.engines.options import EngineOptions, RemoteOptions, VieneuOptions
from tts.engines.vieneu import hub


def engines(settings: StudioSettings) -> set[str]:
    return {offer.engine for offer in voices.offered(settings)}


def test_a_neural_voice_is_offered_as_soon_as_its_weights_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.off_line().constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    settings = StudioSettings(engine="vieneu-turbo")
    assert engines(settings) == {"espeak"}
    weights.make(tmp_path)
    assert engines(settings) == {"espeak", "vieneu-turbo", "vieneu-nano"}
    usual = voices.offered(settings)[0]
    assert usual.key == "vieneu-turbo:Thùy Dung"
    assert usual.label == "VieNeu Turbo: Thùy Dung (nữ, miền Nam, phong cách tin tức)"
    assert voices.chosen(settings, usual.key) == ("vieneu-turbo", "Thùy Dung")


def test_a_remote_server_is_offered_when_the_settings_name_it() -> None:
    named = RemoteOptions(url="http://127.0.0.1:9/v1", voices=("nu",))
    assert "remote" in engines(StudioSettings(remote=named))
    assert "remote" not in engines(StudioSettings())
    with pytest.raises(Invalid, match="Không có giọng đọc này"):
        voices.chosen(StudioSettings(), "remote:nu")


def test_a_server_that_is_gone_takes_no_page_with_it() -> None:
    with serving(Answer()) as gone:
        pass
    left = engines(StudioSettings(remote=RemoteOptions(url=gone.url)))
    assert "espeak" in left
    assert "remote" not in left


def test_a_speaker_of_its_own_process_gets_the_same_options(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = StudioSettings(
        vieneu=VieneuOptions(threads=3),
        remote=RemoteOptions(
            url="http://a/v1", voices=("nữ", "nam"), key_file=Path("/etc/loa/key"), timeout_s=7
        ),
    )
    for name, value in environment(chosen).items():
        monkeypatch.setenv(name, value)
    assert StudioSettings().engine_options == chosen.engine_options


def test_a_speaker_speaks_with_the_server_of_the_settings_and_keeps_its_engine(
    services: Services, person: Any
) -> None:
    listed = Answer(body=b'{"data": [{"id": "nu"}]}')
    with serving(listed, Answer(body=wav(4))) as server:
        order(
            services,
            person,
            "Nước lũ đang lên nhanh, bà con di dời ngay.",
            "Nước lũ đã rút, bà con trở về nhà.",
        )
        speaker = Speaker(services.engine, services.sounds, "trạm/1", services.now, options=options(server))
        assert speaker.work_once()
        assert speaker.work_once()
        asked = [path for path, _, _ in server.asked]
    assert [recording.state for recording in all_of(services.engine)] == [RecordingState.DONE] * 2
    assert asked.count("/v1/voices") == 1


def test_a_speaker_that_is_asked_again_does_not_ask_the_server_again(
    services: Services, person: Any, tmp_path: Path
) -> None:
    with serving(Answer(body=wav(4))) as server:
        order(services, person, *["Nước lũ đang lên nhanh, bà con di dời ngay."] * 2)
        named = EngineOptions(remote=RemoteOptions(url=server.url, voices=("nu",)))
        speaker = Speaker(
            services.engine,
            services.sounds,
            "trạm/1",
            services.now,
            options=named,
            pieces=tmp_path / "pieces",
        )
        assert speaker.work_once()
        assert speaker.work_once()
        assert len(server.asked) == 1
    first, second = all_of(services.engine)
    assert first.sha256 == second.sha256 is not None


def test_a_speaker_whose_server_is_gone_says_what_to_mend(services: Services, person: Any) -> None:
    with serving(Answer()) as gone:
        pass
    order(services, person, "Nước lũ đang lên nhanh, bà con di dời ngay.")
    Speaker(services.engine, services.sounds, "trạm/1", services.now, options=options(gone)).work_once()
    (recording,) = all_of(services.engine)
    assert recording.state is RecordingState.FAILED
    assert "hãy kiểm tra mạng" in recording.reason


def test_a_speaker_gives_signs_of_life_while_one_sentence_takes_long(
    services: Services, person: Any, clock: Any
) -> None:
    hang = threading.Event()
    with serving(Answer(body=wav(4)), hang=hang) as server:
        order(services, person, "Nước lũ đang lên nhanh, bà con di dời ngay.")
        named = EngineOptions(remote=RemoteOptions(url=server.url, voices=("nu",)))
        slow = Speaker(services.engine, services.sounds, "trạm/1", services.now, options=named, beat=0.01)
        working = threading.Thread(target=slow.work_once)
        working.start()
        until(lambda: bool(server.asked))
        clock.forward(seconds=speaking.SILENT_FOR.total_seconds() + 1)
        until(lambda: all_of(services.engine)[0].heard_from_at == clock.at)
        Speaker(services.engine, services.sounds, "trạm/2", services.now).resume()
        assert all_of(services.engine)[0].state is RecordingState.WORKING
        hang.set()
        working.join(30)
    assert all_of(services.engine)[0].state is RecordingState.DONE


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def options(server: Server) -> EngineOptions:
    return EngineOptions(remote=RemoteOptions(url=server.url))


def order(services: Services, person: Any, *texts: str) -> None:
    author = person("lan", Role.OFFICER)
    with transaction(services.engine) as session:
        for words in texts:
            recordings.order_emergency(session, words, engine="remote", by=author.id, now=services.now())


def all_of(engine: Engine) -> list[Recording]:
    with reading(engine) as session:
        return list(session.exec(select(Recording)))
