"""Agents in a time of their own: real files, real SQLite, real signatures; simulated link, clock and loudspeaker."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import OKPKey

from edge_agent.agent import Agent
from edge_agent.clock_trust import KernelClock
from edge_agent.durable import Durable, Watch, nobody
from edge_agent.main import assemble, habits
from edge_agent.parts import Parts
from edge_agent.players import Means, Player, load
from edge_agent.post import Identity
from edge_agent.presence import will
from edge_agent.settings import EdgeSettings
from edge_agent.timekeeper import Clocks
from edge_agent.wire import topics
from edge_agent.wire.link import Received, Will
from edge_agent.wire.signing import new_key, public_x
from edge_agent.wire.simulated import SimulatedBroker, SimulatedLink
from tests.support.agent_studio import Studio

NOON = datetime(2026, 11, 24, 5, 0, 0, tzinfo=UTC)
"""Noon in Hà Nội."""
BOX = "xa-tan-lap-03"
SYNCHRONISED = KernelClock(synchronised=True, error_s=0.01)
ADRIFT = KernelClock(synchronised=False, error_s=16.0)


class Shelf(httpx.BaseTransport):
    """The studio's web server, in memory: it serves sounds by name, as long as the line holds."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.broken = False
        self.spoilt: set[str] = set()
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.broken:
            raise httpx.ConnectError("the line is down", request=request)
        name = request.url.path.rsplit("/", 1)[-1].removesuffix(".ogg")
        self.asked.append(name)
        if name not in self.studio.sounds:
            return httpx.Response(404)
        data = self.studio.sounds[name]
        return httpx.Response(200, content=b"\0" * len(data) if name in self.spoilt else data)


class Simulated(SimulatedBroker):
    """The broker in memory, as a World wants it."""

    def link(self, _name: str, will: Will | None = None) -> SimulatedLink:
        return SimulatedLink(self, will=will)

    def catch_up(self) -> None:
        """Nothing to do: what was said has been heard."""


@dataclass
class Box:
    """One device: its disk outlives its agents."""

    world: "World"
    name: str
    folder: Path
    key: OKPKey = field(default_factory=new_key)
    settings: dict[str, Any] = field(default_factory=dict)
    kernel: KernelClock = SYNCHRONISED
    has_rtc: bool = False
    boot: str = "boot-1"
    wall_offset: timedelta = timedelta(0)
    watch: Watch = nobody
    player: Callable[[], Player] | None = None
    agent: Agent | None = None
    parts: Parts | None = None
    link: SimulatedLink | None = None
    wake_at: float = 0.0

    def start(self) -> None:
        world = self.world
        identity = Identity(self.name, self.key, "test")
        last_word = Will(topics.device(self.name, "presence"), will(identity))
        self.link = world.broker.link(self.name, last_word)
        told = {"state_dir": self.folder, "player": "silent", "fetch_spread_s": 0} | self.settings
        settings = EdgeSettings.model_validate(told)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        clocks = Clocks(
            now=lambda: world.now + self.wall_offset,
            monotonic=lambda: world.monotonic,
            kernel=lambda: self.kernel,
            has_rtc=self.has_rtc,
            boot=self.boot,
        )
        means = Means(lambda: world.monotonic, lambda: None, self.folder / "wav", "")
        self.parts = assemble(
            settings,
            identity=identity,
            roots=(public_x(world.studio.root),),
            link=self.link,
            player=self.player() if self.player else load("silent", means),
            clocks=clocks,
            client=httpx.Client(transport=world.shelf),
            durable=Durable(self.watch),
        )
        self.agent = Agent(self.parts, habits(settings))
        self.agent.open()
        self.wake_at = world.monotonic

    def die(self) -> None:
        """As by kill -9: nothing is said, nothing is closed but what the kernel closes."""
        assert self.parts is not None and self.link is not None
        self.link.cut()
        if self.link in self.world.broker.links:
            self.world.broker.links.remove(self.link)
        self.parts.journal.close()
        self.agent = self.parts = self.link = None

    def pump(self) -> None:
        assert self.agent is not None and self.parts is not None
        wait = self.agent.pump()
        while self.parts.fetcher.work_once():
            wait = self.agent.pump()
        self.wake_at = self.world.monotonic + wait

    @property
    def told(self) -> dict[str, list[tuple[str, str]]]:
        return self.world.studio.told(self.name)


class World:
    """A studio, a broker and boxes. Time goes only in `run`."""

    def __init__(
        self, folder: Path, *, now: datetime = NOON - timedelta(minutes=10), broker: Any = None
    ) -> None:
        """`broker`: another one, that can do as much of what a simulated one can as the test asks of it."""
        self.now = now
        self.monotonic = 1000.0
        self.broker: Simulated = broker or Simulated()
        self.studio = Studio(self.broker.say)
        self.shelf = Shelf(self.studio)
        self.folder = folder
        self.boxes: list[Box] = []
        self._ear = self.broker.link("studio")
        self._ear.subscribe(*topics.FROM_DEVICES)
        self._ear.open()
        self.deaf = False
        """Whether the studio hears nothing."""

    def box(self, name: str = BOX, **more: Any) -> Box:
        box = Box(self, name, self.folder / name, **more)
        self.studio.devices[name] = box.key
        self.boxes.append(box)
        return box

    def settle(self) -> None:
        """Until nobody has anything to do now."""
        for _ in range(1000):
            self.broker.catch_up()
            heard = self._listen()
            awake = [
                b
                for b in self.boxes
                if b.link is not None and (b.wake_at <= self.monotonic or b.link._events)
            ]
            for box in awake:
                box.pump()
            if not heard and not awake:
                return
        raise AssertionError("the world does not come to rest")

    def run(self, seconds: float) -> None:
        end = self.monotonic + seconds
        while True:
            self.settle()
            wakes = [b.wake_at for b in self.boxes if b.agent is not None]
            wake = min([end, *wakes])
            self._pass(max(0.0, wake - self.monotonic))
            if self.monotonic >= end:
                self.settle()
                return

    def run_until(self, at: datetime) -> None:
        self.run((at - self.now).total_seconds())

    def off(self, seconds: float) -> None:
        """Time goes while nobody looks."""
        self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        self.monotonic += seconds
        self.now += timedelta(seconds=seconds)

    def _listen(self) -> bool:
        heard = False
        while (event := self._ear.next_event(0)) is not None:
            if isinstance(event, Received):
                self._ear.acknowledge(event)
                if not self.deaf and event.payload:
                    self.studio.hear(event.topic, event.payload, self.now)
                    heard = True
        return heard

    def close(self) -> None:
        for box in self.boxes:
            if box.agent is not None:
                box.die()
