"""How this device is: told when it changes, at most once a second, and every heartbeat; the last will says «off»."""

from collections.abc import Callable

from edge_agent.post import Identity, Post
from edge_agent.timekeeper import Timekeeper
from edge_agent.wire.accounts import Presence
from edge_agent.wire.signing import sign

COALESCE_S = 1.0
_RESTLESS = {"at", "temperature_c", "disk_free_mb", "clock_error_s"}
"""What changes all the time is told with the next heartbeat."""


def will(identity: Identity) -> bytes:
    """What the broker is to say, retained, when the connection breaks."""
    return sign(offline(identity), identity.key)


def offline(identity: Identity) -> Presence:
    """The presence of a device that is away."""
    return Presence(kind="presence", device=identity.device, online=False, version=identity.version)


class PresenceTeller:
    """Tells `look()` whenever it differs from what was told last."""

    def __init__(self, post: Post, timekeeper: Timekeeper, look: Callable[[], Presence]) -> None:
        self._post, self._timekeeper, self._look = post, timekeeper, look
        self._told: Presence | None = None
        self._told_at = 0.0
        self._changed = False

    def up(self) -> None:
        """The connection stands: the broker has our last will, so tell again."""
        self._told = None

    def due_in(self, heartbeat_s: float) -> float | None:
        """Seconds until something is to be told; null: there is nobody to tell."""
        if not self._post.up:
            return None
        if self._told is None:
            return 0.0
        wait = COALESCE_S if self._changed else heartbeat_s
        return max(0.0, self._told_at + wait - self._timekeeper.monotonic)

    def tick(self, heartbeat_s: float) -> None:
        """Tell, if something has changed or the heart is to beat."""
        if not self._post.up:
            return
        now_is = self._look()
        self._changed = self._told is None or _calm(now_is) != _calm(self._told)
        if self.due_in(heartbeat_s) == 0.0 and self._post.say(now_is, retain=True):
            self._told, self._told_at, self._changed = now_is, self._timekeeper.monotonic, False

    def goodbye(self) -> None:
        """Say that we go; waits a little, because nothing can be said afterwards."""
        if self._post.up:
            self._post.say_last(offline(self._post.identity), timeout_s=2.0)


def _calm(presence: Presence) -> Presence:
    return presence.model_copy(update=dict.fromkeys(_RESTLESS))
