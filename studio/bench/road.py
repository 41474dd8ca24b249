"""`loa bench road`: how fast the road carries a plan to a thousand agents, and a report back to a row."""

import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from joserfc.jwk import OKPKey

from edge_agent.wire import topics
from edge_agent.wire.documents import Airing, KeyList, Plan, Signer, Sound
from edge_agent.wire.link import Broker, PahoLink, Up
from edge_agent.wire.signing import kid, new_key, public_x, sign
from edge_agent.wire.words import Revision, airing_id
from studio.bench.bare import fan_out
from studio.bench.crowd import Crowd
from studio.bench.figures import Figure, percentile

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
    crowd = Crowd(port, agents, public_x(root), keys, ZONE)
    link = PahoLink(Broker("127.0.0.1", port, "studio"))
    link.open()
    try:
        while not isinstance(link.next_event(10.0), Up):
            pass
        times = []
        for n in range(1, rounds + 1):
            publish = partial(_publish, link, topic, a_plan(n), signer)
            times.append(crowd.until_all_verified(publish))
    finally:
        crowd.close()
        link.close()
    size = f"{agents} agents, {len(payload) / 1000:.0f} KB"
    median = statistics.median(times)
    yield Figure(
        what=f"plan to last agent, median ({size})", value=median, unit="s", floor=statistics.median(floors)
    )
    worst = percentile(times, 95)
    yield Figure(
        what=f"plan to last agent, p95 ({size})", value=worst, unit="s", floor=percentile(floors, 95)
    )
