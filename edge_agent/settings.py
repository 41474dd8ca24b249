"""Settings of one box: read once, by cli.py, from `LOA_AGENT_*` and a TOML file."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

DEFAULT_FILE = Path("/etc/loa/agent.toml")


class EdgeSettings(BaseSettings):
    """What a technician may set on the box itself. What the studio sets is in the signed config."""

    model_config = SettingsConfigDict(
        env_prefix="LOA_AGENT_", frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    state_dir: Path = Path("/var/lib/loa-agent")
    """Thư mục giữ khóa, kế hoạch, nhật ký và âm thanh của thiết bị; chỉ chủ sở hữu được đọc."""
    player: Literal["alsa", "wav", "silent"] = "alsa"
    """Bộ phát: `alsa` ra loa, `wav` ghi mỗi lượt phát một tệp WAV, `silent` chỉ giữ nhịp thời gian."""
    alsa_device: str = "default"
    """Tên thiết bị ALSA, ví dụ `default` hoặc `plughw:1,0`."""
    wav_folder: Path | None = None
    """Nơi bộ phát `wav` ghi tệp; mặc định là `wav` trong thư mục trạng thái."""
    clock: Literal["auto", "host"] = "auto"
    """`auto`: chỉ tin đồng hồ khi có căn cứ; `host`: giả định đồng hồ máy là đúng, chỉ để trình diễn và thử."""
    tone_s: float = Field(default=4.0, gt=0, le=20)
    """Độ dài hiệu báo chú ý trước bản tin khẩn cấp, giây (hệ thống J-Alert của Nhật dùng 14 giây)."""
    fetch_spread_s: int = Field(default=900, ge=0, le=86400)
    """Các thiết bị chia nhau tải âm thanh trong khoảng này sau khi có kế hoạch mới, giây."""
    keep_sounds_days: int = Field(default=30, ge=0)
    """Âm thanh không còn kế hoạch nào cần được giữ thêm bấy nhiêu ngày."""
    reserve_mb: int = Field(default=50, ge=1)
    """Chỗ trống trên đĩa luôn chừa cho nhật ký và kế hoạch, MB."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Mức chi tiết của nhật ký vận hành ghi ra stderr."""

    @property
    def wavs(self) -> Path:
        """Where the player `wav` writes."""
        return self.wav_folder or self.state_dir / "wav"

    @property
    def keep_sounds_for(self) -> timedelta:
        """How long sounds are kept that no plan needs."""
        return timedelta(days=self.keep_sounds_days)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - its shape is given
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Said on the command line, then the environment, then the file."""
        path = Path(os.environ.get("LOA_AGENT_CONFIG", DEFAULT_FILE))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path)
