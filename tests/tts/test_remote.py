"""An OpenAI-shaped server that is slow, busy, broken, wrong or hostile. VieNeu's own is in the contract suite."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support import weights
from tests.support.speech_server import Answer, Server, serving, wav
from tts.engines import load
from tts.engines.options import EngineOptions, RemoteOptions
from tts.engines.remote import LONGEST_WAIT, MOST_BYTES, TRIES, Remote
from tts.errors import EngineError

SENTENCE = "bà con chú ý lắng nghe"


def engine(server: Server, **options: Any) -> Remote:
    """Speaks with that server, and notes its waits instead of waiting."""
    waits: list[float] = []
    server.waits = waits
    return Remote(RemoteOptions(**{"url": server.url, "voices": ("nu",)} | options), wait=waits.append)


def test_it_asks_as_openai_is_asked(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("bí-mật\n".encode().hex())
    with serving(Answer(body=wav())) as server:
        said = engine(server, key_file=tmp_path / "key", model="m").speak(f"[{SENTENCE}]")
        path, headers, body = server.asked[0]
    assert (said.rate, said.seconds) == (24_000, 1.5)
    assert path == "/v1/audio/speech"
    assert body == {"model": "m", "input": SENTENCE, "voice": "nu", "response_format": "wav"}
    assert headers["Authorization"] == f"Bearer {(tmp_path / 'key').read_text().strip()}"


def test_without_a_key_none_is_sent() -> None:
    with serving(Answer(body=wav())) as server:
        engine(server).speak(SENTENCE)
        assert "Authorization" not in server.asked[0][1]


def test_a_server_that_stumbles_is_asked_again() -> None:
    with serving(Answer(503), Answer(429, headers={"Retry-After": "7"}), Answer(body=wav())) as server:
        assert engine(server).speak(SENTENCE).seconds == 1.5
        assert server.waits == [1.0, 7.0]


def test_a_server_that_asks_for_an_hour_does_not_get_it() -> None:
    with serving(Answer(429, headers={"Retry-After": "3600"}), Answer(body=wav())) as server:
        engine(server).speak(SENTENCE)
        assert server.waits == [LONGEST_WAIT]


def test_a_sound_cut_short_on_the_way_is_asked_for_again() -> None:
    whole = wav()
    with serving(Answer(body=whole[:2000], announced=len(whole)), Answer(body=whole)) as server:
        assert engine(server).speak(SENTENCE).seconds == 1.5
        assert len(server.asked) == 2


def test_a_sound_without_all_its_words_is_asked_for_again() -> None:
    with serving(Answer(body=wav(0.2)), Answer(body=wav(60)), Answer(body=wav())) as server:
        assert engine(server).speak(SENTENCE).seconds == 1.5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            Answer(500, b'{"error": {"message": "out of memory"}}'),
            "bị lỗi 500: out of memory.*hãy kiểm tra mạng",
        ),
        (Answer(429), "đang quá tải"),
        (Answer(body=b"RIFF", announced=4000), "ngắt giữa chừng"),
    ],
)
def test_after_some_tries_it_says_what_is_wrong(answer: Answer, said: str) -> None:
    with serving(answer) as server:
        with pytest.raises(EngineError, match=said) as told:
            engine(server).speak(SENTENCE)
        assert len(server.asked) == TRIES
    assert not told.value.permanent


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401), "không nhận khóa truy cập.*LOA_STUDIO_REMOTE__KEY_FILE"),
        (Answer(404), "không có dịch vụ đọc kiểu OpenAI.*LOA_STUDIO_REMOTE__URL"),
        (Answer(307, headers={"Location": "http://127.0.0.1:1/"}), "LOA_STUDIO_REMOTE__URL"),
        (Answer(400, b'{"error": {"message": "no such model"}}'), "từ chối.*no such model"),
        (Answer(body=b"x" * (MOST_BYTES + 1)), "quá nhiều dữ liệu"),
    ],
)
def test_what_will_never_work_is_not_tried_again(answer: Answer, said: str) -> None:
    with serving(answer) as server:
        with pytest.raises(EngineError, match=said) as told:
            engine(server).speak(SENTENCE)
        assert len(server.asked) == 1
    assert told.value.permanent


@pytest.mark.parametrize("body", [b"", b"<html>hello</html>", b"RIFF\0\0\0\0WAVE"])
def test_what_is_no_sound_is_refused(body: bytes) -> None:
    with serving(Answer(body=body)) as server, pytest.raises(EngineError, match="không gửi về âm thanh"):
        engine(server).speak(SENTENCE)


def test_a_server_that_never_answers_is_given_up() -> None:
    hang = threading.Event()
    with serving(Answer(body=wav()), hang=hang) as server:
        with pytest.raises(EngineError, match=r"không trả lời trong 0\.1 giây"):
            engine(server, timeout_s=0.1).speak(SENTENCE)
        assert len(server.asked) == TRIES


def test_nobody_there_is_said() -> None:
    with serving(Answer()) as gone:
        pass
    with pytest.raises(EngineError, match="không kết nối được"):
        engine(gone).speak(SENTENCE)


def test_voices_are_asked_for_once_and_quickly() -> None:
    listed = {"data": [{"id": "Thùy Dung", "description": "Nữ · Nam · Tin tức", "gender": "female"}]}
    with serving(Answer(503), Answer(body=json.dumps(listed).encode())) as server:
        asking = engine(server, voices=())
        with pytest.raises(EngineError, match="bị lỗi 503"):
            asking.voices()
        assert server.waits == []
        assert asking.voices()[0].label == "Thùy Dung (nữ, miền Nam)"
        asking.voices()
        assert len(server.asked) == 2


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": []}', b'{"data": [1]}', b'{"data": [{}]}'])
def test_a_server_that_does_not_list_its_voices_needs_them_in_the_settings(body: bytes) -> None:
    with serving(Answer(body=body)) as server, pytest.raises(EngineError, match="LOA_STUDIO_REMOTE__VOICES"):
        engine(server, voices=()).voices()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "LOA_STUDIO_REMOTE__URL"),
        ({"url": "10.0.0.5:8000"}, "http://"),
        ({"url": "http://a/v1", "key_file": "/nowhere/key"}, "LOA_STUDIO_REMOTE__KEY_FILE"),
    ],
)
def test_what_the_settings_lack_is_said_before_anyone_is_asked(options: dict[str, Any], said: str) -> None:
    unset = load("remote", EngineOptions(remote=RemoteOptions(voices=("nu",), **options)))
    assert said in unset.lacks()
    with pytest.raises(EngineError, match=said):
        unset.speak(SENTENCE)


def test_the_server_of_vieneu_wants_the_right_key_and_a_voice_it_has(
    remote: EngineOptions, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("nhầm".encode().hex())
    stranger = remote.remote.model_copy(update={"key_file": tmp_path / "key", "voices": ("Thùy Dung",)})
    with pytest.raises(EngineError, match="không nhận khóa truy cập") as told:
        Remote(stranger).speak(SENTENCE)
    assert weights.KEY not in str(told.value)
    with pytest.raises(EngineError, match="unknown voice 'Ai'"):
        Remote(remote.remote.model_copy(update={"voices": ("Ai",)})).speak(SENTENCE)
