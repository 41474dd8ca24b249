"""Documents of the studio on the disk: verified whenever they are loaded, never older than what was seen."""

import contextlib
import errno
from datetime import timedelta
from pathlib import Path

import pytest

from edge_agent.durable import Durable
from edge_agent.plan_store import PlanStore
from edge_agent.wire import topics
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.signing import Keyring, public_x, sign
from tests.support.agent_studio import ZONE, Studio
from tests.support.agent_world import BOX, NOON


def store(folder: Path, studio: Studio) -> PlanStore:
    return PlanStore(folder, BOX, Keyring.pinned([public_x(studio.root)]), Durable())


def adopt(held: PlanStore, studio: Studio, document: object) -> bool:
    payload = sign(document, studio.signer)  # type: ignore[arg-type]
    opened = held.open(topics.of(document), payload, NOON)  # type: ignore[arg-type]
    return held.adopt(opened, payload, NOON)  # type: ignore[arg-type]


def test_documents_are_verified_again_when_they_are_loaded(tmp_path: Path, studio: Studio) -> None:
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    plan = studio.plan(now=NOON)
    assert adopt(held, studio, plan) and not adopt(held, studio, plan)
    again = store(tmp_path, studio)
    assert again.load(NOON) == [] and again.plans == {ZONE: plan} and again.config == held.config
    path = tmp_path / f"plan.{ZONE}.jws"
    path.write_bytes(path.read_bytes()[:-8] + b"AAAAAAAA")
    (error,) = store(tmp_path, studio).load(NOON)
    assert error.refusal == Refusal.BAD_SIGNATURE


def test_a_rollback_is_refused_over_a_restart_and_after_the_document_is_gone(
    tmp_path: Path, studio: Studio
) -> None:
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    older, newer = studio.plan(now=NOON), studio.plan(now=NOON)
    adopt(held, studio, newer)
    adopt(held, studio, studio.config(BOX, NOON, zones=(BOX,), commune=None))
    assert held.plans == {} and not (tmp_path / f"plan.{ZONE}.jws").exists()
    again = store(tmp_path, studio)
    again.load(NOON)
    adopt(again, studio, studio.config(BOX, NOON))
    with pytest.raises(WireError) as refused:
        adopt(again, studio, older)
    assert refused.value.refusal == Refusal.ROLLED_BACK


def test_the_same_revision_signed_earlier_is_an_old_tape(tmp_path: Path, studio: Studio) -> None:
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    plan = studio.plan(now=NOON)
    fresh = plan.model_copy(update={"issued_at": NOON + timedelta(days=1)})
    adopt(held, studio, plan)
    assert adopt(held, studio, fresh), "signed again the next day"
    with pytest.raises(WireError):
        adopt(held, studio, plan)


def test_a_config_with_a_time_zone_nobody_knows_is_refused(tmp_path: Path, studio: Studio) -> None:
    held = store(tmp_path, studio)
    with pytest.raises(WireError) as refused:
        adopt(held, studio, studio.config(BOX, NOON, time_zone="Asia/Atlantis"))
    assert refused.value.refusal == Refusal.MALFORMED and held.config is None


def test_a_config_kept_with_a_time_zone_nobody_knows_any_more_is_not_used(
    tmp_path: Path, studio: Studio
) -> None:
    """As an enrolment may bring it, or an update of the machine may leave it."""
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    odd = studio.config(BOX, NOON, time_zone="Asia/Atlantis")
    (tmp_path / "config.jws").write_bytes(sign(odd, studio.signer))
    again = store(tmp_path, studio)
    (error,) = again.load(NOON)
    assert error.refusal == Refusal.MALFORMED and again.config is None
    good = studio.config(BOX, NOON)
    adopt(again, studio, good)
    assert again.config == good


class SmallDisk:
    """A watcher that lets nothing be written while the disk is full."""

    full = False

    def __call__(self, point: str) -> None:
        if self.full and point.endswith(".write"):
            raise OSError(errno.ENOSPC, "No space left on device")


def test_what_a_full_disk_did_not_take_is_kept_later(tmp_path: Path, studio: Studio) -> None:
    disk = SmallDisk()
    held = PlanStore(tmp_path, BOX, Keyring.pinned([public_x(studio.root)]), Durable(disk))
    adopt(held, studio, studio.config(BOX, NOON))
    adopt(held, studio, studio.plan(studio.emergency("flood", NOON), now=NOON, kind="emergency"))
    cancel = studio.plan(now=NOON, kind="emergency")
    disk.full = True
    with pytest.raises(OSError):
        adopt(held, studio, cancel)
    assert held.emergencies == {ZONE: cancel}, "it is obeyed"
    with pytest.raises(OSError):
        adopt(held, studio, cancel)
    revised = studio.config(BOX, NOON)
    with pytest.raises(OSError):
        adopt(held, studio, revised)
    assert held.emergencies == {ZONE: cancel}, "also when the rest is read again"
    with pytest.raises(OSError):
        held.keep()
    disk.full = False
    held.keep()
    again = store(tmp_path, studio)
    again.load(NOON)
    assert again.emergencies == {ZONE: cancel} and again.config == revised
    assert again.ring.held == held.ring.held
    assert not adopt(held, studio, cancel)


def test_said_again_what_a_full_disk_did_not_take_is_kept(tmp_path: Path, studio: Studio) -> None:
    disk = SmallDisk()
    held = PlanStore(tmp_path, BOX, Keyring.pinned([public_x(studio.root)]), Durable(disk))
    adopt(held, studio, studio.config(BOX, NOON))
    plan, disk.full = studio.plan(now=NOON), True
    with pytest.raises(OSError):
        adopt(held, studio, plan)
    disk.full = False
    assert adopt(held, studio, plan)
    again = store(tmp_path, studio)
    again.load(NOON)
    assert again.plans == {ZONE: plan}


def test_a_command_whose_number_was_not_kept_may_come_again(tmp_path: Path, studio: Studio) -> None:
    disk = SmallDisk()
    held = PlanStore(tmp_path, BOX, Keyring.pinned([public_x(studio.root)]), Durable(disk))
    adopt(held, studio, studio.config(BOX, NOON))
    command, disk.full = studio.command(BOX, "restart", NOON), True
    payload = sign(command, studio.signer)
    with pytest.raises(OSError):
        held.obey(command, payload)
    disk.full = False
    held.obey(command, payload)
    with pytest.raises(WireError):
        held.obey(command, payload)


@pytest.mark.parametrize("name", ["keys.jws", "config.jws", f"plan.{ZONE}.jws", "seen.json"])
@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"\xff" * 300, b"[" * 100_000, b"null", None])
def test_a_file_that_cannot_be_read_is_not_held(
    tmp_path: Path, studio: Studio, name: str, content: bytes | None
) -> None:
    held = store(tmp_path, studio)
    adopt(held, studio, studio.config(BOX, NOON))
    adopt(held, studio, studio.plan(now=NOON))
    (tmp_path / name).unlink()
    if content is None:
        (tmp_path / name).mkdir()  # stands for a sector that cannot be read
    else:
        (tmp_path / name).write_bytes(content)
    again = store(tmp_path, studio)
    again.load(NOON)
    config = studio.config(BOX, NOON)
    with contextlib.suppress(OSError):  # a folder cannot be replaced by a file
        adopt(again, studio, config)
    assert again.config == config
