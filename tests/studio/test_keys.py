"""The root signs who may speak; the signer's private half lies in one file; the root's nowhere."""

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from edge_agent.wire import topics
from edge_agent.wire.documents import Receipt
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.signing import Keyring, signed_by
from studio import keys
from studio.db import reading, transaction
from studio.errors import Conflict, Invalid
from studio.models.keys import SignerKey
from studio.models.places import Device, Zone
from studio.settings import StudioSettings
from tests.support.places import Commune, commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Commune:
    return commune(engine, tmp_path / "keys", now=NOW, devices_in={"loa-1": "ap-1"})


def receipt() -> Receipt:
    return Receipt(kind="receipt", device="loa-1", journal="journal-1", stored=3, issued_at=NOW)


def test_what_the_studio_signs_is_believed_by_who_pinned_the_root(place: Commune) -> None:
    payload = place.seal.sign(receipt())
    assert place.open(topics.device("loa-1", "receipt"), payload, now=NOW) == receipt()


def test_the_roots_private_half_is_kept_nowhere(place: Commune, settings: StudioSettings) -> None:
    secret = place.root.private.partition('"d": "')[2].partition('"')[0].encode()
    assert len(secret) == 43
    with sqlite3.connect(settings.data / "studio.db") as connection:
        dump = "\n".join(connection.iterdump()).encode()
    connection.close()
    files = b"".join(file.read_bytes() for file in place.directory.iterdir())
    assert secret not in dump + files


def test_only_the_owner_reads_the_signers_key_and_it_is_not_in_the_database(
    place: Commune, settings: StudioSettings
) -> None:
    (file,) = place.directory.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret = file.read_text().partition('"d": "')[2].partition('"')[0]
    with sqlite3.connect(settings.data / "studio.db") as connection:
        assert secret not in "\n".join(connection.iterdump())
    connection.close()


def test_a_second_root_is_refused(place: Commune) -> None:
    with place.session() as session, pytest.raises(Conflict, match="đã có khóa gốc"):
        keys.initialise(session, place.directory, now=NOW)


def test_before_init_there_is_nothing_to_sign_with(engine: Engine, tmp_path: Path) -> None:
    with reading(engine) as session, pytest.raises(Conflict, match="loa studio init"):
        keys.load(session, tmp_path)


def test_a_lost_signer_file_is_named(place: Commune) -> None:
    (file,) = place.directory.iterdir()
    file.unlink()
    with place.session() as session, pytest.raises(Conflict, match=file.name):
        keys.load(session, place.directory)


def test_a_revoked_signer_is_refused_and_the_new_one_believed(place: Commune) -> None:
    old = place.seal
    with place.session() as session:
        revoked = session.exec(select(SignerKey.kid)).one()
        before = session.exec(select(Device.config_n)).one()
        keys.renew_key_list(
            session, place.directory, root=place.root.private, now=NOW, new_signer=True, revoke=[revoked]
        )
    topic = topics.device("loa-1", "receipt")
    assert place.open(topic, place.seal.sign(receipt()), now=NOW) == receipt()
    with pytest.raises(WireError) as refused:
        place.open(topic, old.sign(receipt()), now=NOW)
    assert refused.value.refusal == Refusal.REVOKED_KEY
    with place.session() as session:
        assert session.exec(select(Device.config_n)).one() == before + 1, "the list travels with the config"


def test_a_new_key_list_is_newer_and_signed_by_the_same_root(place: Commune) -> None:
    first = place.seal.key_list.encode()
    with place.session() as session:
        keys.renew_key_list(session, place.directory, root=place.root.private, now=NOW)
    second = place.seal.key_list.encode()
    assert signed_by(second) == place.root.kid
    ring = Keyring.pinned([place.root.x]).adopt(second)
    with pytest.raises(WireError):
        ring.adopt(first)


@pytest.mark.parametrize("text", ["", "{}", "không phải khóa", '{"kty": "RSA"}'])
def test_what_is_no_root_is_refused(place: Commune, text: str) -> None:
    with place.session() as session, pytest.raises(Invalid, match="khóa gốc"):
        keys.renew_key_list(session, place.directory, root=text, now=NOW)


def test_the_last_signer_cannot_be_revoked(place: Commune) -> None:
    with (
        pytest.raises(Invalid, match="không còn khóa nào"),
        place.session() as session,
    ):
        last = session.exec(select(SignerKey.kid)).one()
        keys.renew_key_list(session, place.directory, root=place.root.private, now=NOW, revoke=[last])
    assert place.seal.sign(receipt())


def test_a_new_epoch_outranks_all_that_was_said_and_says_all_again(place: Commune) -> None:
    with transaction(place.engine) as session:
        zone, device = session.get(Zone, "ap-1"), session.get(Device, "loa-1")
        assert zone and device
        zone.published_plan_n = zone.plan_n = 700
        device.published_config_n = device.config_n
        keys.raise_epoch(session)
    assert place.seal.revision(1) > (1, 10_000)
    with reading(place.engine) as session:
        zone, device = session.get(Zone, "ap-1"), session.get(Device, "loa-1")
        assert zone and device
        assert (zone.published_plan_n, device.published_config_n) == (0, 0)
