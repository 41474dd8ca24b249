"""Hears the devices: what they say is verified, stored in one transaction with its neighbours, then acknowledged."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from joserfc.jwk import OKPKey
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from edge_agent.wire import signing, topics
from edge_agent.wire.accounts import FromDevice, Hello, Presence, Reply, ReportBatch
from edge_agent.wire.documents import Receipt, Welcome
from edge_agent.wire.errors import LinkDown, Refusal, WireError
from edge_agent.wire.link import Down, Link, Received, Up
from studio import commands, farewells, keys, reports, welcomes
from studio.db import reading, transaction
from studio.errors import Conflict
from studio.keys import Seal
from studio.live import Live
from studio.models.places import Device

log = logging.getLogger(__name__)

MOST = 400
"""Messages stored in one transaction."""
PATIENCE_S = 2.0
"""How long to wait before a database that failed is tried again."""
UNKNOWN_DEVICE = "unknown_device"
UNEXPECTED = "unexpected"


@dataclass
class _Waiting:
    """A message that is not dealt with yet."""

    received: Received
    acknowledge: bool = True
    """False: it came by a connection that is gone; a number of the new one may mean another message."""


class Listener:
    """One thread's work: `run` until told to stop, or `turn` by `turn` in tests."""

    def __init__(
        self,
        link: Link,
        engine: Engine,
        *,
        keys_directory: Path,
        live: Live,
        now: Callable[[], datetime],
        on_up: Callable[[], None] = lambda: None,
        on_down: Callable[[str], None] = lambda _why: None,
        users_changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_up` is called whenever the connection to the broker stands again, `on_down` when it is gone or refused.

        `users_changed` is called when a deleted device is to have no account at the broker any more.
        """
        self._link, self._engine, self._keys_directory = link, engine, keys_directory
        self._live, self._now, self._users_changed = live, now, users_changed
        self._on_up, self._on_down = on_up, on_down
        self._keys: dict[str, OKPKey] = {}
        self._waiting: list[_Waiting] = []
        self.refused: Counter[str] = Counter()
        """What was not taken, by reason."""

    def run(self, stopping: threading.Event) -> None:
        """Listen until `stopping`; nothing that a device or the database does ends it sooner."""
        while not stopping.is_set():
            try:
                self.turn(1.0)
            except OperationalError as error:
                log.warning("the database refused, all is tried again: %s", error.orig)
                stopping.wait(PATIENCE_S)
            except Exception:  # a deaf studio looks like a dead fleet
                log.exception("the listener stumbled and goes on")
                stopping.wait(PATIENCE_S)

    def turn(self, timeout_s: float) -> int:
        """Wait for something, deal with all that is there, and return how many messages that were.

        Raises OperationalError if the database refuses; the messages are then kept, not acknowledged.
        """
        self._drain(0.0 if self._waiting else timeout_s)
        done = 0
        while self._waiting:
            some = self._waiting[:MOST]
            try:
                self._deal_with([each.received for each in some])
            except OperationalError:
                raise
            except Exception:
                log.exception("%d messages together failed; now one by one", len(some))
                self._one_by_one(some)
            for each in some:
                if each.acknowledge:
                    self._link.acknowledge(each.received)
            del self._waiting[: len(some)]
            done += len(some)
        return done

    def _drain(self, timeout_s: float) -> None:
        event = self._link.next_event(timeout_s)
        while event is not None:
            match event:
                case Received():
                    self._waiting.append(_Waiting(event))
                case Up():
                    self._came_up()
                case Down(why):
                    self._went_down(why)
            if len(self._waiting) >= MOST:
                return
            event = self._link.next_event(0.0)

    def _came_up(self) -> None:
        log.info("connected to the broker")
        for each in self._waiting:
            each.acknowledge = False
        self._live.link_up = True
        self._on_up()

    def _went_down(self, why: str) -> None:
        log.info("no connection to the broker: %s", why)
        for each in self._waiting:
            each.acknowledge = False
        self._live.link_up = False
        self._on_down(why)

    def _one_by_one(self, some: Sequence[_Waiting]) -> None:
        for each in some:
            try:
                self._deal_with([each.received])
            except OperationalError:
                raise
            except Exception:
                # Without a receipt the device sends it again; it must not hold up its neighbours.
                log.exception("given up: a message on %s", each.received.topic)
                self.refused[UNEXPECTED] += 1

    def _deal_with(self, some: Sequence[Received]) -> None:
        """Verify and store these messages, committed on return, and answer."""
        now = self._now()
        with reading(self._engine) as session:
            told, leaving = self._believed(session, some)
            gone = farewells.taken(session, leaving) if leaving else []
            seal = self._seal(session)
            hellos = [message for message in told if isinstance(message, Hello)]
            replies = [message for message in told if isinstance(message, Reply)]
            batches = [message for message in told if isinstance(message, ReportBatch)]
            answers = welcomes.answers(session, hellos, seal=seal, now=now) if seal and hellos else []
        if batches or replies:
            with transaction(self._engine) as session:
                stored = reports.store(session, batches, now=now)
                moved = commands.note(session, replies, now=now)
            self._live.change(*(f"airing:{a}" for a in stored.airings), now=now)
            self._live.change(*(f"command:{c}" for c in moved), now=now)
            answers += _receipts(stored, now)
        for message in told:
            if isinstance(message, Presence):
                self._live.presence(message, now=now)
            else:
                self._live.hear(message.device, now=now)
        if seal is not None:
            self._say(answers, seal)
        if gone:
            with transaction(self._engine) as session:
                farewells.end(session, gone)
            self._users_changed()

    def _believed(
        self, session: Session, some: Sequence[Received]
    ) -> tuple[list[FromDevice], list[Presence]]:
        """What devices really say; and the presences of deleted ones, who are heard in nothing else."""
        names = {received.topic.split("/")[3] for received in some}
        query = select(Device.id, Device.key_x, Device.deleted_at).where(col(Device.id).in_(names))
        rows = session.exec(query).all()
        xs = {device: x for device, x, _ in rows}
        deleted = {device for device, _, at in rows if at is not None}
        told: list[FromDevice] = []
        leaving: list[Presence] = []
        for received in some:
            name = received.topic.split("/")[3]
            x = xs.get(name)
            if x is None:
                self._refuse(received, UNKNOWN_DEVICE, "not enrolled here")
                continue
            if received.retained and received.topic.rpartition("/")[2] not in topics.RETAINED:
                self._refuse(received, Refusal.MISPLACED, "retained where nothing may be")
                continue
            try:
                message = signing.open_from_device(received.topic, received.payload, self._key(x))
            except WireError as error:
                self._refuse(received, error.refusal, str(error))
                continue
            if name not in deleted:
                told.append(message)
            elif isinstance(message, Presence):
                leaving.append(message)
            else:
                self._refuse(received, UNKNOWN_DEVICE, "deleted here")
        return told, leaving

    def _key(self, x: str) -> OKPKey:
        if x not in self._keys:
            self._keys[x] = signing.public_key(x)
        return self._keys[x]

    def _refuse(self, received: Received, reason: str, why: str) -> None:
        self.refused[str(reason)] += 1
        log.warning("refused (%s) on %s: %s", reason, received.topic, why)

    def _seal(self, session: Session) -> Seal | None:
        try:
            return keys.load(session, self._keys_directory)
        except Conflict as error:
            log.warning("nothing is answered: %s", error)
            return None

    def _say(self, answers: Sequence[Welcome | Receipt], seal: Seal) -> None:
        try:
            for answer in answers:
                self._link.publish(topics.of(answer), seal.sign(answer))
        except LinkDown:
            pass  # the device says it again, and is answered then


def _receipts(stored: reports.Storing, now: datetime) -> list[Welcome | Receipt]:
    return [
        Receipt(
            kind="receipt",
            device=journal.device,
            journal=journal.journal,
            stored=journal.stored,
            again_from=journal.again_from,
            issued_at=now,
        )
        for journal in stored.journals
    ]
