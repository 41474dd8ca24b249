"""What an agent is made of. main.py puts it together; tests put other players, links and clocks in."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from edge_agent.cache import Cache
from edge_agent.control import Control
from edge_agent.durable import Durable
from edge_agent.fetcher import Fetcher
from edge_agent.journal import Journal
from edge_agent.plan_store import PlanStore
from edge_agent.players import Player
from edge_agent.post import Identity
from edge_agent.timekeeper import Timekeeper
from edge_agent.wire.link import Link


@dataclass(frozen=True)
class Parts:
    """The rooms one agent needs."""

    identity: Identity
    link: Link
    durable: Durable
    timekeeper: Timekeeper
    journal: Journal
    store: PlanStore
    cache: Cache
    fetcher: Fetcher
    player: Player
    player_name: str
    control: Control
    folder: Path
    """The state directory."""


@dataclass(frozen=True)
class Habits:
    """Settings the loop itself looks at."""

    tone_s: float
    fetch_spread: timedelta
    keep_sounds_for: timedelta
