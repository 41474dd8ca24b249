"""A small pure world around `next_step`: it does what it is told, and remembers what was heard."""

import zlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from edge_agent.facts import (
    Facts,
    Fetch,
    GiveUp,
    Pause,
    Skip,
    Sleep,
    Sounding,
    Start,
    Stop,
    Told,
    Turn,
)
from edge_agent.next_step import next_step
from edge_agent.wire.documents import Airing, Config, Plan, QuietHours, Sound
from edge_agent.wire.words import ClockTrust, Playback, Priority, Reason, Revision, airing_id

NOON = datetime(2026, 11, 24, 5, 0, 0, tzinfo=UTC)
"""Noon in Hà Nội."""
ZONE = "xa-tan-lap"
STATION = "xa-tan-lap-03"


def sound(n: int = 1, *, seconds: float = 60.0) -> Sound:
    return Sound(sha256=f"{n:064x}", size=1000, seconds=seconds)


def airing(
    name: str = "law-7",
    *,
    at: datetime = NOON,
    seconds: float = 60.0,
    patience_s: float = 600.0,
    priority: Priority = Priority.ORDINARY,
    rank: int = 0,
    in_step: bool = False,
    tone: bool = False,
    sounds: tuple[Sound, ...] | None = None,
) -> Airing:
    at = at.replace(microsecond=0)
    return Airing(
        id=airing_id(name, at),
        starts_at=at,
        stale_at=at + timedelta(seconds=patience_s),
        sounds=sounds or (sound(zlib.crc32(name.encode()) + 1, seconds=seconds),),
        priority=priority,
        rank=rank,
        in_step=in_step,
        tone=tone,
    )


def plan(*airings: Airing, zone: str = ZONE, n: int = 1, **more: object) -> Plan:
    kind = "emergency" if airings and airings[0].priority == Priority.EMERGENCY else "plan"
    fields: dict[str, object] = {
        "kind": kind,
        "zone": zone,
        "revision": (1, n),
        "issued_at": NOON - timedelta(days=1) + timedelta(seconds=n),
        "begins_at": NOON - timedelta(days=1),
        "ends_at": NOON + timedelta(days=13),
        "airings": airings,
    }
    return Plan.model_validate(fields | more)


def config(*zones: str, **more: object) -> Config:
    fields: dict[str, object] = {
        "kind": "config",
        "device": STATION,
        "revision": (1, 1),
        "issued_at": NOON - timedelta(days=1),
        "zones": zones or (ZONE,),
    }
    return Config.model_validate(fields | more)


def quiet(begins: str, ends: str) -> QuietHours:
    return QuietHours(begins=time.fromisoformat(begins), ends=time.fromisoformat(ends))


def facts(*airings: Airing, **more: object) -> Facts:
    """All well: the time is known, every sound is there, the journal is old."""
    calm = [a for a in airings if a.priority != Priority.EMERGENCY]
    flood = [a for a in airings if a.priority == Priority.EMERGENCY]
    held = Facts(
        config=config(),
        plans={ZONE: plan(*calm)} if calm else {},
        emergencies={ZONE: plan(*flood)} if flood else {},
        cached={s.sha256 for a in airings for s in a.sounds},
        trust=ClockTrust.TRUSTED,
        since=NOON - timedelta(days=30),
        up_since=NOON - timedelta(days=2),
        known_since=NOON - timedelta(days=2),
    )
    return replace(held, **more)  # type: ignore[arg-type]


@dataclass
class Heard:
    """One stretch of sound."""

    airing: str
    begins: datetime
    ends: datetime
    position_s: float
    trust: ClockTrust
    cached: bool


@dataclass
class Sandbox:
    """Does the steps. Time is the true time; what the device believes of it is in `facts.trust`."""

    facts: Facts
    now: datetime
    heard: list[Heard] = field(default_factory=list)
    records: list[tuple[str, Playback, str]] = field(default_factory=list)
    _start: Start | None = None
    _lasts_s: float = 0.0

    def run_until(self, end: datetime) -> None:
        while True:
            wake = self._settle()
            if self._start is not None and self.facts.sounding is not None:
                wake = min(wake or end, self.facts.sounding.at + timedelta(seconds=self._lasts_s))
            if wake is None or wake >= end:
                self.now = end
                return
            assert wake > self.now, "a sleep that does not end later"
            self.now = wake

    def restart(self) -> None:
        """As after a power cut: what lives in memory is gone."""
        if self._start is not None:
            self._fall_silent()
        self.facts = replace(self.facts, held={}, up_since=self.now, known_since=self.now, welcomed={})

    def _settle(self) -> datetime | None:
        self._poll()
        for _ in range(200):
            step = next_step(self.facts, self.now)
            if isinstance(step, Sleep):
                self.facts = replace(self.facts, held=dict(step.held))
                return step.until
            self._do(step)
        raise AssertionError(f"it does not settle: {step}")

    def _do(self, step: object) -> None:
        match step:
            case Fetch():
                self.facts = replace(self.facts, busy=self.facts.busy | {step.sound.sha256})
            case Start():
                assert self._start is None, "two sounds at once"
                self._begin(step)
            case Turn():
                assert self.facts.sounding is not None
                sounding = replace(self.facts.sounding, volume=step.volume)
                self.facts = replace(self.facts, sounding=sounding)
            case Pause():
                airing, position = self._fall_silent()
                self._note(airing, Playback.STARTED, Reason.PRE_EMPTED, position)
            case Stop():
                airing, position = self._fall_silent()
                self._note(airing, Playback.PARTIAL, step.reason, position)
            case GiveUp():
                self._note(step.airing, Playback.PARTIAL, step.reason)
            case Skip():
                assert step.airing not in self.facts.told, "skipped after it had begun"
                self._note(step.airing, Playback.SKIPPED, step.reason)

    def _begin(self, step: Start) -> None:
        told = self.facts.told.get(step.airing.id)
        assert told is None or told.waits, "started after its end"
        at = step.at or self.now
        cached = all(s.sha256 in self.facts.cached for s in step.airing.sounds)
        self._lasts_s = max(0.0, step.airing.seconds + (4.0 if step.airing.tone else 0.0) - step.position_s)
        self._start = step
        self._note(step.airing.id, Playback.STARTED, "", step.position_s)
        self.facts = replace(self.facts, sounding=Sounding(step.airing.id, at, step.volume))
        self.heard.append(Heard(step.airing.id, at, at, step.position_s, self.facts.trust, cached))

    def _poll(self) -> None:
        sounding = self.facts.sounding
        if sounding is not None and self.now >= sounding.at + timedelta(seconds=self._lasts_s):
            airing, position = self._fall_silent()
            self._note(airing, Playback.FINISHED, "", position)

    def _fall_silent(self) -> tuple[str, float]:
        assert self._start is not None and self.facts.sounding is not None
        at = self.facts.sounding.at
        sounded = min(max(0.0, (self.now - at).total_seconds()), self._lasts_s)
        self.heard[-1].ends = at + timedelta(seconds=sounded)
        position, airing = self._start.position_s + sounded, self._start.airing.id
        self._start = None
        self.facts = replace(self.facts, sounding=None)
        return airing, position

    def _note(self, airing: str, playback: Playback, reason: str, position: float = 0.0) -> None:
        self.records.append((airing, playback, reason))
        told = {**self.facts.told, airing: Told(playback, reason, position)}
        self.facts = replace(self.facts, told=told)


def revision(n: int) -> Revision:
    return Revision(1, n)
