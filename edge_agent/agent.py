"""The dull loop: take what came in, do the steps, tell what happened, sleep until the next thing is due. One thread."""

import contextlib
import logging
from collections.abc import Iterator
from typing import assert_never

from edge_agent.clock_trust import Reading
from edge_agent.commands import Commands
from edge_agent.control import Request
from edge_agent.facts import Fetch, GiveUp, Pause, Skip, Sleep, Start, Step, Stop, Turn
from edge_agent.greeting import Greeting
from edge_agent.line_up import line_up
from edge_agent.mailbox import Mailbox
from edge_agent.next_step import next_step
from edge_agent.parts import Habits, Parts
from edge_agent.post import Post
from edge_agent.presence import PresenceTeller
from edge_agent.reporter import Reporter
from edge_agent.stage import Stage
from edge_agent.survey import Survey
from edge_agent.wire.link import Down, Event, Received, Up
from edge_agent.wire.words import ClockTrust, Reason

log = logging.getLogger(__name__)

LONGEST_SLEEP_S = 300.0
WITHOUT_TIME_S = 5.0
"""How often the kernel's clock is looked at while the time is unknown."""
TROUBLE_S = 2.0
"""How soon it is tried again after the journal could not be written, or something nobody foresaw went wrong."""
_VAGUE = {"Protocol error", "Unspecified error"}
EVENTS_A_TURN = 50
STEPS_A_TURN = 50
"""Then it looks for what came in: each may be a write to a slow disk, and a stop does not wait for hundreds."""
TIDY_S = 3600.0
KEEP_AGAIN_S = 60.0
"""How often what a full disk did not take is tried again."""


class Agent:
    """One device. `run` is the loop; `pump` is one round of it, for whoever lives in a time of his own."""

    def __init__(self, parts: Parts, habits: Habits) -> None:
        p = parts
        self._parts, self._habits = parts, habits
        self._post = Post(p.link, p.identity, p.durable)
        self._stage = Stage(p.player, p.journal, p.cache, p.fetcher, p.timekeeper, tone_s=habits.tone_s)
        self._greeting = Greeting(self._post, p.journal, p.store, p.timekeeper)
        self._reporter = Reporter(self._post, p.journal, p.timekeeper)
        self._survey = Survey(p, habits, self._post, self._stage, self._greeting, self._reporter)
        self._presence = PresenceTeller(self._post, p.timekeeper, self._survey.look)
        self._commands = Commands(
            self._post,
            p.store,
            self._stage,
            p.durable,
            p.folder / "restart.note",
            facts=self._survey.facts,
            diagnose=self._survey.diagnose,
        )
        self._mailbox = Mailbox(
            p.link,
            self._post,
            p.store,
            p.cache,
            p.fetcher,
            p.timekeeper,
            self._greeting,
            self._reporter,
            self._commands,
            self._survey.refused,
        )
        self._tidied: float | None = None
        self._keep_at = 0.0
        self._stopping = False

    def open(self) -> None:
        """Load what is on the disk and begin to connect."""
        p = self._parts
        reading = p.timekeeper.read()
        known = reading.trust != ClockTrust.UNKNOWN
        for error in p.store.load(reading.now if known else None):
            self._survey.refused[error.refusal] += 1
        self._mailbox.take_inline_sounds()
        self._mailbox.subscribe()
        p.link.open()

    def run(self) -> bool:
        """Live until somebody ends it; True: it is to begin again."""
        self.open()
        timeout = 0.0
        while not self._stopping and not self._commands.restart_wanted:
            event = self._parts.link.next_event(timeout)
            try:
                timeout = self.pump(event)
            except Exception:  # whatever goes wrong in one round, the box lives on and can be mended
                log.exception("this round failed; the next one follows")
                timeout = TROUBLE_S
        self.close()
        return self._commands.restart_wanted

    def end(self) -> None:
        """Make `run` end soon; may be called from a signal handler."""
        self._stopping = True
        self._parts.link.wake()

    def pump(self, event: Event | None = None) -> float:
        """Deal with what came in, do what is due, and return how long there is nothing to do, seconds."""
        p = self._parts
        for _ in range(EVENTS_A_TURN):
            if event is None:
                event = p.link.next_event(0.0)
            if event is None:
                break
            self._handle(event)
            event = None
        while (request := p.control.next_request()) is not None:
            request.answer(self._answer(request))
        heartbeat = p.store.config.heartbeat_s if p.store.config else 60
        try:
            wait = self._play()
            self._tidy()
        finally:
            # Whoever is to mend a fault in playing must hear from the box, and the box the time.
            self._greeting.tick()
            self._reporter.tick()
            self._presence.tick(heartbeat)
        keep_in = None if p.store.kept else KEEP_AGAIN_S
        due = (self._greeting.due_in(), self._reporter.due_in(), self._presence.due_in(heartbeat), keep_in)
        return max(0.0, min((wait, *(each for each in due if each is not None))))

    def close(self) -> None:
        """Fall silent, say goodbye, let everything go."""
        p = self._parts
        reading = p.timekeeper.read()
        self._stage.end_test("tác tử dừng")
        if self._stage.sounding is not None:
            self._stage.stop(Reason.POWER_CUT, reading, "tác tử được tắt trong khi phát")
        self._reporter.tick()
        self._presence.goodbye()
        p.player.close()
        p.fetcher.close()
        p.control.close()
        p.link.close()
        p.journal.close()

    def stop(self, airing: str | None) -> str:
        """Somebody at the box wants silence."""
        said = self._commands.stop(airing, self._parts.timekeeper.read(), "tại thiết bị")
        log.info("stop at the box: %s", said)
        return said

    def _answer(self, request: Request) -> dict[str, object]:
        match request.ask:
            case "status":
                return {"status": self._survey.diagnose()}
            case "stop":
                return {"said": self.stop(request.airing)}
            case _:
                return {"error": f"tác tử không biết câu hỏi «{request.ask}»"}

    def _handle(self, event: Event) -> None:
        reading = self._parts.timekeeper.read()
        match event:
            case Up():
                log.info("connected to the broker")
                self._post.up, self._post.why_down = True, ""
                self._greeting.up()
                self._reporter.up()
                self._presence.up()
                self._commands.up(reading)
                self._parts.fetcher.try_again()
            case Down():
                log.info("no connection to the broker: %s", event.why)
                # After a refusal the line breaks too, and that says less.
                if self._post.up or event.why not in _VAGUE:
                    self._post.why_down = event.why
                self._post.up = False
                self._greeting.down()
            case Received():
                self._mailbox.take(event, reading)
            case _:
                assert_never(event)

    def _play(self) -> float:
        """Do every step that is due; return how long there is none, seconds."""
        reading = self._parts.timekeeper.read()
        self._stage.poll(reading)
        if reading.trust != ClockTrust.UNKNOWN and self._parts.journal.since is None:
            with _or_later("when the journal began"):
                self._parts.journal.settle(reading.now)
        for _ in range(STEPS_A_TURN):
            if not self._stage.flush():
                return TROUBLE_S
            reading = self._parts.timekeeper.read()
            step = next_step(self._survey.facts(reading), reading.now)
            if isinstance(step, Sleep):
                self._survey.held = dict(step.held)
                return self._sleep_s(step, reading)
            if not self._perform(step, reading):
                return TROUBLE_S
        log.warning("there is much to do; the last step was %s", step)
        return TROUBLE_S

    def _sleep_s(self, step: Sleep, reading: Reading) -> float:
        waits = [LONGEST_SLEEP_S if reading.trust != ClockTrust.UNKNOWN else WITHOUT_TIME_S]
        if step.until is not None:
            waits.append((step.until - reading.now).total_seconds())
        others = (self._stage.wake_in(), self._parts.fetcher.next_try_in())
        waits += [each for each in others if each is not None]
        return max(0.001, min(waits))

    def _perform(self, step: Step, reading: Reading) -> bool:
        """Do one step; False when it could not be done and is to be tried again a little later."""
        stage = self._stage
        match step:
            case Fetch():
                self._fetch(step, reading)
            case Start():
                return stage.start(step, reading)
            case Turn():
                stage.turn(step.volume)
            case Pause():
                stage.pause(reading)
            case Stop():
                stage.stop(step.reason, reading)
            case GiveUp():
                stage.give_up(step, reading)
            case Skip():
                stage.skip(step, reading)
            case Sleep():
                pass
            case _:
                assert_never(step)
        return True

    def _fetch(self, step: Fetch, reading: Reading) -> None:
        p = self._parts
        assert p.store.config is not None
        url = f"{p.store.config.sounds_url.rstrip('/')}/{step.sound.sha256}.ogg"
        p.fetcher.want(step.sound, url, self._survey.needed(self._survey.facts(reading)))

    def _tidy(self) -> None:
        """Once an hour: forget what is old. Once a minute: keep what the disk did not take."""
        p, now = self._parts, self._parts.timekeeper.monotonic
        if now >= self._keep_at:
            self._keep_at = now + KEEP_AGAIN_S
            with _or_later("what the studio said"):
                p.store.keep()
        if self._tidied is not None and now - self._tidied < TIDY_S:
            return
        reading = p.timekeeper.read()
        if reading.trust == ClockTrust.UNKNOWN:
            return
        self._tidied = now
        facts = self._survey.facts(reading)
        with _or_later("the journal"):
            p.journal.prune(reading.now, planned=line_up(facts).keys())
        p.cache.tidy(reading.now, needed=self._survey.needed(facts), keep=self._habits.keep_sounds_for)


@contextlib.contextmanager
def _or_later(what: str) -> Iterator[None]:
    """A disk that does not take something now may do so in a later round."""
    try:
        yield
    except OSError as error:
        log.error("the disk did not take %s; it is tried again later: %s", what, error)
