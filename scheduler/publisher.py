"""Tell the broker every document it has not acknowledged yet; the next tick tries again what this one could not."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from edge_agent.wire.errors import LinkDown
from edge_agent.wire.link import Delivery, Link
from edge_agent.wire.signing import MAX_BYTES

log = logging.getLogger(__name__)
T = TypeVar("T")

BATCH = 500
"""Documents handed to the broker before we wait for its acknowledgements."""


@dataclass(frozen=True)
class Behind:
    """One retained document of which the broker does not have the newest revision."""

    topic: str
    """Where it stands."""
    n: int
    """The revision the database wants told."""


class Outbox(Protocol):
    """What the studio has to say, and how far it has been said. Kept in rows, so a crash loses nothing."""

    def behind(self) -> Sequence[Behind]:
        """Return what is to be told, the most urgent first: emergencies, then the rest."""
        ...

    def payload(self, behind: Behind) -> bytes:
        """Build and sign the newest revision of one document. What it raises keeps back this document alone."""
        ...

    def told(self, acknowledged: Sequence[Behind]) -> None:
        """Mark these revisions as held by the broker, in one transaction."""
        ...


@dataclass(frozen=True)
class Tick:
    """What came of one round."""

    told: int = 0
    """Documents the broker has acknowledged."""
    unanswered: int = 0
    """Sent, but not acknowledged in time: they are sent again."""
    bad: tuple[str, ...] = ()
    """Topics whose document could not be built; the log says why."""
    link_down: bool = False
    """The round ended early, because there was no broker."""


def publish_behind(outbox: Outbox, link: Link, *, patience_s: float = 10.0, batch: int = BATCH) -> Tick:
    """Send everything that is behind; mark only what the broker has acknowledged.

    `patience_s` is how long one batch may take to be acknowledged. Never raises because a broker is away.
    """
    behind = outbox.behind()
    tick = Tick()
    for first in range(0, len(behind), batch):
        done = _publish(outbox, link, behind[first : first + batch], patience_s)
        tick = Tick(
            tick.told + done.told, tick.unanswered + done.unanswered, tick.bad + done.bad, done.link_down
        )
        if tick.link_down:
            log.warning("the broker is away: %d documents wait", len(behind) - tick.told - len(tick.bad))
            break
    return tick


def _publish(outbox: Outbox, link: Link, batch: Sequence[Behind], patience_s: float) -> Tick:
    sent: list[tuple[Behind, Delivery]] = []
    bad: list[str] = []
    link_down = False
    for each in batch:
        payload = _payload(outbox, each)
        if payload is None:
            bad.append(each.topic)
            continue
        try:
            sent.append((each, link.publish(each.topic, payload, retain=True)))
        except LinkDown:
            link_down = True
            break
    there = acknowledged(sent, patience_s)
    if there:
        outbox.told(there)
    return Tick(len(there), len(sent) - len(there), tuple(bad), link_down)


def _payload(outbox: Outbox, behind: Behind) -> bytes | None:
    try:
        payload = outbox.payload(behind)
    except Exception:  # one zone that cannot be signed must not silence the others
        log.exception("not published, tried again later: %s", behind.topic)
        return None
    if len(payload) > MAX_BYTES:
        # The broker would cut the connection, and every later document with it.
        log.error("not published, %d bytes are more than a device takes: %s", len(payload), behind.topic)
        return None
    return payload


def acknowledged(sent: Sequence[tuple[T, Delivery]], patience_s: float) -> list[T]:
    """Which of these deliveries the broker has; the first that is late takes the patience of all that follow."""
    there: list[T] = []
    patience = patience_s
    for each, delivery in sent:
        if delivery.wait(patience):
            there.append(each)
        else:
            patience = 0.0
    return there
