"""What an installation may choose. Read once, at the door; handed on as an argument."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class BrokerSettings(BaseModel):
    """Where the MQTT broker is."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, extra="forbid")

    embedded: bool = True
    """Start a Mosquitto of our own beside the studio; false: use the broker at `host` and `port`."""
    host: str = "127.0.0.1"
    """Host of the broker; the embedded one listens on this address."""
    port: int = Field(default=1883, ge=0, le=65535)
    """TCP port of the broker; 0 lets the embedded one take a free port."""
    tls: bool = False
    """Speak TLS with an external broker."""
    ca_file: Path | None = None
    """Certificates to trust for TLS, PEM; empty: those of the system."""
    user: str = "studio"
    """The studio's user at the broker."""
    password_file: Path | None = None
    """File with the studio's password at an external broker; the embedded one makes its own."""


class StudioSettings(BaseSettings):
    """The studio's settings, from the environment: LOA_STUDIO_PORT, LOA_STUDIO_BROKER__HOST …"""

    model_config = SettingsConfigDict(
        env_prefix="LOA_STUDIO_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        use_attribute_docstrings=True,
    )

    data: Path = Path("~/.local/share/loa/studio")
    """Directory of everything the studio keeps: database, sounds, keys, broker."""
    database: str = ""
    """URL of the database, `sqlite:///…` or `postgresql://…`; empty: SQLite in the data directory."""
    sounds: Path | None = None
    """Directory of the sounds; empty: `sounds` in the data directory."""
    host: str = "127.0.0.1"
    """Address the web server listens on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """TCP port of the web server; 0 takes a free one."""
    public_url: str = ""
    """How browsers and loudspeakers reach the studio, e.g. `https://loa.xa-tan-lap.vn`; empty: from host and port."""
    station: str = "Đài truyền thanh xã"
    """Name shown at the top of every page."""
    time_zone: str = "Asia/Ho_Chi_Minh"
    """Time zone of schedules and pages, an IANA name."""
    engine: str = "espeak"
    """Engine of speech for new recordings: a name of `tts.engines.ENGINES`."""
    voice: str | None = None
    """Voice of that engine; empty: its own choice."""
    speakers: int = Field(default=1, ge=0, le=16)
    """How many speaking processes `loa studio serve` starts; 0: they run elsewhere."""
    session_lasts: timedelta = timedelta(hours=12)
    """A log-in ends after this time, whatever happens."""
    session_idle: timedelta = timedelta(hours=1)
    """A log-in ends after this time without a visit."""
    token_lasts: timedelta = timedelta(days=30)
    """A log-in of the command line ends after this time."""
    lock_after: int = Field(default=5, ge=1)
    """Wrong passwords in a row after which an account is locked."""
    lock_for: timedelta = timedelta(minutes=15)
    """How long it stays locked."""
    play_now_lead: timedelta = timedelta(seconds=8)
    """How far ahead «phát ngay» is booked: the time in which plan and sound reach the loudspeakers."""
    emergency_lead: timedelta = timedelta(seconds=3)
    """The same for an emergency, which carries its sound."""
    emergency_lasts: timedelta = timedelta(hours=1)
    """A loudspeaker that comes back later than this after an emergency stays silent."""
    broker: BrokerSettings = BrokerSettings()
    """The MQTT broker."""

    @field_validator("data")
    @classmethod
    def _home(cls, data: Path) -> Path:
        return data.expanduser()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        ZoneInfo(name)
        return name

    @property
    def zone_info(self) -> ZoneInfo:
        """The time zone of schedules and pages."""
        return ZoneInfo(self.time_zone)

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
