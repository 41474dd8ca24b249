"""PURE: what a time of day forbids: quiet hours, ceilings, mutes. Local times are read in the zone of the config."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from edge_agent.wire.documents import Config, Mute


def within(begins: time, ends: time, at: time) -> bool:
    """Whether `at` lies in a span of the day.

    The span holds its first instant and not its last, and goes over midnight where it ends before it begins.
    One that begins when it ends is the whole day: a slip of the pen then gives a silence that somebody notices.
    """
    if begins < ends:
        return begins <= at < ends
    return at >= begins or at < ends


def quiet(config: Config, at: datetime) -> bool:
    """Whether only an emergency may sound at `at` (aware)."""
    local = at.astimezone(ZoneInfo(config.time_zone)).time()
    return any(within(q.begins, q.ends, local) for q in config.quiet_hours)


def volume(config: Config, at: datetime, *, emergency: bool) -> int:
    """The loudness in force at `at`, per cent: what the technician set, cut to the lowest ceiling that holds."""
    if emergency:
        return config.emergency_volume
    local = at.astimezone(ZoneInfo(config.time_zone)).time()
    ceilings = (c.percent for c in config.ceilings if within(c.begins, c.ends, local))
    return min((config.volume, *ceilings))


def muted(mutes: Iterable[Mute], at: datetime) -> bool:
    """Whether one of `mutes` holds at `at`."""
    return any(m.begins_at <= at and (m.ends_at is None or at < m.ends_at) for m in mutes)


def edges(config: Config, mutes: Iterable[Mute], after: datetime) -> Iterator[datetime]:
    """The instants of the coming day, UTC, at which what is allowed may change; each is later than `after`."""
    for mute in mutes:
        for edge in (mute.begins_at, mute.ends_at):
            if edge is not None and edge > after:
                yield edge
    zone = ZoneInfo(config.time_zone)
    times = {t for hours in config.quiet_hours for t in (hours.begins, hours.ends)}
    times |= {t for ceiling in config.ceilings for t in (ceiling.begins, ceiling.ends)}
    today = after.astimezone(zone).date()
    for day in (today, today + timedelta(days=1)):
        for each in times:
            edge = datetime.combine(day, each.replace(tzinfo=None), zone).astimezone(UTC)
            if edge > after:
                yield edge
