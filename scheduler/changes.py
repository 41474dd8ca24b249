"""What is known against what is wanted. What has begun is not moved: it is stopped by a command."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.planner import PlannedAiring


@dataclass(frozen=True)
class Changes:
    """What to do so that the airings we keep are those that are wanted."""

    add: tuple[PlannedAiring, ...] = ()
    """New ones, and those whose content has changed: they take the place of the airing with their id."""
    withdraw: tuple[PlannedAiring, ...] = ()
    """No longer wanted, and not begun."""
    keep: tuple[PlannedAiring, ...] = ()
    """As they are: unchanged, begun, or outside the window."""

    def zones(self, known: Mapping[str, PlannedAiring]) -> frozenset[str]:
        """Zones whose plan is another one after these changes; `known` is what was known before."""
        touched: set[str] = set()
        for planned in (*self.add, *self.withdraw):
            touched |= planned.zones
            if planned.id in known:
                touched |= known[planned.id].zones
        return frozenset(touched)


def changes(
    known: Mapping[str, PlannedAiring],
    wanted: Mapping[str, PlannedAiring],
    *,
    window: tuple[datetime, datetime],
    now: datetime,
) -> Changes:
    """Compare by id. `wanted` was planned for `window`, so it says nothing of what starts outside.

    An airing that has begun by `now` is neither added (a device that plays it would begin late, or twice after a
    restored backup), nor changed, nor withdrawn.
    """
    begins_at, ends_at = window

    def open_(planned: PlannedAiring) -> bool:
        return now < planned.starts_at and begins_at <= planned.starts_at < ends_at

    add = [w for name, w in wanted.items() if open_(w) and known.get(name) != w]
    withdraw = [k for name, k in known.items() if open_(k) and name not in wanted]
    gone = {planned.id for planned in (*add, *withdraw)}
    keep = [k for name, k in known.items() if name not in gone]
    return Changes(_in_order(add), _in_order(withdraw), _in_order(keep))


def _in_order(airings: list[PlannedAiring]) -> tuple[PlannedAiring, ...]:
    return tuple(sorted(airings, key=lambda planned: (planned.starts_at, planned.id)))
