"""A player in a thread that writes to a sink in real time: what `wav` and `alsa` have in common.

A stop and a change of volume take effect over one block, so that they do not click.
"""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np

from edge_agent.players import Ended, Failed, Means, Playing, Programme, State
from edge_agent.players.samples import Samples, blocks, rate_of

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 0.05
"""How soon to look again at what should be over, and is not yet: it wakes whoever waits when it is."""


class Sink(Protocol):
    """Where samples go. Used by one thread, for one programme."""

    ahead_s: float
    """How far writing may run before what is heard, seconds."""

    def open(self, rate: int, *, resumed: bool) -> None:
        """Get ready. Raises OSError, with words for people."""
        ...

    def write(self, block: Samples) -> None:
        """Take a block; may wait until there is room. Raises OSError."""
        ...

    def delay_s(self) -> float:
        """How long after now a sample written next would be heard, seconds."""
        ...

    def close(self, *, drain: bool) -> None:
        """End: after the last sample was heard, or at once."""
        ...


class _Run:
    """One programme on its way."""

    def __init__(self, programme: Programme, sink: Sink, at: float, position_s: float, volume: int) -> None:
        self.programme, self.sink, self.at, self.position_s, self.volume = (
            programme,
            sink,
            at,
            position_s,
            volume,
        )
        self.stopping = threading.Event()
        self.began: float | None = None
        self.written_s = 0.0
        self.end: Ended | Failed | None = None
        self.thread: threading.Thread | None = None


class Paced:
    """Keeps the contract of Player over sinks that `make` makes."""

    def __init__(self, means: Means, make: Callable[[Programme], Sink]) -> None:
        self._monotonic, self._wake, self._make = means.monotonic, means.wake, make
        self._run: _Run | None = None

    def start(self, programme: Programme, *, at: float, position_s: float, volume: int) -> None:
        assert not isinstance(self.poll(), Playing), "start() before the last sound ended or was stopped"
        run = _Run(programme, self._make(programme), at, position_s, volume)
        run.thread = threading.Thread(target=self._work, args=(run,), name="play", daemon=True)
        self._run = run
        try:
            run.thread.start()
        except RuntimeError as error:  # the machine has no room for a thread
            run.thread, run.end = None, Failed(_why(error), position_s, None)

    def poll(self) -> State | None:
        run = self._run
        if run is None:
            return None
        if run.end is not None:
            self._run = None
            return run.end
        began, now = run.began, self._monotonic()
        sounded = 0.0 if began is None else min(max(0.0, now - began), run.written_s)
        left = max(0.0, run.programme.seconds - run.position_s - sounded)
        return Playing(run.position_s + sounded, max(0.0, run.at - now) + max(LOOK_AGAIN_S, left), began)

    def turn(self, volume: int) -> None:
        if self._run is not None:
            self._run.volume = volume

    def stop(self) -> State | None:
        run = self._run
        if run is None:
            return None
        run.stopping.set()
        if run.thread is not None:
            run.thread.join(5)
        state = self.poll()
        self._run = None
        return state

    def close(self) -> None:
        self.stop()

    def _work(self, run: _Run) -> None:
        try:
            ended = self._play(run)
            run.sink.close(drain=ended)
            if ended:
                assert run.began is not None
                run.end = Ended(run.position_s + run.written_s, run.began)
        except Exception as error:
            # A thread that dies unheard would leave the agent waiting for an end that never comes.
            log.exception("the player failed")
            self._let_go(run)
            run.end = Failed(_why(error), run.position_s + run.written_s, run.began)
        self._wake()

    def _let_go(self, run: _Run) -> None:
        try:
            run.sink.close(drain=False)
        except Exception:
            log.exception("the sink does not close")

    def _play(self, run: _Run) -> bool:
        """Write block after block; False when it was stopped."""
        if not run.programme.files and not run.programme.tone_s:
            raise OSError("không có gì để phát")
        rate = rate_of(run.programme)
        stream = blocks(run.programme, rate, run.position_s)
        block = next(stream, None)  # read before its instant, not at it
        run.sink.open(rate, resumed=run.position_s > 0)
        if run.stopping.wait(max(0.0, run.at - self._monotonic())):
            return False
        gain = run.volume / 100
        origin = self._monotonic()
        if block is None:
            run.began = origin
        while block is not None:
            stopping = run.stopping.is_set()
            goal = 0.0 if stopping else run.volume / 100
            run.sink.write(_ramped(block, gain, goal))
            gain = goal
            run.written_s += len(block) / rate
            if run.began is None:
                # No sample leaves before it was written, whatever a card that has not started yet says.
                run.began = max(origin, self._monotonic() + run.sink.delay_s() - len(block) / rate)
            if stopping:
                return False
            # A sink that swallows faster than time goes must not make us tell of an end that was not heard yet.
            ahead = run.written_s - (self._monotonic() - origin)
            if ahead > run.sink.ahead_s:
                run.stopping.wait(ahead - run.sink.ahead_s)
            block = next(stream, None)
        return not run.stopping.wait(max(0.0, origin + run.written_s - self._monotonic()))


def _why(error: Exception) -> str:
    """What sinks and files complain of is said in words for people; whatever else happens needs some before it."""
    if isinstance(error, OSError) and error.errno is None:
        return str(error)
    return f"bộ phát gặp lỗi: {type(error).__name__}: {error}"


def _ramped(block: Samples, gain: float, goal: float) -> Samples:
    """Volume in software; a change goes over the block, so that it does not click."""
    if gain == goal:
        return block if gain == 1.0 else block * np.float32(gain)
    return block * np.linspace(gain, goal, len(block), dtype=np.float32)
