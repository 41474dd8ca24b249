"""A broker that lies: silence, refusals counted by reason, and afterwards a valid airing still plays."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_agent.wire import topics
from edge_agent.wire.documents import KeyList, Plan, Signer
from edge_agent.wire.signing import MAX_BYTES, kid, new_key, public_x, sign
from edge_agent.wire.words import Revision
from tests.support.agent_mosquitto import MosquittoBroker
from tests.support.agent_studio import ZONE, Studio
from tests.support.agent_world import BOX, NOON, Box, Simulated, World

MINUTE = timedelta(minutes=1)
PLAYED = [("started", ""), ("finished", "")]
Attack = Callable[[World, Plan], None]


@pytest.fixture(params=["simulated", "mosquitto"])
def broker(request: pytest.FixtureRequest, memory: Path) -> Iterator[Any]:
    if request.param == "simulated":
        yield Simulated()
        return
    real = MosquittoBroker(memory / "mosquitto")
    yield real
    real.close()


def evil_plan(world: World, **more: Any) -> Plan:
    sound = world.studio.sound(5.0, seed=66)
    return world.studio.plan(world.studio.airing("evil", NOON, sound), now=world.now, **more)


def forge(world: World, _held: Plan) -> None:
    world.broker.say(topics.plan(ZONE), sign(evil_plan(world), new_key()), retain=True)


def borrow_a_name(world: World, _held: Plan) -> None:
    """Signed by another key that claims the name of the studio's."""
    stolen = sign(evil_plan(world), world.studio.signer).split(b".")
    other = sign(evil_plan(world), new_key()).split(b".")
    world.broker.say(topics.plan(ZONE), b".".join([stolen[0], *other[1:]]), retain=True)


def bend(world: World, _held: Plan) -> None:
    """A byte of a good document is changed on the way."""
    header, payload, signature = sign(evil_plan(world), world.studio.signer).split(b".")
    world.broker.say(topics.plan(ZONE), b".".join([header, payload[:-4] + b"AAAA", signature]), retain=True)


def roll_back(world: World, held: Plan) -> None:
    older = evil_plan(world).model_copy(update={"revision": Revision(1, 1)})
    world.broker.say(topics.plan(ZONE), sign(older, world.studio.signer), retain=True)


def roll_back_the_epoch(world: World, held: Plan) -> None:
    older = evil_plan(world).model_copy(update={"revision": Revision(0, 999_999)})
    world.broker.say(topics.plan(ZONE), sign(older, world.studio.signer), retain=True)


def misplace(world: World, _held: Plan) -> None:
    """A good plan of another zone, on this zone's topic."""
    other = evil_plan(world, zone="xa-khac")
    world.broker.say(topics.plan(ZONE), sign(other, world.studio.signer), retain=True)


def misplace_the_kind(world: World, _held: Plan) -> None:
    world.broker.say(topics.emergency(ZONE), sign(evil_plan(world), world.studio.signer), retain=True)


def shaped(header: bytes, payload: bytes) -> bytes:
    """What has the shape of a JWS, unsigned."""
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload, b"\0" * 64))


def speak_rubbish(world: World, _held: Plan) -> None:
    world.broker.say(topics.plan(ZONE), b"\0\xff" * 500, retain=True)


def speak_in_a_list(world: World, _held: Plan) -> None:
    """A header that is JSON and holds `alg`, but is no object."""
    world.broker.say(topics.plan(ZONE), shaped(b'["alg"]', b"{}"), retain=True)


def speak_in_half_characters(world: World, _held: Plan) -> None:
    broken = shaped(b'{"alg":"Ed25519"}', b'{"keys":"\\ud800"}')
    world.broker.say(topics.device(BOX, "config"), broken, retain=True)


def clear(world: World, _held: Plan) -> None:
    world.broker.say(topics.plan(ZONE), b"", retain=True)


def swell(world: World, _held: Plan) -> None:
    # Larger still, and a real broker would not even hand it on: the link tells it what it takes.
    world.broker.say(topics.plan(ZONE), b"a" * (MAX_BYTES + 1), retain=True)


def say_alg_none(world: World, _held: Plan) -> None:
    _, payload, _ = sign(evil_plan(world), world.studio.signer).split(b".")
    claim = json.dumps({"alg": "none", "kid": kid(world.studio.signer)}).encode()
    header = base64.urlsafe_b64encode(claim).rstrip(b"=")
    world.broker.say(topics.plan(ZONE), b".".join([header, payload, b""]), retain=True)


def exceed(world: World, _held: Plan) -> None:
    """A signer of the studio's, but only for another zone."""
    studio, small = world.studio, new_key()
    signers = (
        Signer(kid=kid(studio.signer), x=public_x(studio.signer), zones=("*",), devices=("*",)),
        Signer(kid=kid(small), x=public_x(small), zones=("xa-khac",)),
    )
    keys = KeyList(kind="keys", revision=studio.next(), issued_at=world.now, signers=signers)
    told = studio.config(BOX, world.now, keys=sign(keys, studio.root).decode())
    studio.publish(told)
    world.broker.say(topics.plan(ZONE), sign(evil_plan(world), small), retain=True)


def make_own_keys(world: World, _held: Plan) -> None:
    """A config with a key list of its own root."""
    thief = Studio(world.broker.say)
    world.broker.say(
        topics.device(BOX, "config"), sign(thief.config(BOX, world.now), thief.signer), retain=True
    )


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (forge, "unknown_key"),
        (borrow_a_name, "bad_signature"),
        (bend, "bad_signature"),
        (roll_back, "rolled_back"),
        (roll_back_the_epoch, "rolled_back"),
        (misplace, "misplaced"),
        (misplace_the_kind, "misplaced"),
        (speak_rubbish, "malformed"),
        (speak_in_a_list, "malformed"),
        (speak_in_half_characters, "malformed"),
        (clear, "malformed"),
        (swell, "too_large"),
        (say_alg_none, "bad_signature"),
        (exceed, "out_of_scope"),
        (make_own_keys, "unknown_key"),
    ],
)
@pytest.mark.parametrize("restart", [False, True], ids=["", "and a restart"])
def test_a_broker_that_lies_is_not_believed(
    world: World, box: Box, attack: Attack, reason: str, restart: bool
) -> None:
    studio = world.studio
    law = studio.airing("law", NOON + 2 * MINUTE)
    held = studio.plan(law, now=world.now)
    studio.publish(held)
    world.run(1)
    if restart:
        box.die()
        box.start()
        world.run(1)
    attack(world, held)
    world.run(2)
    assert reason in studio.presences[-1].refused
    world.run_until(NOON + 5 * MINUTE)
    assert box.told == {law.id: PLAYED}, "what it held still plays, and nothing else"
    valid = studio.airing("valid", NOON + 8 * MINUTE)
    studio.publish(studio.plan(law, valid, now=world.now))
    world.run_until(NOON + 10 * MINUTE)
    assert box.told == {law.id: PLAYED, valid.id: PLAYED}
    assert not any("evil" in airing for airing in box.told)


def test_a_key_that_was_taken_back_speaks_no_more_and_binds_nobody(world: World, box: Box) -> None:
    studio = world.studio
    stolen = studio.signer
    evil = evil_plan(world).model_copy(update={"revision": Revision(99, 1)})
    world.broker.say(topics.plan(ZONE), sign(evil, stolen), retain=True)
    world.run(1)
    studio.signer = new_key()
    keys = studio.keys(world.now, revoked=(kid(stolen),))
    studio.publish(studio.config(BOX, world.now, keys=keys))
    law = studio.airing("law", NOON)
    studio.publish(studio.plan(law, now=world.now))
    world.run_until(NOON + MINUTE)
    assert box.told == {law.id: PLAYED}
    world.broker.say(topics.plan(ZONE), sign(evil, stolen), retain=True)
    world.run(2)
    assert studio.presences[-1].refused == {"revoked_key": 1}


def test_what_the_new_key_says_before_its_key_list_comes_is_heard_once_it_is_there(
    world: World, box: Box
) -> None:
    studio, stolen = world.studio, world.studio.signer
    studio.signer = new_key()
    law = studio.airing("law", NOON)
    studio.publish(studio.plan(law, now=world.now))
    world.run(1)
    studio.publish(studio.config(BOX, world.now, keys=studio.keys(world.now, revoked=(kid(stolen),))))
    world.run_until(NOON + MINUTE)
    assert box.told == {law.id: PLAYED}
    assert studio.presences[-1].refused == {"unknown_key": 1}


def test_a_stolen_key_cannot_put_its_own_revocation_out_of_reach(world: World, box: Box) -> None:
    studio, stolen = world.studio, world.studio.signer
    bad = studio.config(BOX, world.now + timedelta(days=365), revision=Revision(1, 10**6))
    world.broker.say(topics.device(BOX, "config"), sign(bad, stolen), retain=True)
    world.run(1)
    studio.signer = new_key()
    keys = studio.keys(world.now, revoked=(kid(stolen),))
    good = studio.config(BOX, world.now, keys=keys, revision=Revision(1, 10**6))
    studio.publish(good)
    world.run(1)
    assert box.parts is not None and box.parts.store.config == good
    studio.publish(studio.config(BOX, world.now, keys=keys))
    world.broker.say(topics.plan(ZONE), sign(evil_plan(world), stolen), retain=True)
    world.run(1)
    assert studio.presences[-1].refused == {"rolled_back": 1, "revoked_key": 1}


class Killed(BaseException):
    """As by kill -9."""


def test_a_death_in_the_midst_of_a_revocation_leaves_no_mark_of_the_thief(world: World) -> None:
    studio, stolen, killing = world.studio, world.studio.signer, False

    def watch(point: str) -> None:
        if killing and point == "seen.write":
            raise Killed

    box = world.box(watch=watch)
    studio.publish(studio.config(BOX, world.now))
    box.start()
    world.run(1)
    evil = evil_plan(world).model_copy(update={"revision": Revision(99, 1)})
    world.broker.say(topics.plan(ZONE), sign(evil, stolen), retain=True)
    world.run(1)
    studio.signer, killing = new_key(), True
    with pytest.raises(Killed):
        studio.publish(studio.config(BOX, world.now, keys=studio.keys(world.now, revoked=(kid(stolen),))))
        world.run(1)
    box.die()
    killing = False
    box.start()
    law = studio.airing("law", NOON)
    studio.publish(studio.plan(law, now=world.now))
    world.run_until(NOON + MINUTE)
    assert box.told == {law.id: PLAYED}


def test_a_restored_studio_raises_the_epoch_and_is_heard(world: World, box: Box) -> None:
    studio = world.studio
    studio.publish(studio.plan(now=world.now))
    studio.epoch, studio.n = 2, 0
    studio.publish(studio.config(BOX, world.now))
    law = studio.airing("law", NOON)
    studio.publish(studio.plan(law, now=world.now))
    world.run_until(NOON + MINUTE)
    assert box.told == {law.id: PLAYED}
