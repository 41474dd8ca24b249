"""`loa bench road`: how fast the road carries a plan to a thousand agents, and a report back to a row."""

import base64
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.jwk import OKPKey

from edge_agent.wire import topics
from edge_agent.wire.documents import Airing, KeyList, Plan, Signer, Sound
from edge_agent.wire.link import Broker, PahoLink, Up
from edge_agent.wire.signing import Keyring, kid, new_key, public_x, sign
from edge_agent.wire.words import Revision, airing_id
from studio.bench.bare import fan_out
from studio.bench.crowd import Crowd
from studio.bench.figures import Figure, percentile
from studio.bench.processes import READY_S

ZONE = "xa-do"
START = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)


def a_plan(n: int, *, a_day: int = 6) -> Plan:
    """Fourteen days with `a_day` airings each: what a busy commune has."""
    starts = [START + timedelta(days=d, hours=3 * i) for d in range(14) for i in range(a_day)]
    sound = Sound(sha256="5e" * 32, size=540_000, seconds=180.0)
    return Plan(
        kind="plan",
        zone=ZONE,
        revision=Revision(1, n),
        issued_at=START,
        begins_at=START,
        ends_at=START + timedelta(days=14),
        airings=tuple(
            Airing(
                id=airing_id(f"b{i:010d}", at),
                starts_at=at,
                stale_at=at + timedelta(minutes=10),
                sounds=(sound,),
                title="Hỏi đáp pháp luật: nồng độ cồn khi lái xe",
            )
            for i, at in enumerate(starts)
        ),
    )


def _publish(link: PahoLink, topic: str, plan: Plan, signer: OKPKey) -> None:
    link.publish(topic, sign(plan, signer))


def plan_to_last_agent(port: int, *, agents: int, rounds: int) -> Iterator[Figure]:
    """From signing a plan to the last agent's verdict, beside a bare fan-out of the same bytes."""
    root, signer = new_key(), new_key()
    may = Signer(kid=kid(signer), x=public_x(signer), zones=("*",), devices=("*",))
    keys = sign(KeyList(kind="keys", revision=Revision(1, 1), issued_at=START, signers=(may,)), root)
    topic, payload = topics.plan(ZONE), sign(a_plan(0), signer)
    floors = fan_out(port, agents, topic, payload, rounds=rounds)
    link = PahoLink(Broker("127.0.0.1", port, "studio"))
    link.open()
    with closing(link), closing(Crowd(port, agents, public_x(root), keys, ZONE)) as crowd:
        if not isinstance(link.next_event(READY_S), Up):
            raise TimeoutError("the broker of the benchmark does not answer")
        times = [
            crowd.until_all_verified(n, partial(_publish, link, topic, a_plan(n), signer))
            for n in range(1, rounds + 1)
        ]
    size = f"{agents} agents on {os.cpu_count()} cores, {len(payload) / 1000:.0f} kB"
    for name, percent in (("median", 50), ("p95", 95)):
        yield Figure(
            what=f"plan to last agent, {name} ({size})",
            value=percentile(times, percent),
            unit="s",
            floor=percentile(floors, percent),
        )
    yield _verified(Keyring.pinned([public_x(root)]).adopt(keys), signer, topic, payload)


def _verified(ring: Keyring, signer: OKPKey, topic: str, payload: bytes) -> Figure:
    """What one agent does with a plan, beside the bare signature and the bare JSON of it."""
    signed, _, signature = payload.rpartition(b".")
    key = Ed25519PublicKey.from_public_bytes(_bytes(public_x(signer).encode()))

    def barely() -> None:
        key.verify(_bytes(signature), signed)
        json.loads(_bytes(signed.partition(b".")[2]))

    return Figure(
        what=f"plan verified by one agent, median ({len(payload) / 1000:.0f} kB)",
        value=_milliseconds(lambda: ring.open(topic, payload, now=None)),
        unit="ms",
        floor=_milliseconds(barely),
    )


def _milliseconds(act: Callable[[], object], *, times: int = 50) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return percentile(taken, 50) * 1000


def _bytes(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
