"""Players: what makes an airing heard. A plug is a Protocol and a dict; adding one touches this file and its own."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Programme:
    """What is to sound: a tone made on the device, then the files in their order, the files `repeat` times."""

    airing: str
    files: tuple[Path, ...]
    seconds: float
    """How long all of it sounds as it was signed, tone and repeats counted."""
    repeat: int = 1
    tone_s: float = 0.0


@dataclass(frozen=True)
class Playing:
    """It sounds, or waits for its instant."""

    position_s: float
    """How much of the programme has sounded, counted from its beginning."""
    left_s: float
    """How long it will be until it ends, about: when to look again."""
    began: float | None
    """When the first sample left, an instant of the monotonic clock; null: not yet."""


@dataclass(frozen=True)
class Ended:
    """It has sounded to its end."""

    position_s: float
    began: float


@dataclass(frozen=True)
class Failed:
    """It could not go on; nothing sounds."""

    why: str
    """In Vietnamese, for `status` and the report."""
    position_s: float
    began: float | None


State = Playing | Ended | Failed


class Player(Protocol):
    """Plays one programme at a time. Not to be used from several threads."""

    def start(self, programme: Programme, *, at: float, position_s: float, volume: int) -> None:
        """Let the first sample leave at the monotonic instant `at` (at once if it has passed), from `position_s`.

        Returns at once; whatever goes wrong is said by `poll`. Only when nothing plays.
        """
        ...

    def poll(self) -> State | None:
        """Say how it goes; null when nothing was started, or its end was already told."""
        ...

    def turn(self, volume: int) -> None:
        """Change the volume (per cent); harmless when nothing plays."""
        ...

    def stop(self) -> State | None:
        """Fade out and be silent when this returns, within 0.5 s. Returns how far it had come; harmless when idle."""
        ...

    def close(self) -> None:
        """Be silent and let the device go."""
        ...


@dataclass(frozen=True)
class Means:
    """What a player may need."""

    monotonic: Callable[[], float]
    wake: Callable[[], None]
    """To be called, from any thread, when `poll` has something new to say."""
    wav_folder: Path
    alsa_device: str


PLAYERS = {
    "alsa": "edge_agent.players.alsa",
    "silent": "edge_agent.players.silent",
    "wav": "edge_agent.players.wav",
}


def load(name: str, means: Means) -> Player:
    """Import the player of that name, and only that one. Raises ValueError where there is none, OSError where it
    cannot work on this machine.
    """
    if name not in PLAYERS:
        raise ValueError(f"không có bộ phát «{name}»; hãy chọn một trong: {', '.join(sorted(PLAYERS))}")
    player: Player = import_module(PLAYERS[name]).load(means)
    return player
