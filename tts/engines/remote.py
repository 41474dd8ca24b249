"""A server that speaks as OpenAI's does, `POST /v1/audio/speech`. VieNeu brings one: `python -m apps.openai_speech`.

The text of a bulletin leaves the machine, so nothing is sent unless an administrator has named the server. What it
answers is not trusted: its size is bounded, and what is not sound, or too short or long for its words, is refused.
"""

import io
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import numpy as np
import soundfile
from pydantic import SecretStr

from tts.engines import Engine, Manner, Samples, Voice, choose, insist_on_words
from tts.engines.markup import plain
from tts.engines.options import EngineOptions, RemoteOptions
from tts.engines.watched import watched
from tts.errors import EngineError

TRIES = 3
WAIT = 1.0
"""Seconds before the second try of a request; twice as long before each further one."""
LONGEST_WAIT = 15.0
"""Seconds we wait at most, whatever the server asks for."""
CONNECT_S = 5.0
MOST_BYTES = 64 * 1024 * 1024
"""Of an answer: ten minutes of 48 kHz."""

_VOICES_HINT = "hãy đặt LOA_STUDIO_REMOTE__VOICES, ví dụ '[\"alloy\"]'"
_GENDERS = {"male": "nam", "female": "nữ"}


class Remote:
    """One server, one request a sentence."""

    name = "remote"
    manner = Manner(least_words=5, most_characters=240, steady=False, takes=True)

    def __init__(self, options: RemoteOptions, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._options, self._wait = options, wait
        self._url = options.url.rstrip("/")
        self._voices: tuple[Voice, ...] = tuple(Voice(name, name) for name in options.voices)

    def lacks(self) -> str:
        if not self._url:
            return "Chưa đặt địa chỉ dịch vụ đọc từ xa; hãy đặt LOA_STUDIO_REMOTE__URL."
        if not self._url.startswith(("http://", "https://")):
            return "Địa chỉ dịch vụ đọc từ xa phải bắt đầu bằng http:// hoặc https://; hãy sửa LOA_STUDIO_REMOTE__URL."
        try:
            self._key()
        except EngineError as error:
            return str(error)
        return ""

    def version(self) -> str:
        return f"{self._url} {self._options.model}"

    def voices(self) -> tuple[Voice, ...]:
        """Ask the server once, unless the settings name its voices. Raises EngineError."""
        if not self._voices:
            self._voices = self._asked()
        return self._voices

    def speak(self, sentence: str, *, voice: str | None = None, take: int = 0) -> Samples:
        insist_on_words(sentence)
        chosen, words = choose(self.voices(), voice), plain(sentence)
        asked = {"model": self._options.model, "input": words, "voice": chosen, "response_format": "wav"}
        return watched(
            words,
            lambda _seed: _samples(self._request("POST", "/audio/speech", asked)),
            engine=self.name,
            voice=chosen,
            take=take,
        )

    def _asked(self) -> tuple[Voice, ...]:
        try:
            answer = httpx.Response(200, content=self._request("GET", "/voices", tries=1)).json()
            found = tuple(_voice(facts) for facts in answer["data"])
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise EngineError(f"Dịch vụ đọc từ xa không cho biết có giọng nào; {_VOICES_HINT}.") from error
        if not found:
            raise EngineError(f"Dịch vụ đọc từ xa không có giọng nào; {_VOICES_HINT}.")
        return found

    def _request(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, tries: int = TRIES
    ) -> bytes:
        """Ask until there is an answer or no hope; raises EngineError."""
        if trouble := self.lacks():
            raise EngineError(trouble)
        pause = WAIT
        for attempt in range(1, tries + 1):
            try:
                return self._once(method, path, body)
            except _Again as again:
                if attempt == tries:
                    raise EngineError(
                        f"Dịch vụ đọc từ xa {self._url} {again} (đã thử {tries} lần); hãy kiểm tra mạng và dịch vụ đó, "
                        "hoặc chọn giọng khác.",
                        permanent=False,
                    ) from again
                self._wait(min(max(pause, again.after), LONGEST_WAIT))
                pause *= 2
        raise AssertionError("the last try either answers or raises")

    def _once(self, method: str, path: str, body: Mapping[str, object] | None) -> bytes:
        # Pages wait for the list of voices, so it must not take long.
        seconds = self._options.timeout_s if body else min(self._options.timeout_s, CONNECT_S)
        timeout = httpx.Timeout(seconds, connect=CONNECT_S)
        try:
            with (
                httpx.Client(timeout=timeout, headers=self._headers()) as client,
                client.stream(method, f"{self._url}{path}", json=body) as answer,
            ):
                content = _content(answer)
                _insist_on_success(answer, content, self._url)
                return content
        except httpx.TimeoutException as error:
            raise _Again(f"không trả lời trong {seconds:g} giây") from error
        except httpx.TransportError as error:
            raise _Again("không kết nối được hoặc ngắt giữa chừng") from error
        except httpx.InvalidURL as error:
            raise EngineError(
                "Địa chỉ dịch vụ đọc từ xa không hợp lệ; hãy sửa LOA_STUDIO_REMOTE__URL."
            ) from error

    def _headers(self) -> dict[str, str]:
        key = self._key()
        return {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}

    def _key(self) -> SecretStr | None:
        if self._options.key_file is None:
            return None
        try:
            key = self._options.key_file.expanduser().read_text("ascii").strip()
        except (OSError, ValueError) as error:
            raise EngineError(
                f"Không đọc được khóa của dịch vụ đọc từ xa ở {self._options.key_file}; hãy sửa tệp đó hoặc "
                "LOA_STUDIO_REMOTE__KEY_FILE."
            ) from error
        return SecretStr(key)


class _Again(Exception):
    """This time it did not work; `after` so many seconds it may."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


def _content(answer: httpx.Response) -> bytes:
    content = bytearray()
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > MOST_BYTES:
            raise EngineError(
                "Dịch vụ đọc từ xa gửi về quá nhiều dữ liệu cho một câu; hãy chọn dịch vụ khác."
            )
    return bytes(content)


def _insist_on_success(answer: httpx.Response, content: bytes, url: str) -> None:
    status, said = answer.status_code, _said(content)
    if answer.is_success:
        return
    if status == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
        busy = "đang quá tải" if status == httpx.codes.TOO_MANY_REQUESTS else f"bị lỗi {status}"
        after = answer.headers.get("Retry-After", "")
        raise _Again(f"{busy}{said}", float(after) if after.isdigit() else 0.0)
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise EngineError(
            f"Dịch vụ đọc từ xa {url} không nhận khóa truy cập; hãy sửa tệp khóa (LOA_STUDIO_REMOTE__KEY_FILE)."
        )
    if status == httpx.codes.NOT_FOUND or answer.is_redirect:
        raise EngineError(
            f"Ở {url} không có dịch vụ đọc kiểu OpenAI (mã {status}); hãy sửa LOA_STUDIO_REMOTE__URL, tới hết /v1."
        )
    raise EngineError(
        f"Dịch vụ đọc từ xa {url} từ chối (mã {status}){said}; hãy sửa thiết lập LOA_STUDIO_REMOTE__…."
    )


def _said(content: bytes) -> str:
    """The reason in an answer of OpenAI's shape, `{"error": {"message"}}`, if there is one."""
    try:
        reason: Any = httpx.Response(200, content=content).json()["error"]["message"]
    except (ValueError, LookupError, TypeError):
        return ""
    return f": {' '.join(str(reason).split())[:200]}"


def _samples(content: bytes) -> Samples:
    try:
        data, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, ValueError) as error:
        raise EngineError(
            "Dịch vụ đọc từ xa không gửi về âm thanh; hãy kiểm tra dịch vụ đó hoặc chọn giọng khác.",
            permanent=False,
        ) from error
    clean = np.nan_to_num(data.mean(axis=1), nan=0.0, posinf=0.0, neginf=0.0)
    return Samples(np.clip(clean, -1.0, 1.0).astype(np.float32), int(rate))


def _voice(facts: Mapping[str, object]) -> Voice:
    """One of VieNeu's server: id, description «Nữ · Nam · …», gender; of another, whatever it has."""
    name = str(facts.get("id") or facts["name"])
    described = [part.strip() for part in str(facts.get("description") or "").split("·")]
    region = described[1] if len(described) > 2 else ""
    gender = _GENDERS.get(str(facts.get("gender")), "")
    told = ", ".join(filter(None, (gender, f"miền {region}" if region else "")))
    return Voice(name, f"{name} ({told})" if told else name, region, gender)


def load(options: EngineOptions) -> Engine:
    """Return the server the options name; whether it answers is seen when it is asked."""
    return Remote(options.remote)
