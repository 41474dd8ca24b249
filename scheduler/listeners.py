"""Who hears what: devices put together by the zones that matter, so that ten thousand are a handful of groups."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from edge_agent.wire.documents import QuietHours
from scheduler.planner import PlannedAiring
from scheduler.rules import VIETNAM


@dataclass(frozen=True)
class Listener:
    """A device, as far as planning is concerned."""

    id: str
    """Its name."""
    zones: frozenset[str]
    """Whose plans it obeys; the zone of its own is among them."""
    quiet_hours: tuple[QuietHours, ...] = ()
    """What it enforces, whatever a plan says."""
    time_zone: str = VIETNAM
    """In which its quiet hours are read."""


@dataclass(frozen=True)
class Group:
    """Devices that hear the same airings and keep the same quiet hours."""

    devices: tuple[str, ...]
    """Their names, sorted."""
    airings: tuple[PlannedAiring, ...]
    """What they hear, by start."""
    quiet_hours: tuple[QuietHours, ...]
    """Of each of them."""
    time_zone: str
    """Of each of them."""


def groups(listeners: Iterable[Listener], airings: Iterable[PlannedAiring]) -> list[Group]:
    """Put together the devices between which `airings` makes no difference; those that hear nothing are left out."""
    in_order = sorted(airings, key=lambda a: (a.starts_at, a.id))
    named = frozenset[str]().union(*(a.zones for a in in_order))
    alike: defaultdict[tuple[frozenset[str], tuple[QuietHours, ...], str], list[str]] = defaultdict(list)
    for listener in listeners:
        # Each device has a zone of its own, so whole zone sets never agree; what no airing names does not matter.
        heard = listener.zones & named
        if heard:
            alike[heard, listener.quiet_hours, listener.time_zone].append(listener.id)
    return [
        Group(tuple(sorted(devices)), tuple(a for a in in_order if a.zones & zones), quiet_hours, time_zone)
        for (zones, quiet_hours, time_zone), devices in alike.items()
    ]
