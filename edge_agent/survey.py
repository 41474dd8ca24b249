"""Looks around: the facts for the next step, the presence for the studio, the status for a technician."""

from collections import Counter
from datetime import UTC
from zoneinfo import ZoneInfo

from edge_agent.clock_trust import Reading
from edge_agent.facts import Facts
from edge_agent.greeting import Greeting
from edge_agent.line_up import line_up, mutes
from edge_agent.parts import Habits, Parts
from edge_agent.post import Post
from edge_agent.reporter import Reporter
from edge_agent.stage import Stage
from edge_agent.time_of_day import muted, volume
from edge_agent.vitals import temperature_c
from edge_agent.wire.accounts import Presence
from edge_agent.wire.words import Reason


class Survey:
    """Reads every room, changes none."""

    def __init__(
        self, parts: Parts, habits: Habits, post: Post, stage: Stage, greeting: Greeting, reporter: Reporter
    ) -> None:
        self._parts, self._habits, self._post, self._stage = parts, habits, post, stage
        self._greeting, self._reporter = greeting, reporter
        self.refused: Counter[str] = Counter()
        """How many messages were refused since the start, by reason."""
        self.held: dict[str, Reason] = {}
        """Why airings were held back, as the last Sleep said."""

    def facts(self, reading: Reading) -> Facts:
        """Gather what `next_step` looks at."""
        p = self._parts
        return Facts(
            config=p.store.config,
            plans=p.store.plans,
            emergencies=p.store.emergencies,
            cached=p.cache.held,
            busy=p.fetcher.busy,
            fetching=p.fetcher.fetching,
            corrupt=p.fetcher.corrupt,
            told=p.journal.told,
            sounding=self._stage.sounding,
            trust=reading.trust,
            welcomed=p.timekeeper.welcomed,
            since=p.journal.since,
            rebuilt=p.journal.rebuilt,
            up_since=p.timekeeper.up_since(reading),
            known_since=p.timekeeper.known_since(reading),
            held=self.held,
            tone_s=self._habits.tone_s,
            spread=self._habits.fetch_spread,
            device=p.identity.device,
        )

    def look(self) -> Presence:
        """How this device is."""
        p, reading = self._parts, self._parts.timekeeper.read()
        config, sounding = p.store.config, self._stage.sounding
        facts = self.facts(reading)
        now_volume = None if config is None else volume(config, reading.now, emergency=False)
        return Presence(
            kind="presence",
            device=p.identity.device,
            online=True,
            at=reading.now,
            version=p.identity.version,
            player=p.player_name,
            playing=sounding.airing if sounding else None,
            clock=reading.trust,
            clock_source=reading.source,
            clock_error_s=None if reading.error_s is None else round(reading.error_s, 3),
            config=config.revision if config else None,
            plans=p.store.revisions(p.store.plans),
            emergencies=p.store.revisions(p.store.emergencies),
            behind=self._greeting.behind(),
            missing=tuple(sorted(self.needed(facts) - p.cache.held)[:20]),
            queue=self._reporter.queue,
            volume=sounding.volume if sounding else now_volume,
            muted=muted(mutes(facts), reading.now),
            disk_free_mb=p.cache.free_mb,
            temperature_c=temperature_c(),
            refused=dict(self.refused),
        )

    def diagnose(self) -> dict[str, object]:
        """What a technician asks for: presence, and what went wrong last."""
        p = self._parts
        return {
            **self.look().model_dump(mode="json", exclude_defaults=True, exclude={"kind"}),
            "next": self._coming(),
            "connected": self._post.up,
            "why_down": "" if self._post.up else self._post.why_down,
            "journal": p.journal.id,
            "records": p.journal.last,
            "player_error": self._stage.error,
            "fetch_error": p.fetcher.error,
        }

    def needed(self, facts: Facts) -> frozenset[str]:
        """Digests of the sounds that airings to come need."""
        return frozenset(
            sound.sha256
            for airing, entry in line_up(facts).items()
            if airing not in facts.told or not facts.told[airing].ended
            for sound in entry.airing.sounds
        )

    def _coming(self) -> list[str]:
        """The next few airings, in words for a technician, by the clock on his wall."""
        config = self._parts.store.config
        zone = ZoneInfo(config.time_zone) if config is not None else UTC
        reading = self._parts.timekeeper.read()
        facts = self.facts(reading)
        entries = sorted(line_up(facts).values(), key=lambda entry: entry.starts_at)
        return [
            f"{entry.starts_at.astimezone(zone):%H:%M:%S %d/%m/%Y} {entry.airing.title or entry.airing.id}"
            for entry in entries
            if entry.over_at > reading.now and entry.airing.id not in facts.told
        ][:5]
