"""PURE: what is known of the time: trusted, holdover or unknown, with a bound of the error.

Whatever once told the time leaves an *anchor*: the time at one instant of the monotonic clock, which runs on from
boot to shutdown whatever anybody does to the wall clock. The best anchor is the one with the smallest bound now; a
bound grows with the drift of the oscillator. So the agent needs no right to set the machine's clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from edge_agent.wire.words import ClockTrust

DRIFT = 100e-6
"""A Raspberry Pi's crystal, cheap and hot: 100 ppm is twice what its data sheet allows."""
RTC_DRIFT = 5e-6
"""A DS3231 is within 2 ppm from 0 to 40 °C and 3.5 ppm outside (its data sheet); a little more for age."""
LONGEST_ROUND_TRIP_S = 2.0
"""A Welcome that took longer says too little about the time."""
TRUSTED_S = 1.5
"""Up to this bound the time is trusted; beyond it is holdover."""
LIMIT_S = 120.0
"""Beyond this bound the time is unknown: at 100 ppm after two weeks, as long as a plan reaches."""
SLACK_S = 5.0
"""By how much the studio's clock and ours may differ before a signed time counts as proof that ours is wrong."""
HOST_WORDS = "host (giả định)"


class Source(StrEnum):
    """What told the time."""

    KERNEL = "kernel"
    """The kernel says that a time daemon keeps it in step."""
    WELCOME = "welcome"
    """The studio's signed answer to the hello of this boot."""
    RTC = "rtc"
    """A battery-backed clock set the system clock at boot."""


@dataclass(frozen=True)
class Anchor:
    """The time at one instant of the monotonic clock."""

    source: Source
    at: datetime
    """The time then."""
    monotonic: float
    """Which instant, seconds."""
    error_s: float
    """Bound of the error then."""

    def time(self, monotonic: float) -> datetime:
        """The time at another instant, carried on by the monotonic clock."""
        return self.at + timedelta(seconds=monotonic - self.monotonic)

    def bound(self, monotonic: float) -> float:
        """Bound of the error of `time`, seconds."""
        return self.error_s + DRIFT * max(0.0, monotonic - self.monotonic)


@dataclass(frozen=True)
class Reading:
    """What the clock says, and how far to believe it."""

    now: datetime
    """The best guess, even when it is not to be trusted."""
    trust: ClockTrust
    source: str = ""
    """On what ground: `kernel`, `welcome`, `rtc`, `host (giả định)`; empty: on none."""
    error_s: float | None = None
    """Bound of the error; null where none can be given."""


@dataclass(frozen=True)
class KernelClock:
    """What adjtimex(2) says."""

    synchronised: bool
    error_s: float
    """Its `maxerror`."""


def from_kernel(kernel: KernelClock, host: datetime, monotonic: float) -> Anchor | None:
    """The anchor a synchronised kernel gives; none otherwise."""
    if not kernel.synchronised:
        return None
    return Anchor(Source.KERNEL, host, monotonic, kernel.error_s)


def from_welcome(told: datetime, *, asked: float, answered: float) -> Anchor | None:
    """The anchor of a Welcome: `asked` and `answered` are instants of the monotonic clock.

    The studio read its clock somewhere between the two, so half the round trip bounds the error.
    None if it took too long.
    """
    trip = answered - asked
    if not 0.0 <= trip <= LONGEST_ROUND_TRIP_S:
        return None
    return Anchor(Source.WELCOME, told + timedelta(seconds=trip / 2), answered, trip / 2)


def from_rtc(host: datetime, monotonic: float, *, last_trusted: datetime | None) -> Anchor | None:
    """The anchor a battery-backed clock gives at start; none if the time was never trusted or is before that time."""
    if last_trusted is None or host < last_trusted:
        return None
    return Anchor(Source.RTC, host, monotonic, 1.0 + RTC_DRIFT * (host - last_trusted).total_seconds())


def judge(
    anchors: Iterable[Anchor], *, host: datetime, monotonic: float, floor: datetime | None, assume_host: bool
) -> Reading:
    """Say what time it is.

    `floor` is a time that has surely passed: the last trusted one, or the signing of a message. What says it is
    earlier is not believed. The exception is a Welcome: it comes from whoever signed those messages, and answers us
    now.
    """
    if assume_host:
        trust = ClockTrust.UNKNOWN if _before(host, floor, 0.0) else ClockTrust.TRUSTED
        return Reading(host, trust, HOST_WORDS)
    best = _best(list(anchors), monotonic)
    if best is None:
        return Reading(host.astimezone(UTC), ClockTrust.UNKNOWN)
    now, bound = best.time(monotonic), best.bound(monotonic)
    trust = ClockTrust.TRUSTED if bound <= TRUSTED_S and best.source != Source.RTC else ClockTrust.HOLDOVER
    if bound > LIMIT_S or (best.source != Source.WELCOME and _before(now, floor, bound)):
        trust = ClockTrust.UNKNOWN
    return Reading(now, trust, best.source.value, bound)


def _best(anchors: list[Anchor], monotonic: float) -> Anchor | None:
    """The smallest bound; but where the studio's signed word and the machine contradict each other, the signed word."""
    best = min(anchors, key=lambda anchor: anchor.bound(monotonic), default=None)
    if best is None:
        return None
    for signed in anchors:
        apart = abs((best.time(monotonic) - signed.time(monotonic)).total_seconds())
        if (
            signed.source == Source.WELCOME
            and apart > best.bound(monotonic) + signed.bound(monotonic) + SLACK_S
        ):
            return signed
    return best


def _before(now: datetime, floor: datetime | None, error_s: float) -> bool:
    return floor is not None and now + timedelta(seconds=error_s + SLACK_S) < floor
