"""PURE: what the agent knows when it decides, and the steps it may take."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge_agent.wire.documents import Airing, Config, Plan, Sound
from edge_agent.wire.words import ClockTrust, Playback, Reason, Revision

TERMINAL = frozenset({Playback.SKIPPED, Playback.FAILED, Playback.PARTIAL, Playback.FINISHED})
"""States in which an airing stays for ever: it is never started again."""


@dataclass(frozen=True)
class Told:
    """The last word of the journal on an airing."""

    playback: Playback
    reason: str = ""
    """`pre_empted` beside `started`: it was cut for an emergency and waits to go on."""
    position_s: float = 0.0
    """How much of it had sounded, seconds, with its tone."""

    @property
    def ended(self) -> bool:
        """Whether nothing more can come."""
        return self.playback in TERMINAL

    @property
    def waits(self) -> bool:
        """Whether it was cut for an emergency and may go on."""
        return self.playback == Playback.STARTED and self.reason == Reason.PRE_EMPTED


@dataclass(frozen=True)
class Sounding:
    """What the player was last told to play and has not ended yet."""

    airing: str
    at: datetime
    """The instant for which its first sample was ordered."""
    volume: int
    """Per cent, as last ordered."""


@dataclass(frozen=True)
class Facts:
    """Everything `next_step` looks at, beside the time. The agent gathers it anew before every step."""

    config: Config | None = None
    plans: Mapping[str, Plan] = field(default_factory=dict)
    """The verified plan of each zone."""
    emergencies: Mapping[str, Plan] = field(default_factory=dict)
    """The verified emergency plan of each zone."""
    cached: Set[str] = frozenset()
    """Digests of the sounds on the disk."""
    busy: Set[str] = frozenset()
    """Digests that are on the way, or rest before they are tried again."""
    fetching: bool = False
    """Whether one is on the way now: then no other is asked for, so that the most urgent is always the next."""
    corrupt: Set[str] = frozenset()
    """Digests whose file was found to be another one, and was thrown away."""
    told: Mapping[str, Told] = field(default_factory=dict)
    """The last word of the journal on each airing it knows."""
    sounding: Sounding | None = None
    trust: ClockTrust = ClockTrust.UNKNOWN
    welcomed: Mapping[str, Revision] = field(default_factory=dict)
    """The emergency revision of each zone that a Welcome of this boot named."""
    since: datetime | None = None
    """When the journal began; what began before that may have sounded already. Null: the time was not known yet."""
    rebuilt: bool = False
    """Whether there was a journal before this one, which was lost."""
    up_since: datetime | None = None
    """When the agent started, told in the time it trusts now."""
    known_since: datetime | None = None
    """When the agent last began to know the time, after it had not."""
    held: Mapping[str, Reason] = field(default_factory=dict)
    """Why an airing whose time had come was held back, as the last Sleep said."""
    tone_s: float = 4.0
    """Length of the attention tone the device makes, seconds."""
    spread: timedelta = timedelta(0)
    """Over how long the devices share out their fetching after a plan has come."""
    device: str = ""
    """Its name, from which its place in that spread follows."""


@dataclass(frozen=True)
class Fetch:
    """Bring this sound to the disk; do not wait for it."""

    sound: Sound


@dataclass(frozen=True)
class Start:
    """Let this airing sound, first or again."""

    airing: Airing
    at: datetime | None
    """When the first sample is to leave; null where the time is unknown: at once."""
    due: datetime | None
    """When the first sample of the whole airing was to leave, after arrangement and delay; null: unknown."""
    position_s: float
    """From where, seconds, its tone counted."""
    volume: int
    """Per cent."""
    passed: tuple[str, ...] = ()
    """What an emergency goes over: `quiet_hours`, `muted`."""


@dataclass(frozen=True)
class Turn:
    """Change the volume of what sounds."""

    volume: int


@dataclass(frozen=True)
class Pause:
    """Silence what sounds for an emergency; it may go on afterwards."""


@dataclass(frozen=True)
class Stop:
    """Silence what sounds, for good."""

    reason: Reason


@dataclass(frozen=True)
class GiveUp:
    """Close an airing that had begun, does not sound now and will not go on: `partial`."""

    airing: str
    reason: Reason


@dataclass(frozen=True)
class Skip:
    """Close an airing that has not begun and will not."""

    airing: str
    reason: Reason


@dataclass(frozen=True)
class Sleep:
    """Nothing to do before `until`, unless something happens; null: nothing is known to come."""

    until: datetime | None
    held: Mapping[str, Reason] = field(default_factory=dict)
    """Airings whose time has come and that may not sound, with the reason: give it back in the next facts."""


Step = Fetch | Start | Turn | Pause | Stop | GiveUp | Skip | Sleep
