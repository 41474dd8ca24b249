"""What an installation may choose. Read once, at the door; handed on as an argument."""

from datetime import timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from tts.engines.options import EngineOptions, RemoteOptions, VieneuOptions


class BrokerSettings(BaseModel):
    """Where the MQTT broker is."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, extra="forbid")

    embedded: bool = True
    """Tự chạy một Mosquitto bên cạnh phòng thu; `false`: dùng máy chủ MQTT ở `host` và `port`."""
    host: str = "127.0.0.1"
    """Địa chỉ máy chủ MQTT; máy chủ tự chạy lắng nghe ở địa chỉ này."""
    port: int = Field(default=1883, ge=0, le=65535)
    """Cổng TCP của máy chủ MQTT; 0: máy chủ tự chạy lấy một cổng trống."""
    tls: bool = False
    """Dùng TLS với máy chủ MQTT bên ngoài."""
    ca_file: Path | None = Field(default=None, validate_default=True)
    """Tệp PEM chứng thư của nơi đã ký chứng thư máy chủ MQTT (CA); bắt buộc khi `tls` là `true`."""
    user: str = "studio"
    """Tên người dùng của phòng thu ở máy chủ MQTT."""
    password_file: Path | None = None
    """Tệp chứa mật khẩu của phòng thu ở máy chủ MQTT bên ngoài; máy chủ tự chạy tự đặt mật khẩu."""

    @field_validator("tls")
    @classmethod
    def _outside(cls, tls: bool, info: ValidationInfo) -> bool:
        if tls and info.data.get("embedded"):
            raise ValueError(
                "máy chủ MQTT tự chạy không có TLS; hãy dùng máy chủ bên ngoài (LOA_STUDIO_BROKER__EMBEDDED=false)"
            )
        return tls

    @field_validator("ca_file")
    @classmethod
    def _trusted(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        # Without it the link would speak in plain text, and the boxes could not know whom to trust.
        if file is None and info.data.get("tls"):
            raise ValueError("LOA_STUDIO_BROKER__TLS=true cần tệp PEM chứng thư CA của máy chủ MQTT")
        return file and file.expanduser()


class StudioSettings(BaseSettings):
    """The studio's settings, from the environment: LOA_STUDIO_PORT, LOA_STUDIO_BROKER__HOST …

    What a field means is told in Vietnamese: administrators read it in firmware_notes/reference.md.
    """

    model_config = SettingsConfigDict(
        env_prefix="LOA_STUDIO_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        use_attribute_docstrings=True,
    )

    data: Path = Path("~/.local/share/loa/studio")
    """Thư mục chứa mọi thứ của phòng thu: cơ sở dữ liệu, âm thanh, khóa, máy chủ MQTT."""
    database: str = ""
    """Địa chỉ cơ sở dữ liệu, `sqlite:///…` hoặc `postgresql://…`; bỏ trống: SQLite trong thư mục dữ liệu."""
    sounds: Path | None = None
    """Thư mục âm thanh; bỏ trống: `sounds` trong thư mục dữ liệu."""
    host: str = "127.0.0.1"
    """Địa chỉ máy chủ trang web lắng nghe."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Cổng TCP của trang web; 0: lấy một cổng trống."""
    public_url: str = ""
    """Địa chỉ để trình duyệt và cụm loa tới phòng thu, ví dụ `https://loa.xa-tan-lap.vn`; bỏ trống: host và port."""
    station: str = "Đài truyền thanh xã"
    """Tên hiện ở đầu mọi trang."""
    time_zone: str = "Asia/Ho_Chi_Minh"
    """Múi giờ của lịch phát và các trang, theo tên IANA."""
    engine: str = "espeak"
    """Bộ đọc cho các bản ghi mới: `espeak`, `vieneu-turbo`, `vieneu-nano` hoặc `remote`."""
    voice: str | None = None
    """Giọng của bộ đọc đó; bỏ trống: giọng mặc định."""
    preset: Literal["quiet", "market"] = "quiet"
    """Âm thanh cho nơi đặt loa: `quiet` (thôn xóm yên tĩnh, −16 LUFS) hoặc `market` (chợ, nơi ồn ào, −14 LUFS)."""
    numbers_twice: bool = False
    """Đọc số văn bản và số điện thoại hai lần để bà con kịp ghi."""
    speakers: int = Field(default=1, ge=0, le=16)
    """`loa studio serve` chạy bao nhiêu tiến trình đọc; 0: chạy ở nơi khác."""
    session_lasts: timedelta = timedelta(hours=12)
    """Một lần đăng nhập hết hạn sau thời gian này, dù có dùng hay không."""
    session_idle: timedelta = timedelta(hours=1)
    """Một lần đăng nhập hết hạn sau thời gian này nếu không dùng."""
    token_lasts: timedelta = timedelta(days=30)
    """Thẻ đăng nhập của dòng lệnh hết hạn sau thời gian này."""
    lock_after: int = Field(default=5, ge=1)
    """Sai mật khẩu liên tiếp bao nhiêu lần thì khóa tài khoản."""
    lock_for: timedelta = timedelta(minutes=15)
    """Khóa tài khoản trong bao lâu."""
    play_now_lead: timedelta = timedelta(seconds=8)
    """«Phát ngay» được đặt trước chừng này: thời gian để kế hoạch và âm thanh tới các cụm loa."""
    emergency_lead: timedelta = timedelta(seconds=3)
    """Như trên, cho thông báo khẩn cấp (âm thanh đi kèm ngay trong tin)."""
    emergency_lasts: timedelta = timedelta(hours=1)
    """Cụm loa có mạng trở lại sau thời gian này thì không phát thông báo khẩn cấp cũ nữa."""
    broker: BrokerSettings = BrokerSettings()
    """Máy chủ MQTT."""
    vieneu: VieneuOptions = VieneuOptions()
    """VieNeu trên máy này."""
    remote: RemoteOptions = RemoteOptions()
    """Dịch vụ đọc từ xa."""

    @field_validator("data")
    @classmethod
    def _home(cls, data: Path) -> Path:
        return data.expanduser()

    @field_validator("database")
    @classmethod
    def _known_database(cls, url: str) -> str:
        try:
            known = not url or make_url(url).get_backend_name() in ("sqlite", "postgresql")
        except (ArgumentError, ValueError):
            known = False
        if not known:
            raise ValueError("phải là sqlite:///… hoặc postgresql://…")
        return url

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (
            KeyError,
            ValueError,
            OSError,
        ) as error:  # its own error is a KeyError, which pydantic lets through
            raise ValueError("không phải tên múi giờ; ví dụ: Asia/Ho_Chi_Minh") from error
        return name

    @property
    def zone_info(self) -> ZoneInfo:
        """The time zone of schedules and pages."""
        return ZoneInfo(self.time_zone)

    @property
    def engine_options(self) -> EngineOptions:
        """What engines want to know of the settings."""
        return EngineOptions(vieneu=self.vieneu, remote=self.remote)

    @property
    def database_url(self) -> str:
        """Where the database is, after the default."""
        return self.database or f"sqlite:///{self.data / 'studio.db'}"

    @property
    def sounds_directory(self) -> Path:
        """Where the sounds are, after the default."""
        return (self.sounds or self.data / "sounds").expanduser()

    @property
    def keys_directory(self) -> Path:
        """Where the private halves of the signers' keys are."""
        return self.data / "keys"

    @property
    def url(self) -> str:
        """How the studio is reached, without a final slash, after the default."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
