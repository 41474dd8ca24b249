"""Hello and Welcome: what time it is at the studio, and what is in force there, so that a frozen broker shows."""

import logging
import secrets
from collections.abc import Callable
from datetime import timedelta

from edge_agent.journal import Journal
from edge_agent.plan_store import PlanStore
from edge_agent.post import Post
from edge_agent.timekeeper import Timekeeper
from edge_agent.wire.accounts import Hello
from edge_agent.wire.documents import Welcome
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.words import Revision

log = logging.getLogger(__name__)

FIRST_AGAIN_S = 10.0
LONGEST_AGAIN_S = 600.0
REFRESH_S = 3600.0
"""A Welcome an hour keeps the clock trusted where nothing else tells the time."""
AHEAD = timedelta(minutes=2)
"""A clock that was further ahead has its beginning of the journal settled anew; less than that passes by itself."""


class Greeting:
    """Asks when the connection stands, again while nobody answers, and every hour."""

    def __init__(
        self,
        post: Post,
        journal: Journal,
        store: PlanStore,
        timekeeper: Timekeeper,
        nonce: Callable[[], str] = lambda: secrets.token_hex(12),
    ) -> None:
        self._post, self._journal, self._store, self._timekeeper = post, journal, store, timekeeper
        self._nonce = nonce
        self._asked: tuple[str, float] | None = None
        self._next: float | None = None
        self._again_s = FIRST_AGAIN_S
        self._welcome: Welcome | None = None

    def up(self) -> None:
        """The connection stands: ask at once."""
        self._asked, self._again_s = None, FIRST_AGAIN_S
        self._next = self._timekeeper.monotonic

    def down(self) -> None:
        """No connection: nobody to ask."""
        self._asked = self._next = None

    def ask_soon(self) -> None:
        """Something came whose standing only a Welcome can tell."""
        if self._next is not None:
            self._next = min(self._next, self._timekeeper.monotonic + 1.0)

    def due_in(self) -> float | None:
        """Seconds until the next question; null: none is due."""
        return None if self._next is None else max(0.0, self._next - self._timekeeper.monotonic)

    def tick(self) -> None:
        """Ask, if it is time."""
        now = self._timekeeper.monotonic
        if self._next is None or now < self._next:
            return
        nonce = self._nonce()
        hello = Hello(
            kind="hello",
            device=self._post.identity.device,
            nonce=nonce,
            journal=self._journal.id,
            last=self._journal.last,
            version=self._post.identity.version,
            config=self._store.config.revision if self._store.config else None,
            plans=self._store.revisions(self._store.plans),
            emergencies=self._store.revisions(self._store.emergencies),
        )
        self._asked = (nonce, now)
        self._next = now + self._again_s
        self._again_s = min(LONGEST_AGAIN_S, self._again_s * 2)
        self._post.say(hello)

    def welcome(self, welcome: Welcome) -> None:
        """Take the answer. Raises WireError: it does not answer our last question; OSError: the disk is full."""
        if self._asked is None or self._asked[0] != welcome.nonce:
            raise WireError(Refusal.REPLAYED, "a welcome that does not answer our hello")
        asked, self._asked = self._asked[1], None
        self._welcome = welcome
        latest = self._timekeeper.welcome(welcome.now, asked=asked, emergencies=dict(welcome.emergencies))
        # It answers us now, so it is no tape: what was signed or noted by a clock that was ahead binds no more.
        signed, since = self._journal.receipt_at, self._journal.since
        if signed is not None and signed > welcome.now:
            self._journal.receipt(self._journal.receipted, welcome.now)
        if since is not None and since > latest + AHEAD:
            log.warning("the journal was begun by a clock that was ahead, at %s: it is begun now", since)
            self._journal.settle(latest)
        # Only now: where the disk did not take that, it is asked again soon.
        self._again_s = FIRST_AGAIN_S
        self._next = self._timekeeper.monotonic + REFRESH_S

    def behind(self) -> tuple[str, ...]:
        """Documents the Welcome named newer than those held."""
        welcome, store = self._welcome, self._store
        if welcome is None:
            return ()
        found = []
        if _newer(welcome.config, store.config.revision if store.config else None):
            found.append("config")
        for what, told, held in (
            ("plan", welcome.plans, store.plans),
            ("emergency", welcome.emergencies, store.emergencies),
        ):
            for zone, revision in told.items():
                document = held.get(zone)
                if _newer(revision, document.revision if document else None):
                    found.append(f"{what}/{zone}")
        return tuple(found)


def _newer(told: Revision | None, held: Revision | None) -> bool:
    return told is not None and (held is None or told > held)
