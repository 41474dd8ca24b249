"""What an installation may choose of its engines. Whoever has settings fills it in and hands it on.

What a field means is told in Vietnamese: administrators read it in firmware_notes/reference.md.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, extra="forbid")


class RemoteOptions(_Options):
    """A server that speaks as OpenAI's does: `POST <url>/audio/speech`."""

    url: str = ""
    """Địa chỉ dịch vụ đọc theo kiểu OpenAI, tới hết `/v1`, ví dụ `http://10.0.0.5:8000/v1`; bỏ trống: không dùng."""
    model: str = "tts-1"
    """Tên mô hình gửi cho dịch vụ đó."""
    voices: tuple[str, ...] = ()
    """Tên các giọng của dịch vụ, dạng JSON, giọng thường dùng đứng đầu; bỏ trống: hỏi dịch vụ (`GET /voices`)."""
    key_file: Path | None = None
    """Tệp chứa khóa truy cập dịch vụ đọc; bỏ trống: dịch vụ không đòi khóa."""
    timeout_s: float = Field(default=120, gt=0)
    """Chờ dịch vụ đọc xong một câu tối đa bao nhiêu giây."""


class VieneuOptions(_Options):
    """VieNeu on this machine's processor."""

    threads: int = Field(default=0, ge=0, le=64)
    """Số luồng xử lý cho một câu; 0: một nửa số lõi của máy."""


class EngineOptions(_Options):
    """The options of every engine that has some."""

    vieneu: VieneuOptions = VieneuOptions()
    """VieNeu trên máy này."""
    remote: RemoteOptions = RemoteOptions()
    """Dịch vụ đọc từ xa."""
