"""PURE: facts and now go in, the one step to take comes out; call again when it is done.

The rules of design §4. Decisions that the wire leaves open are taken here:

- An airing may not *start* in quiet hours, and is stopped (`partial`) when they begin while it sounds.
- A mute, of the device or of a zone, silences everything but an emergency; the report of an emergency says what it
  passed. What silences an emergency is a stop, at the desk or at the box, or its cancel.
- An ordinary or priority airing never cuts another; only an emergency does, and never another emergency.
- What cannot sound (no sound, held back) does not keep the next in the line from sounding.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from edge_agent.facts import (
    Facts,
    Fetch,
    GiveUp,
    Pause,
    Skip,
    Sleep,
    Sounding,
    Start,
    Step,
    Stop,
    Told,
    Turn,
)
from edge_agent.line_up import Entry, line_up, mutes
from edge_agent.time_of_day import edges, muted, quiet, volume
from edge_agent.wire.documents import Config
from edge_agent.wire.words import ClockTrust, Playback, Reason

LEAD = timedelta(seconds=1)
"""A start is ordered so long ahead: the record is on disk and the file open before its instant comes."""
SOON = timedelta(milliseconds=300)
"""What starts late is ordered so long ahead, for the same reason."""
URGENT = timedelta(minutes=30)
"""What starts sooner is fetched at once, without waiting for this device's place in the spread."""


def next_step(facts: Facts, now: datetime) -> Step:
    """Return the one thing to do at `now` (aware; the device's own time, right only as far as `facts.trust` says)."""
    if facts.config is None:
        return Sleep(None) if facts.sounding is None else Stop(Reason.WITHDRAWN)
    entries = line_up(facts)
    if facts.sounding is not None:
        step = _about_what_sounds(facts, facts.config, facts.sounding, entries, now)
        if step is not None:
            return step
    waiting = _waiting(facts, entries, now)
    if facts.sounding is None:
        for entry in waiting:
            if _why_not(facts, entry, _at(entry, now)) is None:
                return _start(facts, facts.config, entry, now)
    # After a week without power there is much to write down, each with its fsync: what is due does not wait for that.
    step = _close(facts, entries, now)
    if step is not None:
        return step
    fetch = _fetch(facts, entries.values(), now)
    if fetch is not None:
        return fetch
    return _sleep(facts, facts.config, entries, waiting, now)


def _known(facts: Facts) -> bool:
    return facts.trust != ClockTrust.UNKNOWN


def _at(entry: Entry, now: datetime) -> datetime:
    """The instant at which its first sample would leave, were it ordered now."""
    return entry.starts_at if entry.starts_at >= now else now + SOON


def _forbidden(facts: Facts, entry: Entry, at: datetime) -> Reason | None:
    """What keeps this airing from sounding at `at`, whatever else sounds and whatever is on the disk."""
    assert facts.config is not None
    if not _known(facts):
        return None if entry.emergency and entry.named else Reason.CLOCK_UNKNOWN
    if entry.emergency:
        return None
    if muted(mutes(facts), at):
        return Reason.MUTED
    if quiet(facts.config, at):
        return Reason.QUIET_HOURS
    return None


def _why_not(facts: Facts, entry: Entry, at: datetime) -> Reason | None:
    """Why an airing whose time has come does not start."""
    forbidden = _forbidden(facts, entry, at)
    if forbidden is not None:
        return forbidden
    missing = {sound.sha256 for sound in entry.airing.sounds} - facts.cached
    if missing:
        return Reason.SOUND_CORRUPT if missing & facts.corrupt else Reason.SOUND_MISSING
    return None


def _about_what_sounds(
    facts: Facts, config: Config, sounding: Sounding, entries: dict[str, Entry], now: datetime
) -> Step | None:
    entry = entries.get(sounding.airing)
    if entry is None:
        return Stop(Reason.WITHDRAWN)
    # It may have been ordered a little ahead: then the instant of its first sample is what is judged.
    at = max(now, sounding.at)
    # An emergency had good reason to begin; a newer plan that no Welcome has named yet does not take it away.
    forbidden = None if entry.emergency else _forbidden(facts, entry, at)
    if forbidden is not None:
        return Stop(forbidden)
    if _known(facts) and now >= entry.airing.stale_at:
        return Stop(Reason.STALE)
    if not entry.emergency:
        for other in _waiting(facts, entries, now):
            if other.emergency and _why_not(facts, other, _at(other, now)) is None:
                return Pause()
    wanted = volume(config, at, emergency=entry.emergency)
    return Turn(wanted) if _known(facts) and wanted != sounding.volume else None


def _close(facts: Facts, entries: dict[str, Entry], now: datetime) -> Step | None:
    """Whatever has begun or should have, and will not sound any more, gets its last word."""
    for airing, told in facts.told.items():
        if not told.ended and (facts.sounding is None or facts.sounding.airing != airing):
            reason = _why_over(facts, told, entries.get(airing), now)
            if reason is not None:
                return GiveUp(airing, reason)
    if not _known(facts):
        return None
    for airing, entry in entries.items():
        if airing not in facts.told:
            reason = _why_missed(facts, entry, now)
            if reason is not None:
                return Skip(airing, reason)
    for airing in facts.held:
        if airing not in entries and airing not in facts.told:
            return Skip(airing, Reason.WITHDRAWN)
    return None


def _why_over(facts: Facts, told: Told, entry: Entry | None, now: datetime) -> Reason | None:
    if not told.waits:
        return Reason.POWER_CUT
    if entry is None:
        return Reason.WITHDRAWN
    return Reason.PRE_EMPTED if _known(facts) and now >= entry.over_at else None


def _why_missed(facts: Facts, entry: Entry, now: datetime) -> Reason | None:
    if facts.since is None or (not facts.rebuilt and entry.over_at <= facts.since):
        return None  # over before this device was there: others may know, it does not
    if entry.starts_at < facts.since:
        return Reason.REBUILT
    if now < entry.over_at:
        return None
    if entry.airing.id in facts.held:
        return facts.held[entry.airing.id]
    known, up = facts.known_since, facts.up_since
    # It was there in time, but did not know the time.
    if known is not None and up is not None and up < entry.over_at and entry.starts_at < known:
        return Reason.CLOCK_UNKNOWN
    return Reason.STALE


def _waiting(facts: Facts, entries: dict[str, Entry], now: datetime) -> list[Entry]:
    """The airings whose time has come and that have not ended, first to go first."""
    # A new journal on an old box may follow a lost one that played it already; with no time nobody can tell.
    if facts.since is None and facts.rebuilt:
        return []
    sounding = facts.sounding.airing if facts.sounding is not None else None
    found = []
    for airing, entry in entries.items():
        told = facts.told.get(airing)
        if airing == sounding or (told is not None and not told.waits):
            continue
        # What would begin when it is over already does not begin.
        due = entry.starts_at - LEAD <= now and _at(entry, now) < entry.over_at
        if (
            (due and facts.since is not None and facts.since <= entry.starts_at)
            if _known(facts)
            else entry.emergency
        ):
            found.append(entry)
    return sorted(found, key=lambda entry: entry.order)


def _start(facts: Facts, config: Config, entry: Entry, now: datetime) -> Start:
    told = facts.told.get(entry.airing.id)
    position = told.position_s if told is not None else 0.0
    if not _known(facts):
        return Start(entry.airing, None, None, position, volume(config, now, emergency=True))
    at = _at(entry, now)
    if entry.airing.in_step:
        position = (at - entry.starts_at).total_seconds()
    passed = []
    if entry.emergency:
        passed = ["quiet_hours"] if quiet(config, at) else []
        passed += ["muted"] if muted(mutes(facts), at) else []
    loudness = volume(config, at, emergency=entry.emergency)
    return Start(entry.airing, at, entry.starts_at, position, loudness, tuple(passed))


def _fetch(facts: Facts, entries: Iterable[Entry], now: datetime) -> Fetch | None:
    """One at a time, the most urgent first. Whoever fetches asks again when it is done."""
    if facts.fetching:
        return None
    have = facts.cached | facts.busy
    for entry in sorted(entries, key=lambda e: (not e.emergency, e.starts_at, e.airing.id)):
        told = facts.told.get(entry.airing.id)
        if told is not None and not told.waits:
            continue
        for sound in entry.airing.sounds:
            if sound.sha256 not in have and (
                not _known(facts) or _fetch_at(facts, entry, sound.sha256) <= now
            ):
                return Fetch(sound)
    return None


def _fetch_at(facts: Facts, entry: Entry, sha256: str) -> datetime:
    """This device's own place in the spread, so that a province does not ask the studio in one second."""
    place = int(hashlib.sha256(f"{facts.device} {sha256}".encode()).hexdigest()[:8], 16) / 2**32
    return min(min(entry.issued_at, entry.starts_at) + place * facts.spread, entry.starts_at - URGENT)


def _sleep(
    facts: Facts, config: Config, entries: dict[str, Entry], waiting: list[Entry], now: datetime
) -> Sleep:
    held: dict[str, Reason] = {}
    for entry in waiting:
        if entry.starts_at <= now and entry.airing.id not in facts.told:
            held[entry.airing.id] = _why_not(facts, entry, now) or Reason.PRE_EMPTED
    if not _known(facts):
        return Sleep(None, {**facts.held, **held})
    instants = (*_instants(facts, entries, now), *edges(config, mutes(facts), now))
    return Sleep(min((each for each in instants if each > now), default=None), held)


def _instants(facts: Facts, entries: dict[str, Entry], now: datetime) -> Iterator[datetime]:
    for airing, entry in entries.items():
        told = facts.told.get(airing)
        if told is not None and told.playback != Playback.STARTED:
            continue
        yield entry.starts_at - LEAD
        yield entry.starts_at
        yield entry.over_at
        for sound in entry.airing.sounds:
            if sound.sha256 not in facts.cached | facts.busy:
                yield max(now, _fetch_at(facts, entry, sound.sha256))
