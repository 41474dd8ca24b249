"""What comes in: verified, obeyed, put on the disk, and acknowledged. What is refused is counted by reason.

Also what a full disk did not take is acknowledged. The broker says nothing again while the connection stands, and keeps
back all that is more than a box has left unacknowledged: it would go deaf, to a stop and to an emergency too.
"""

import logging
from collections import Counter
from datetime import datetime

from edge_agent.cache import Cache, SoundError
from edge_agent.clock_trust import Reading
from edge_agent.commands import Commands
from edge_agent.fetcher import Fetcher
from edge_agent.greeting import Greeting
from edge_agent.plan_store import PlanStore
from edge_agent.post import Post
from edge_agent.reporter import Reporter
from edge_agent.timekeeper import Timekeeper
from edge_agent.wire import topics
from edge_agent.wire.documents import Command, Config, FromStudio, Plan, Receipt, Welcome
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.link import Link, Received
from edge_agent.wire.words import ClockTrust

log = logging.getLogger(__name__)


class Mailbox:
    """Hands each verified message to whom it concerns."""

    def __init__(
        self,
        link: Link,
        post: Post,
        store: PlanStore,
        cache: Cache,
        fetcher: Fetcher,
        timekeeper: Timekeeper,
        greeting: Greeting,
        reporter: Reporter,
        commands: Commands,
        refused: Counter[str],
    ) -> None:
        self._link, self._post, self._store, self._cache, self._fetcher = link, post, store, cache, fetcher
        self._timekeeper, self._greeting = timekeeper, greeting
        self._reporter, self._commands, self._refused = reporter, commands, refused
        self._asked_for: set[str] = set()

    def subscribe(self) -> None:
        """Ask for every topic this device obeys, and no more for those it has left."""
        wanted = set(topics.for_device(self._post.identity.device, self._store.zones))
        self._link.unsubscribe(*sorted(self._asked_for - wanted))
        self._link.subscribe(*sorted(wanted - self._asked_for))
        self._asked_for = wanted

    def take_inline_sounds(self) -> None:
        """Bring the sounds inside the emergency plans to the disk, where they are not there."""
        for plan in self._store.emergencies.values():
            self._take_inline(plan)

    def take(self, received: Received, reading: Reading) -> None:
        """Deal with one message, and acknowledge it whatever came of it."""
        try:
            self._take(received, reading)
        except WireError as error:
            self._refused[error.refusal] += 1
            log.warning("refused what came on %s: %s (%s)", received.topic, error.refusal, error)
        except OSError as error:
            log.error("the disk did not take what came on %s: %s", received.topic, error)
        except Exception:  # a message that nobody foresaw must not silence the box, nor come again
            self._refused[Refusal.MALFORMED] += 1
            log.exception("could not deal with what came on %s", received.topic)
        self._link.acknowledge(received)

    def _take(self, received: Received, reading: Reading) -> None:
        if received.retained and received.topic.rsplit("/", 1)[-1] not in topics.RETAINED:
            raise WireError(Refusal.MISPLACED, "retained where none may be")
        now = reading.now if reading.trust != ClockTrust.UNKNOWN else None
        document = self._store.open(received.topic, received.payload, now)
        zone = document.zone if isinstance(document, Plan | Command) else None
        if zone is not None and zone not in self._store.zones:
            return  # it came between our leaving the zone and the broker's hearing of it
        self._deliver(document, received.payload, reading)
        if not isinstance(document, Welcome):
            self._timekeeper.signed(document.issued_at)

    def _deliver(self, document: FromStudio, payload: bytes, reading: Reading) -> None:
        now = reading.now if reading.trust != ClockTrust.UNKNOWN else None
        match document:
            case Plan():
                self._adopt(document, payload, now)
                self._take_inline(document)
                if document.kind == "emergency" and now is None:
                    self._greeting.ask_soon()
            case Config():
                before = self._store.ring.held
                self._adopt(document, payload, now)
                if self._store.ring.held != before:
                    self._asked_for = set()  # so that what was refused for its key is said to us once more
                self.subscribe()
            case Welcome():
                self._greeting.welcome(document)
                self._reporter.welcomed()
            case Receipt():
                self._reporter.receipt(document)
            case Command():
                self._commands.obey(document, payload, reading)

    def _adopt(self, document: Config | Plan, payload: bytes, now: datetime | None) -> None:
        try:
            self._store.adopt(document, payload, now)
        except OSError as error:
            log.error("obeyed, but not on the disk yet: %s", error)

    def _take_inline(self, plan: Plan) -> None:
        for airing in plan.airings:
            for sound in airing.sounds:
                try:
                    self._cache.take_inline(sound)
                except SoundError as error:
                    log.error("%s", error)
                    if error.corrupt:
                        self._fetcher.found_corrupt(sound.sha256)
