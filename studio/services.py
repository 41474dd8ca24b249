"""What the studio's parts share: made once by main.py (or a test), handed to everything else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from studio.settings import StudioSettings
from studio.sounds import Sounds


@dataclass(frozen=True)
class Services:
    """The world outside, as arguments: database, sounds, and the clock (aware UTC)."""

    settings: StudioSettings
    engine: Engine
    sounds: Sounds
    now: Callable[[], datetime]
