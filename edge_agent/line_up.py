"""PURE: the airings of all the zones of a device, merged, in the order in which they go before each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge_agent.facts import Facts
from edge_agent.wire.documents import Airing, Arrangement, Config, Mute, Plan
from edge_agent.wire.words import Priority

_GOES_FIRST = {Priority.EMERGENCY: 0, Priority.PRIORITY: 1, Priority.ORDINARY: 2}


@dataclass(frozen=True)
class Entry:
    """One airing as this device is to play it."""

    airing: Airing
    starts_at: datetime
    """With the commune's deferment and the delay of this device."""
    rank: int
    """With the commune's order."""
    total_s: float
    """How long it sounds, with its tone."""
    issued_at: datetime
    """When the plan that names it was signed."""
    named: bool = False
    """Whether a Welcome of this boot named the emergency plan it stands in."""

    @property
    def emergency(self) -> bool:
        """Whether it pre-empts, and passes quiet hours and mutes."""
        return self.airing.priority == Priority.EMERGENCY

    @property
    def over_at(self) -> datetime:
        """From here on it is neither started nor gone on with."""
        if not self.airing.in_step:
            return self.airing.stale_at
        return min(self.airing.stale_at, self.starts_at + timedelta(seconds=self.total_s))

    @property
    def order(self) -> tuple[int, int, datetime, str]:
        """Emergency before priority before ordinary; then rank, earlier start, id."""
        return _GOES_FIRST[self.airing.priority], self.rank, self.starts_at, self.airing.id


def line_up(facts: Facts) -> dict[str, Entry]:
    """Merge the plans of the zones the config names; the same airing in two of them is one.

    Where two plans disagree about an airing, the one signed later is right.
    """
    config = facts.config
    if config is None:
        return {}
    arrangements = _arrangements(config, facts.plans)
    found: dict[str, Entry] = {}
    for held in (facts.plans, facts.emergencies):
        for zone in config.zones:
            plan = held.get(zone)
            if plan is None:
                continue
            named = plan.kind == "emergency" and facts.welcomed.get(zone) == plan.revision
            for airing in plan.airings:
                arranged = arrangements.get(airing.id) if zone != config.commune else None
                entry = _entry(airing, plan, arranged, config, facts.tone_s, named)
                before = found.get(airing.id)
                if before is None or before.issued_at < entry.issued_at:
                    found[airing.id] = entry
    return found


def mutes(facts: Facts) -> tuple[Mute, ...]:
    """Every mute this device obeys: its own and those of its zones."""
    if facts.config is None:
        return ()
    plans = (facts.plans.get(zone) for zone in facts.config.zones)
    return facts.config.muted + tuple(mute for plan in plans if plan is not None for mute in plan.muted)


def _arrangements(config: Config, plans: Mapping[str, Plan]) -> dict[str, Arrangement]:
    commune = plans.get(config.commune) if config.commune in config.zones else None
    return {} if commune is None else {each.airing: each for each in commune.arrangements}


def _entry(
    airing: Airing, plan: Plan, arranged: Arrangement | None, config: Config, tone_s: float, named: bool
) -> Entry:
    starts_at, rank = airing.starts_at, airing.rank
    # The commune may order and defer what its parents send, never an emergency (Circular 39/2020/TT-BTTTT).
    if arranged is not None and airing.priority != Priority.EMERGENCY:
        rank = arranged.rank
        # What is put off until it is stale may as well be put off for ever.
        starts_at = max(starts_at, min(arranged.not_before or starts_at, airing.stale_at))
    return Entry(
        airing=airing,
        starts_at=starts_at + timedelta(milliseconds=config.delay_ms),
        rank=rank,
        total_s=airing.seconds + (tone_s if airing.tone else 0.0),
        issued_at=plan.issued_at,
        named=named,
    )
