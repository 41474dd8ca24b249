"""What the studio's parts share: made once by main.py (or a test), handed to everything else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from studio.enrolment import Throttle
from studio.imports.apart import Apart
from studio.live import Live
from studio.settings import StudioSettings
from studio.sounds import Sounds


def _nobody() -> None:
    """Without an embedded broker nobody needs to be told."""


@dataclass(frozen=True)
class Services:
    """The world outside, as arguments: database, sounds, and the clock (aware UTC)."""

    settings: StudioSettings
    engine: Engine
    sounds: Sounds
    now: Callable[[], datetime]
    live: Live = field(default_factory=Live)
    """What changes from second to second."""
    users_changed: Callable[[], None] = _nobody
    """Tells the embedded broker, after a commit, that devices were enrolled or have taken their leave."""
    wrong_codes: Throttle = field(default_factory=Throttle)
    """Counts wrong enrolment codes."""
    imports: Apart = field(default_factory=Apart)
    """Reads the files that staff bring along."""
