"""Keeps what is known of the time, over restarts too, and asks `clock_trust` what it is worth."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from edge_agent.clock_trust import (
    Anchor,
    KernelClock,
    Reading,
    Source,
    from_kernel,
    from_rtc,
    from_welcome,
    judge,
)
from edge_agent.durable import Durable
from edge_agent.wire.words import ClockTrust, Revision

log = logging.getLogger(__name__)

KEEP_EVERY = timedelta(minutes=10)
"""How often the last trusted time is written to the disk: SD cards wear."""


@dataclass(frozen=True)
class Clocks:
    """The clocks of the machine, as functions, so that tests can live through months."""

    now: Callable[[], datetime]
    """The wall clock, aware."""
    monotonic: Callable[[], float]
    """Seconds since boot."""
    kernel: Callable[[], KernelClock]
    """What the kernel says of its wall clock."""
    has_rtc: bool
    boot: str
    """Name of this boot: what was learnt in it holds over a restart of the agent; empty: unknown."""


class Timekeeper:
    """What time it is, as far as we know. Its file is `clock.json`."""

    def __init__(self, path: Path, clocks: Clocks, durable: Durable, *, assume_host: bool) -> None:
        self._path, self._clocks, self._durable = path, clocks, durable
        self._assume_host = assume_host
        self._anchors: dict[Source, Anchor] = {}
        self._floor: datetime | None = None
        self._kept: datetime | None = None
        self.welcomed: dict[str, Revision] = {}
        """The emergency revisions that a Welcome of this boot named."""
        self._load()
        self._started = clocks.monotonic()
        self._known_since: float | None = None

    @property
    def monotonic(self) -> float:
        """Seconds of the clock that nobody sets."""
        return self._clocks.monotonic()

    def read(self) -> Reading:
        """Say what time it is now."""
        host, monotonic = self._clocks.now(), self._clocks.monotonic()
        anchor = from_kernel(self._clocks.kernel(), host, monotonic)
        if anchor is not None:
            self._anchors[Source.KERNEL] = anchor
        reading = judge(
            self._anchors.values(),
            host=host,
            monotonic=monotonic,
            floor=self._floor,
            assume_host=self._assume_host,
        )
        if reading.trust == ClockTrust.UNKNOWN:
            self._known_since = None
        elif self._known_since is None:
            self._known_since = monotonic
        if reading.trust == ClockTrust.TRUSTED:
            self._raise_floor(reading.now)
        return reading

    def up_since(self, reading: Reading) -> datetime:
        """When the agent started, in the time of `reading`."""
        return reading.now - timedelta(seconds=self._clocks.monotonic() - self._started)

    def known_since(self, reading: Reading) -> datetime | None:
        """When it began to know the time, in the time of `reading`."""
        if self._known_since is None:
            return None
        return reading.now - timedelta(seconds=self._clocks.monotonic() - self._known_since)

    def instant(self, at: datetime, reading: Reading) -> float:
        """The instant of the monotonic clock at which it will be, or was, `at`."""
        return self._clocks.monotonic() + (at - reading.now).total_seconds()

    def time(self, instant: float, reading: Reading) -> datetime:
        """The time at an instant of the monotonic clock."""
        return reading.now + timedelta(seconds=instant - self._clocks.monotonic())

    def welcome(self, told: datetime, *, asked: float, emergencies: dict[str, Revision]) -> datetime:
        """Take in a verified Welcome: the time, and the emergencies in force.

        Returns the latest that it can be now, however long the answer was on its way.
        """
        now = self._clocks.monotonic()
        anchor = from_welcome(told, asked=asked, answered=now)
        self.welcomed = dict(emergencies)
        if anchor is not None:
            held = self._anchors.get(Source.WELCOME)
            # A slower answer than the last says nothing new, unless the studio's clock was set since.
            if held is None or anchor.bound(now) <= held.bound(now) or self._contradict(anchor, held, now):
                self._anchors[Source.WELCOME] = anchor
        # The studio itself says how late it is at most: what was signed or kept by a wrong clock binds no more.
        latest = told + timedelta(seconds=now - asked)
        if self._floor is not None and self._floor > latest:
            self._floor = latest
        self._keep()
        return latest

    def signed(self, issued_at: datetime) -> None:
        """A verified message was signed then, so it is later now."""
        self._raise_floor(issued_at)

    def _contradict(self, one: Anchor, other: Anchor, monotonic: float) -> bool:
        apart = abs((one.time(monotonic) - other.time(monotonic)).total_seconds())
        return apart > one.bound(monotonic) + other.bound(monotonic)

    def _raise_floor(self, at: datetime) -> None:
        if self._floor is None or at > self._floor:
            self._floor = at
        if self._kept is None or self._floor - self._kept >= KEEP_EVERY:
            self._keep()

    def _load(self) -> None:
        try:
            held = json.loads(self._path.read_text())
            floor = datetime.fromisoformat(held["floor"]) if held["floor"] else None
            if floor is not None and floor.tzinfo is None:
                raise ValueError("a time without its zone")
            self._floor = floor
            self._kept = self._floor
            if held["boot"] and held["boot"] == self._clocks.boot:
                self._recall(held)
                return
        except FileNotFoundError:
            pass
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            ArithmeticError,
            RecursionError,
        ) as error:
            log.warning("%s cannot be read, so the time is not known from before: %s", self._path, error)
        if self._clocks.has_rtc:
            monotonic = self._clocks.monotonic()
            anchor = from_rtc(self._clocks.now(), monotonic, last_trusted=self._floor)
            if anchor is not None:
                self._anchors[Source.RTC] = anchor

    def _recall(self, held: dict[str, Any]) -> None:
        now, anchors = self._clocks.monotonic(), {}
        for each in held["anchors"]:
            source, at = Source(each["source"]), datetime.fromisoformat(each["at"])
            anchor = Anchor(source, at, float(each["monotonic"]), float(each["error_s"]))
            if not (0.0 <= anchor.monotonic <= now and anchor.error_s >= 0.0 and anchor.time(now).tzinfo):
                raise ValueError("an anchor that cannot be")
            anchors[source] = anchor
        self._anchors.update(anchors)
        self.welcomed = {zone: Revision(*revision) for zone, revision in held["welcomed"].items()}

    def _keep(self) -> None:
        anchors = [
            {"source": a.source, "at": a.at.isoformat(), "monotonic": a.monotonic, "error_s": a.error_s}
            for a in self._anchors.values()
        ]
        floor = self._floor.isoformat() if self._floor else None
        text = json.dumps(
            {"floor": floor, "boot": self._clocks.boot, "anchors": anchors, "welcomed": self.welcomed}
        )
        try:
            self._durable.write(self._path, text.encode(), "clock")
        except OSError as error:
            log.warning("the time could not be kept: %s", error)
        self._kept = self._floor
