"""Every setting is documented, and read from the environment."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from studio.settings import BrokerSettings, StudioSettings
from tts.engines.options import RemoteOptions, VieneuOptions


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (model, name)
        for model in (StudioSettings, BrokerSettings, VieneuOptions, RemoteOptions)
        for name in model.model_fields
    ],
)
def test_every_setting_has_a_description(model: type[BaseModel], name: str) -> None:
    described = model.model_fields[name].description
    assert described, f"{name}: a technician at night needs a sentence here"
    assert described.endswith(".")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_STUDIO_PORT", "9000")
    monkeypatch.setenv("LOA_STUDIO_BROKER__EMBEDDED", "false")
    monkeypatch.setenv("LOA_STUDIO_BROKER__HOST", "broker.xa")
    monkeypatch.setenv("LOA_STUDIO_DATA", "/srv/loa")
    settings = StudioSettings()
    assert settings.port == 9000
    assert settings.broker == BrokerSettings(embedded=False, host="broker.xa")
    assert settings.database_url == "sqlite:////srv/loa/studio.db"
    assert settings.sounds_directory == Path("/srv/loa/sounds")
    assert settings.url == "http://127.0.0.1:9000"


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError):
        StudioSettings().port = 1  # type: ignore[misc]


def test_an_unknown_time_zone_is_refused_at_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_STUDIO_TIME_ZONE", "Asia/Ca_Mau")
    with pytest.raises(ValidationError, match="không phải tên múi giờ"):
        StudioSettings()


def test_tls_without_a_ca_is_refused_at_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_STUDIO_BROKER__EMBEDDED", "false")
    monkeypatch.setenv("LOA_STUDIO_BROKER__TLS", "true")
    with pytest.raises(ValidationError, match="LOA_STUDIO_BROKER__TLS=true cần tệp PEM"):
        StudioSettings()
    monkeypatch.setenv("LOA_STUDIO_BROKER__CA_FILE", "~/ca.pem")
    assert StudioSettings().broker.ca_file == Path.home() / "ca.pem"


@pytest.mark.parametrize("url", ["studio.db", "mysql://loa@may-chu/loa", "sqlite://:khong phai", "//"])
def test_a_database_we_do_not_know_is_refused_at_the_door(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("LOA_STUDIO_DATABASE", url)
    with pytest.raises(ValidationError, match="sqlite:///"):
        StudioSettings()
