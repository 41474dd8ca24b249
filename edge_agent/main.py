"""Puts an agent together and lets it live. With cli.py the only place that reads the clock."""

import logging
import os
import signal
import ssl
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import httpx

from edge_agent import enrolment, kernel_clock
from edge_agent.agent import Agent
from edge_agent.cache import Cache
from edge_agent.control import Control
from edge_agent.durable import Durable, Watch, nobody
from edge_agent.enrolment import Enrolled, Home
from edge_agent.fetcher import Fetcher
from edge_agent.journal import Journal
from edge_agent.parts import Habits, Parts
from edge_agent.plan_store import PlanStore
from edge_agent.players import Means, Player, load
from edge_agent.post import Identity
from edge_agent.presence import will
from edge_agent.settings import EdgeSettings
from edge_agent.timekeeper import Clocks, Timekeeper
from edge_agent.wire import topics
from edge_agent.wire.link import Link, PahoLink, Will
from edge_agent.wire.signing import Keyring

log = logging.getLogger(__name__)


class CannotRun(Exception):
    """The agent cannot begin. In Vietnamese, naming what to mend."""


def agent_version() -> str:
    """Version of what is installed."""
    try:
        return version("loa")
    except PackageNotFoundError:
        return "0"


def now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def machine_clocks() -> Clocks:
    """The clocks of this machine."""
    return Clocks(
        now=now,
        monotonic=time.monotonic,
        kernel=kernel_clock.read,
        has_rtc=kernel_clock.has_rtc(),
        boot=kernel_clock.boot_id(),
    )


def run(settings: EdgeSettings, *, watch: Watch = nobody) -> bool:
    """Run the agent until it is ended; True: somebody asked it to begin again.

    Raises CannotRun and EnrolmentError.
    """
    home = Home(settings.state_dir)
    enrolled, identity = enrolment.read(home, version=agent_version())
    try:
        lock = enrolment.hold(home)
    except BlockingIOError as error:
        raise CannotRun(f"một tác tử khác đang chạy trong {home.folder}") from error
    try:
        parts = _parts(settings, home, enrolled, identity, watch)
        agent = Agent(parts, habits(settings))
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: agent.end())
        parts.control.open()
        parts.fetcher.start()
        log.info("loa-agent %s, device %s, player %s", identity.version, identity.device, settings.player)
        return agent.run()
    except OSError as error:
        raise CannotRun(f"không chạy được: {error}") from error
    finally:
        os.close(lock)


def habits(settings: EdgeSettings) -> Habits:
    """Settings the loop itself looks at."""
    return Habits(
        tone_s=settings.tone_s,
        fetch_spread=timedelta(seconds=settings.fetch_spread_s),
        keep_sounds_for=settings.keep_sounds_for,
    )


def assemble(
    settings: EdgeSettings,
    *,
    identity: Identity,
    roots: tuple[str, ...],
    link: Link,
    player: Player,
    clocks: Clocks,
    client: httpx.Client,
    durable: Durable,
) -> Parts:
    """Put together everything but what touches the world: those come in as arguments. Raises OSError."""
    home = Home(settings.state_dir)
    timekeeper = Timekeeper(home.clock, clocks, durable, assume_host=settings.clock == "host")
    cache = Cache(home.sounds, durable, reserve_mb=settings.reserve_mb)
    return Parts(
        identity=identity,
        link=link,
        durable=durable,
        timekeeper=timekeeper,
        journal=Journal.at(home.journal, durable, label=f"{clocks.now():%Y%m%dT%H%M%S}"),
        store=PlanStore(home.documents, identity.device, Keyring.pinned(roots), durable),
        cache=cache,
        fetcher=Fetcher(cache, client, clocks.monotonic, done=link.wake),
        player=player,
        player_name=settings.player,
        control=Control(home.socket, link.wake),
        folder=home.folder,
    )


def _parts(settings: EdgeSettings, home: Home, enrolled: Enrolled, identity: Identity, watch: Watch) -> Parts:
    last_word = Will(topics.device(identity.device, "presence"), will(identity))
    link = PahoLink(enrolment.broker(home, enrolled), will=last_word)
    means = Means(time.monotonic, link.wake, settings.wavs, settings.alsa_device)
    return assemble(
        settings,
        identity=identity,
        roots=enrolled.roots,
        link=link,
        player=load(settings.player, means),
        clocks=machine_clocks(),
        client=web_client(home.tls_ca),
        durable=Durable(watch),
    )


def web_client(ca: Path | None = None) -> httpx.Client:
    """A client for sounds and enrolment; believes the studio's own CA too, where there is one."""
    context = ssl.create_default_context()
    if ca is not None and ca.exists():
        context.load_verify_locations(ca)
    return httpx.Client(verify=context, timeout=20.0, follow_redirects=False)


def begin_again() -> None:
    """Replace this process by a fresh one with the same arguments."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own command line
