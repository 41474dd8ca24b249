"""Signs what this device says and hands it to the broker. Nothing waits here: receipts say what has arrived."""

import logging
from dataclasses import dataclass

from joserfc.jwk import OKPKey

from edge_agent.durable import Durable
from edge_agent.wire import topics
from edge_agent.wire.accounts import FromDevice
from edge_agent.wire.errors import LinkDown
from edge_agent.wire.link import Link
from edge_agent.wire.signing import sign

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """Who this box is."""

    device: str
    key: OKPKey
    """The key it made when it was enrolled."""
    version: str
    """Of the agent."""


class Post:
    """The way out."""

    def __init__(self, link: Link, identity: Identity, durable: Durable) -> None:
        self._link, self._durable = link, durable
        self.identity = identity
        self.up = False
        """Whether the connection stands."""
        self.why_down = "chưa kết nối"
        """In words, while it does not."""

    def say(self, message: FromDevice, *, retain: bool = False) -> bool:
        """Send a message of this device on its own topic; False when there is no connection."""
        if not self.up:
            return False
        try:
            self._durable.publish(
                self._link, topics.of(message), sign(message, self.identity.key), retain=retain
            )
        except LinkDown as error:
            log.info("not sent: %s", error)
            return False
        return True

    def say_last(self, message: FromDevice, *, timeout_s: float) -> bool:
        """Send a retained message and wait until the broker has it."""
        try:
            payload = sign(message, self.identity.key)
            return self._durable.publish(self._link, topics.of(message), payload, retain=True).wait(timeout_s)
        except LinkDown:
            return False
