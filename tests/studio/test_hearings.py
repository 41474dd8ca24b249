"""What is kept beside a recording: its master, what was heard in it, and how it was ordered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile
from sqlalchemy import Engine

from studio import bulletins, recordings
from studio.db import reading, transaction
from studio.drafts import Draft
from studio.models.recordings import Hearing, Recording, RecordingState
from studio.models.users import Role
from studio.services import Services
from studio.settings import StudioSettings
from studio.sounds import MASTER
from studio.speaker import Speaker
from tests.studio.conftest import Browser
from tests.studio.test_sounds import full_disk
from tts.qa import OVERVIEW, Quality, Timing

__all__ = ["full_disk"]
TEXT = "Bà con chú ý. Nước lên nhanh, hãy gọi ngay 113."


@pytest.fixture
def made(engine: Engine, services: Services, person: Any, clock: Any) -> Callable[..., Recording]:
    """`made(preset=…)`: a bulletin with TEXT, ordered so and spoken."""
    author = person("lan", Role.OFFICER)

    def make(**wish: Any) -> Recording:
        with transaction(engine) as session:
            bulletin = bulletins.write(session, Draft(title="Lũ", text=TEXT), by=author, now=clock())
            ordered = recordings.order(
                session, bulletin, engine="tone", by=author.id or 0, now=clock(), **wish
            )
        assert Speaker(engine, services.sounds, "trạm/1", services.now).work_once()
        with reading(engine) as session:
            return recordings.get(session, ordered.id or 0)

    return make


def heard(engine: Engine, recording: Recording) -> Hearing:
    with reading(engine) as session:
        hearing = recordings.heard(session, recording)
    assert hearing is not None
    return hearing


def test_what_was_heard_is_kept_with_the_recording(made: Any, engine: Engine) -> None:
    done = made()
    assert done.state is RecordingState.DONE, done.reason
    hearing = heard(engine, done)
    quality = Quality.model_validate(hearing.quality)
    assert (quality.lufs, quality.true_peak, quality.seconds) == (done.lufs, done.peak_dbtp, done.seconds)
    assert quality.faults == ()
    timings = [Timing.model_validate(each) for each in hearing.timings]
    assert [timing.sentence for timing in timings] == [
        "bà con chú ý.",
        "nước lên nhanh, hãy gọi ngay một một ba.",
    ]
    assert [timing.syllables for timing in timings] == [4, 9]
    assert quality.paces == tuple(round(timing.pace or 0, 3) for timing in timings)
    assert len(hearing.overview) == pytest.approx(quality.seconds * OVERVIEW, abs=1)


def test_the_master_is_kept_beside_the_sound_under_its_own_name(
    made: Any, engine: Engine, services: Services
) -> None:
    done = made()
    assert services.sounds.intact(done.master_sha256, MASTER)
    info = soundfile.info(str(services.sounds.path(done.master_sha256, MASTER)))
    assert (info.format, info.samplerate) == ("FLAC", 48_000)
    assert info.duration == pytest.approx(done.seconds, abs=0.001)
    assert not list((services.sounds.directory / "making").iterdir())


def test_another_preset_is_another_sound_of_the_same_master(made: Any) -> None:
    village, market = made(), made(preset="market")
    assert (village.preset, market.preset) == ("quiet", "market")
    assert market.lufs == pytest.approx(-14, abs=0.5)
    assert market.sha256 != village.sha256
    assert market.master_sha256 == village.master_sha256


def test_numbers_are_said_twice_where_it_was_ordered_so(made: Any, engine: Engine) -> None:
    said = heard(engine, made(twice=True)).timings[1]["sentence"]
    assert said == "nước lên nhanh, hãy gọi ngay một một ba, nhắc lại, một một ba."


def test_an_order_for_another_place_takes_the_place_of_the_first(
    engine: Engine, person: Any, clock: Any
) -> None:
    author = person("lan", Role.OFFICER)
    with transaction(engine) as session:
        bulletin = bulletins.write(session, Draft(title="Lũ", text=TEXT), by=author, now=clock())
        first = recordings.order(session, bulletin, engine="tone", by=author.id or 0, now=clock())
        same = recordings.order(session, bulletin, engine="tone", by=author.id or 0, now=clock())
        other = recordings.order(
            session, bulletin, engine="tone", preset="market", by=author.id or 0, now=clock()
        )
        assert first.id == same.id != other.id
        assert first.state is RecordingState.CANCELLED


@pytest.fixture
def settings(tmp_path: Path) -> StudioSettings:
    return StudioSettings(data=tmp_path / "data", engine="tone", preset="market", numbers_twice=True)


def test_a_studio_at_a_market_orders_for_a_market(logged_in: Callable[..., Browser], engine: Engine) -> None:
    lan = logged_in("lan", Role.OFFICER)
    lan.post("/ban-tin/moi", title="Lũ", text=TEXT)
    lan.post("/ban-tin/1/doc")
    with reading(engine) as session:
        ordered = recordings.get(session, 1)
    assert (ordered.preset, ordered.twice) == ("market", True)


def test_a_master_left_by_a_crash_is_written_over(services: Services, tmp_path: Path) -> None:
    sounds = services.sounds
    with sounds.making("trạm/1") as place:
        place.write_bytes(b"half")
        crashed = place
    crashed.write_bytes(b"half")  # a killed speaker tidies nothing
    with sounds.making("trạm/1") as place:
        assert place == crashed
        place.write_bytes(b"whole")
        name = sounds.keep(place)
    assert sounds.path(name, MASTER).read_bytes() == b"whole"
    with sounds.making("trạm/2") as other:
        assert other != crashed


def test_a_disk_that_is_full_in_the_midst_of_a_master_is_said_so(
    full_disk: Path, made: Any, services: Services
) -> None:
    services.sounds.directory = full_disk
    done = made()
    assert done.state is RecordingState.FAILED
    assert "giải phóng chỗ trên ổ đĩa" in done.reason
    assert [file for file in full_disk.rglob("*") if file.is_file()] == []
