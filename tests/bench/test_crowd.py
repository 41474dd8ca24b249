"""The crowd of agents: only what an agent has verified for itself counts."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from edge_agent.wire import topics
from edge_agent.wire.documents import KeyList, Signer
from edge_agent.wire.signing import kid, new_key, public_x, sign
from edge_agent.wire.words import Revision
from studio.bench.bare import Bare, publish_packet
from studio.bench.crowd import Crowd
from studio.bench.road import START, ZONE, a_plan
from tests.support.mosquitto import Mosquitto

ROOT, SIGNER, STRANGER = new_key(), new_key(), new_key()
TOPIC = topics.plan(ZONE)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def crowd(broker: Mosquitto) -> Iterator[Crowd]:
    signers = (Signer(kid=kid(SIGNER), x=public_x(SIGNER), zones=("*",), devices=("*",)),)
    keys = sign(KeyList(kind="keys", revision=Revision(1, 1), issued_at=START, signers=signers), ROOT)
    with closing(Crowd(broker.port, 5, public_x(ROOT), keys, ZONE)) as crowd:
        yield crowd


@pytest.fixture
def studio(broker: Mosquitto) -> Iterator[Bare]:
    with closing(Bare.connected(broker.port, "studio")) as studio:
        yield studio


def test_a_plan_counts_when_the_last_agent_has_verified_it(crowd: Crowd, studio: Bare) -> None:
    for n in (1, 2):
        packet = publish_packet(TOPIC, sign(a_plan(n), SIGNER), n)
        assert crowd.until_all_verified(n, partial(studio.send, packet), timeout_s=20) > 0


def test_another_revision_does_not_count(crowd: Crowd, studio: Bare) -> None:
    packet = publish_packet(TOPIC, sign(a_plan(1), SIGNER))
    with pytest.raises(TimeoutError):
        crowd.until_all_verified(2, partial(studio.send, packet), timeout_s=1)


def test_a_forged_plan_is_no_figure(crowd: Crowd, studio: Bare) -> None:
    """It ends the agent; the same plan in the right hand, above, counts."""
    packet = publish_packet(TOPIC, sign(a_plan(1), STRANGER))
    with pytest.raises(EOFError):
        crowd.until_all_verified(1, partial(studio.send, packet), timeout_s=20)
