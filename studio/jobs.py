"""What the studio does by itself, on the beat of `scheduler.clock`. Every job may fail: the next beat tries again."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge_agent.wire.link import Link
from scheduler.clock import Clock
from scheduler.publisher import Behind, publish_behind
from studio import airings, commands, emergencies, farewells, outbox, planning
from studio.db import reading, transaction
from studio.outbox import DatabaseOutbox
from studio.services import Services

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Part:
    """Some of what an outbox has to say: an Outbox itself."""

    whole: DatabaseOutbox
    some: Sequence[Behind]

    def behind(self) -> Sequence[Behind]:
        return self.some

    def payload(self, behind: Behind) -> bytes:
        return self.whole.payload(behind)

    def told(self, acknowledged: Sequence[Behind]) -> None:
        self.whole.told(acknowledged)


@dataclass
class Jobs:
    """The jobs of one studio. Its broker may be away: pages and plans go on, publishing catches up."""

    services: Services
    link: Link
    some: int = 200
    """Documents after which urgent ones are looked for again."""
    _new_broker: threading.Event = field(default_factory=threading.Event)
    _looked_at: datetime | None = None

    def __post_init__(self) -> None:
        settings = self.services.settings
        self._outbox = DatabaseOutbox(
            self.services.engine,
            keys_directory=settings.keys_directory,
            sounds=self.services.sounds,
            sounds_url=f"{settings.url}/sounds",
            now=self.services.now,
        )

    def enter(self, clock: Clock) -> None:
        """Give every job to the clock."""
        clock.every("emergencies", timedelta(seconds=0.5), self.air_emergencies)
        clock.every("publish", timedelta(seconds=0.5), self.publish)
        clock.every("expect", timedelta(seconds=1), self.expect)
        clock.every("flush", timedelta(seconds=2), self.flush)
        clock.every("plan", timedelta(minutes=5), self.plan)

    def broker_came_back(self) -> None:
        """Say everything again at the next beat: the broker may have been wiped."""
        self._new_broker.set()

    def publish(self) -> None:
        """Say what is behind: emergencies first, then commands, plans and configs."""
        if not self.services.live.link_up:
            return
        if self._new_broker.is_set():
            self._new_broker.clear()
            try:
                self._outbox.broker_came_back()
            except BaseException:
                self._new_broker.set()
                raise
        self._say_what_is_urgent()
        waiting = self._outbox.behind()
        for first in range(0, len(waiting), self.some):
            if first:  # a whole province may be waiting; an emergency does not wait behind it
                self._say_what_is_urgent()
            if publish_behind(_Part(self._outbox, waiting[first : first + self.some]), self.link).link_down:
                return

    def _say_what_is_urgent(self) -> None:
        for say in (self._say_emergencies, self._say_commands):
            try:
                say()
            except Exception:  # what fails in one must not keep the other back, nor the plans
                log.exception("not said, tried again at the next beat: %s", say.__name__)

    def _say_emergencies(self) -> None:
        publish_behind(_Part(self._outbox, self._outbox.urgent()), self.link)

    def _say_commands(self) -> None:
        commands.publish(
            self.services.engine,
            self.link,
            keys_directory=self.services.settings.keys_directory,
            now=self.services.now,
        )

    def air_emergencies(self) -> None:
        """Plan the emergencies whose words have been spoken."""
        with reading(self.services.engine) as session:  # looking takes no write lock
            if not emergencies.spoken(session):
                return
        with transaction(self.services.engine) as session:
            emergencies.air_spoken(session, now=self.services.now(), settings=self.services.settings)

    def expect(self) -> None:
        """Write down who is to sound in what has begun; tell pages what time alone has changed."""
        now = self.services.now()
        with reading(self.services.engine) as session:
            begun = airings.begun(session, now)
            silent = airings.fell_silent(session, self._looked_at or now, now)
        if begun:
            with transaction(self.services.engine) as session:
                airings.expect(session, now)
        self._looked_at = now
        self.services.live.change(*(f"airing:{airing}" for airing in [*begun, *silent]), now=now)

    def flush(self) -> None:
        """Write presence into the devices' rows."""
        self.services.live.flush(self.services.engine)

    def plan(self) -> None:
        """Plan the days ahead, sign anew what was signed a day ago or is over, end farewells that last too long."""
        now = self.services.now()
        with transaction(self.services.engine) as session:
            planning.replan(session, now)
            outbox.sign_again(session, now)
            outbox.sign_configs_again(session, now)
            gone = farewells.overdue(session, now)
            farewells.end(session, gone)
        if gone:
            self.services.users_changed()
        self.services.live.forget(now=now)
