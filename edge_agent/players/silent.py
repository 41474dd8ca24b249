"""Keeps time and makes no sound: for boxes on the bench, for load tests, and for living through months in a second."""

from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.players import Ended, Failed, Means, Player, Playing, Programme, State


@dataclass
class _Going:
    programme: Programme
    at: float
    position_s: float

    def state(self, now: float) -> State:
        missing = [path.name for path in self.programme.files if not path.exists()]
        left = max(0.0, self.programme.seconds - self.position_s)
        sounded = min(max(0.0, now - self.at), left)
        began = self.at if now >= self.at else None
        if missing and sounded < left:
            return Failed(f"không mở được tệp âm thanh {missing[0]}", self.position_s, None)
        if began is not None and sounded >= left:
            return Ended(self.position_s + sounded, began)
        return Playing(self.position_s + sounded, self.at + left - now, began)


class Silent:
    """A player without a loudspeaker."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._going: _Going | None = None

    def start(self, programme: Programme, *, at: float, position_s: float, volume: int) -> None:
        assert not isinstance(self.poll(), Playing), "start() before the last sound ended or was stopped"
        assert 0 <= volume <= 100 and position_s >= 0
        self._going = _Going(programme, max(at, self._monotonic()), position_s)

    def poll(self) -> State | None:
        if self._going is None:
            return None
        state = self._going.state(self._monotonic())
        if not isinstance(state, Playing):
            self._going = None
        return state

    def turn(self, volume: int) -> None:
        assert 0 <= volume <= 100

    def stop(self) -> State | None:
        state, self._going = self.poll(), None
        return state

    def close(self) -> None:
        self._going = None


def load(means: Means) -> Player:
    """Make one."""
    return Silent(means.monotonic)
