"""What sounds now. Every start is in the journal before the first sample, every end as soon as it is known."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edge_agent.cache import Cache
from edge_agent.clock_trust import Reading
from edge_agent.facts import GiveUp, Skip, Sounding, Start
from edge_agent.fetcher import Fetcher
from edge_agent.journal import Journal
from edge_agent.players import Ended, Failed, Player, Playing, Programme, State
from edge_agent.timekeeper import Timekeeper
from edge_agent.wire.accounts import Report
from edge_agent.wire.words import ClockTrust, Playback, Reason

log = logging.getLogger(__name__)

SELF_TEST_S = 2.0


@dataclass(frozen=True)
class _Act:
    """An airing on the stage."""

    airing: str
    due: datetime | None
    in_step: bool
    position_s: float
    volume: int | None
    """Null where it does not sound."""
    passed: tuple[str, ...]
    earlier: Report | None
    """Its last record, where it goes on after an emergency."""


class Stage:
    """The player and the journal, held together."""

    def __init__(
        self,
        player: Player,
        journal: Journal,
        cache: Cache,
        fetcher: Fetcher,
        timekeeper: Timekeeper,
        *,
        tone_s: float,
    ) -> None:
        self._player, self._journal, self._cache, self._fetcher = player, journal, cache, fetcher
        self._timekeeper, self._tone_s = timekeeper, tone_s
        self._act: _Act | None = None
        self._left_s: float | None = None
        self._test_done: Callable[[str], None] | None = None
        self._unwritten: deque[Callable[[int, str], Report]] = deque()
        self.sounding: Sounding | None = None
        self.error = ""
        """What the player or the journal complained of last, in words for people."""

    def wake_in(self) -> float | None:
        """Seconds until `poll` should be asked again; null: nothing sounds."""
        return self._left_s

    def start(self, step: Start, reading: Reading) -> bool:
        """Let an airing sound; False where its beginning could not be put on the disk, so that it does not.

        Where its file turns out not to be what was signed, that is noted and nothing sounds.
        """
        bad = [s.sha256 for s in step.airing.sounds if not self._cache.sound(s.sha256)]
        for sha256 in bad:
            self._fetcher.found_corrupt(sha256)
        if bad:
            return True
        self.end_test("bị một lượt phát cắt ngang")
        self._act = _Act(
            airing=step.airing.id,
            due=step.due,
            in_step=step.airing.in_step,
            position_s=step.position_s,
            volume=step.volume,
            passed=step.passed,
            earlier=self._journal.reports.get(step.airing.id),
        )
        if not self._note(self._report(self._act, reading, Playback.STARTED, position_s=step.position_s)):
            self._unwritten.clear()
            self._act = None
            return False
        tone = self._tone_s if step.airing.tone else 0.0
        programme = Programme(
            airing=step.airing.id,
            files=tuple(self._cache.path(s.sha256) for s in step.airing.sounds),
            seconds=step.airing.seconds + tone,
            repeat=step.airing.repeat,
            tone_s=tone,
        )
        now = self._timekeeper.read()
        at = self._timekeeper.monotonic if step.at is None else self._timekeeper.instant(step.at, now)
        position = step.position_s
        if step.airing.in_step:  # the disk may have been slow
            position += max(0.0, self._timekeeper.monotonic - at)
            self._act = replace(self._act, position_s=position)
        self._player.start(programme, at=at, position_s=position, volume=step.volume)
        self.sounding = Sounding(step.airing.id, step.at or now.now, step.volume)
        self._left_s = 0.0
        return True

    def turn(self, volume: int) -> None:
        """Change the volume of what sounds."""
        self._player.turn(volume)
        if self.sounding is not None and self._act is not None:
            self.sounding = replace(self.sounding, volume=volume)
            self._act = replace(self._act, volume=volume)

    def pause(self, reading: Reading) -> None:
        """Silence it for an emergency; it may go on."""
        self._end(self._player.stop(), reading, Playback.STARTED, Reason.PRE_EMPTED)

    def stop(self, reason: Reason, reading: Reading, detail: str = "") -> None:
        """Silence it for good."""
        self._end(self._player.stop(), reading, Playback.PARTIAL, reason, detail)

    def give_up(self, step: GiveUp, reading: Reading) -> None:
        """Close what had begun and does not sound."""
        earlier = self._journal.reports.get(step.airing)
        act = _Act(
            step.airing, None, False, earlier.position_s or 0.0 if earlier else 0.0, None, (), earlier=earlier
        )
        self._note(
            self._report(act, reading, Playback.PARTIAL, reason=step.reason, position_s=act.position_s)
        )

    def skip(self, step: Skip, reading: Reading, detail: str = "") -> None:
        """Close what has not begun."""
        act = _Act(step.airing, None, False, 0.0, None, (), earlier=None)
        self._note(self._report(act, reading, Playback.SKIPPED, reason=step.reason, detail=detail))

    def test(self, volume: int, done: Callable[[str], None]) -> None:
        """Sound a short tone; `done` hears what went wrong, or an empty text. Only when nothing sounds."""
        self._test_done = done
        programme = Programme("tu-kiem-tra", (), SELF_TEST_S, tone_s=SELF_TEST_S)
        self._player.start(programme, at=self._timekeeper.monotonic, position_s=0.0, volume=volume)
        self._left_s = 0.0

    def end_test(self, why: str) -> bool:
        """End a self-test that sounds; False when none does."""
        if self._test_done is None:
            return False
        self._player.stop()
        self._left_s = None
        done, self._test_done = self._test_done, None
        done(why)
        return True

    def poll(self, reading: Reading) -> None:
        """Ask the player how it goes, and write down what has ended."""
        state = self._player.poll()
        self._left_s = state.left_s if isinstance(state, Playing) else None
        if self._test_done is not None:
            if isinstance(state, Ended | Failed):
                done, self._test_done = self._test_done, None
                done(state.why if isinstance(state, Failed) else "")
            return
        if isinstance(state, Ended):
            self._end(state, reading, Playback.FINISHED, None)
        elif isinstance(state, Failed):
            self._end(state, reading, Playback.PARTIAL, None)

    def flush(self) -> bool:
        """Write what could not be written before; False while that is so. Nothing may be decided meanwhile."""
        while self._unwritten:
            try:
                self._journal.write(self._unwritten[0])
            except OSError as error:
                self.error = f"không ghi được nhật ký: {error}"
                log.error("the journal cannot be written: %s", error)
                return False
            except Exception:
                self._unwritten.popleft()  # a record that cannot be made would hold up all that follow
                raise
            self._unwritten.popleft()
        return True

    def _end(
        self,
        state: State | None,
        reading: Reading,
        playback: Playback,
        reason: Reason | None,
        detail: str = "",
    ) -> None:
        act = self._act
        assert act is not None, "an end of what never began"
        if isinstance(state, Failed):
            # Also where it was just to be stopped: what happened outranks what was wished.
            playback = Playback.FAILED if state.began is None else Playback.PARTIAL
            reason, detail, self.error = Reason.PLAYER, state.why[:200], state.why
        elif isinstance(state, Ended):
            playback, reason = Playback.FINISHED, None
        began = state.began if state is not None else None
        position = state.position_s if state is not None else act.position_s
        make = self._report(
            act, reading, playback, reason=reason, detail=detail, position_s=position, began=began
        )
        self.sounding = self._act = self._left_s = None
        self._note(make)

    def _note(self, make: Callable[[int, str], Report]) -> bool:
        self._unwritten.append(make)
        return self.flush()

    def _report(
        self,
        act: _Act,
        reading: Reading,
        playback: Playback,
        *,
        reason: Reason | None = None,
        detail: str = "",
        position_s: float | None = None,
        began: float | None = None,
    ) -> Callable[[int, str], Report]:
        earlier = act.earlier
        started_at = earlier.started_at if earlier else None
        error_ms = earlier.start_error_ms if earlier else None
        if started_at is None and began is not None:
            started_at = self._timekeeper.time(began, reading)
            error_ms = self._start_error_ms(act, started_at, reading)
        passed = act.passed or (earlier.passed if earlier else ())
        error_s = reading.error_s
        return lambda n, previous: Report(
            n=n,
            previous=previous,
            airing=act.airing,
            playback=playback,
            at=_to_ms(reading.now),
            reason=reason or "",
            detail=detail,
            started_at=_to_ms(started_at) if started_at else None,
            position_s=None if position_s is None else round(position_s, 3),
            start_error_ms=error_ms,
            volume=act.volume,
            clock=reading.trust,
            clock_error_s=None if error_s is None else round(error_s, 3),
            passed=passed,
        )

    def _start_error_ms(self, act: _Act, began: datetime, reading: Reading) -> float | None:
        """First sample against plan. In step it is judged where it joined; alone, a late start is late."""
        if act.due is None or reading.trust == ClockTrust.UNKNOWN:
            return None
        joined = timedelta(seconds=act.position_s) if act.in_step else timedelta(0)
        return round((began - act.due - joined).total_seconds() * 1000, 2)


def _to_ms(at: datetime) -> datetime:
    """Milliseconds are enough, and short on the wire."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
