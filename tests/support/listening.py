"""A commune whose listener and boxes share a simulated broker."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import select

from edge_agent.wire import topics
from edge_agent.wire.accounts import Hello, Presence, Reply, ReportBatch
from edge_agent.wire.documents import FromStudio
from edge_agent.wire.link import Received
from edge_agent.wire.simulated import SimulatedBroker, SimulatedLink
from edge_agent.wire.words import ClockTrust, Playback
from studio import broker
from studio.db import reading
from studio.listener import Listener
from studio.live import Live
from studio.models.airings import AiringDevice
from tests.support.journal import WrittenJournal
from tests.support.places import Commune, commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
AIRING = "baaaaaaaaaa@20261124T050000Z"
NONCE = "nonce-of-16-chars"


class World:
    """A commune whose listener and one box share a simulated broker."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.place: Commune = commune(
            engine, folder / "keys", now=NOW, devices_in={"loa-1": "ap-1", "loa-2": "ap-2"}
        )
        self.engine = engine
        self.broker = SimulatedBroker()
        self.studio, self.box = SimulatedLink(self.broker), SimulatedLink(self.broker)
        self.live = Live()
        self.ups = 0
        self.accounts: list[set[str]] = []
        """Who had an account, each time the broker was to be told."""
        self.now = NOW
        self.listener = self.listen(engine)
        self.studio.subscribe(*topics.FROM_DEVICES)
        self.box.subscribe("loa/v1/device/+/welcome", "loa/v1/device/+/receipt")
        self.studio.open()
        self.box.open()
        self.box.next_event(0)
        self.listener.turn(0)

    def listen(self, engine: Engine) -> Listener:
        def up() -> None:
            self.ups += 1

        return Listener(
            self.studio,
            engine,
            keys_directory=self.place.directory,
            live=self.live,
            now=lambda: self.now,
            on_up=up,
            users_changed=lambda: self.accounts.append(self.account_names()),
        )

    def account_names(self) -> set[str]:
        """Who may log in at the broker."""
        with reading(self.engine) as session:
            return set(broker.passwords(session))

    def say(self, message: Hello | Presence | ReportBatch | Reply, *, retain: bool = False) -> None:
        topic, payload = self.place.said(message)
        self.box.publish(topic, payload, retain=retain)

    def answers(self) -> list[FromStudio]:
        heard = []
        while (each := self.box.next_event(0)) is not None:
            if isinstance(each, Received):
                heard.append(self.place.open(each.topic, each.payload, now=self.now))
        return heard

    def states(self) -> dict[str, Playback | None]:
        with reading(self.engine) as session:
            return {row.device: row.playback for row in session.exec(select(AiringDevice))}


def hello(device: str = "loa-1", *, last: int = 0) -> Hello:
    return Hello(kind="hello", device=device, nonce=NONCE, journal="journal-1", last=last, version="0.1.0")


def heard(device: str = "loa-1", *playbacks: Playback) -> WrittenJournal:
    journal = WrittenJournal(device)
    for playback in playbacks or (Playback.STARTED, Playback.FINISHED):
        journal.note(AIRING, playback, NOW)
    return journal


def presence(**more: Any) -> Presence:
    return Presence.model_validate(
        {"kind": "presence", "device": "loa-1", "online": True, "at": NOW, "clock": ClockTrust.TRUSTED} | more
    )
