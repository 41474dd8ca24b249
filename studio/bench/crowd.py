"""Many agents' ears: each has its connection, its keyring, and verifies every plan for itself, in a few processes.

The connections are bare: a thousand clients of paho are two thousand threads, and on a few cores their quarrel over
Python's lock would be the figure. Agents in the field have a computer each.
"""

import multiprocessing.connection
import os
import selectors
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import Connection

from edge_agent.wire import topics
from edge_agent.wire.documents import Plan
from edge_agent.wire.signing import Keyring
from studio.bench.bare import PUBLISH, SUBACK, Bare, puback_packet, published, subscribe_packet
from studio.bench.processes import READY_S, beside, first_word


def _several(port: int, names: list[str], root: str, keys: bytes, zone: str, told: Connection) -> None:
    selector = selectors.DefaultSelector()
    for name in names:
        ring = Keyring.pinned([root]).adopt(keys)
        bare = Bare.connected(port, name)
        bare.send(subscribe_packet(*topics.for_device(name, (zone,))))
        bare.await_packet(SUBACK)
        selector.register(bare.socket, selectors.EVENT_READ, (bare, ring))
    told.send("ready")
    while True:
        for key, _ in selector.select():
            bare, ring = key.data
            for kind, body in bare.packets():
                if kind & 0xF0 == PUBLISH:
                    _listen(bare, ring, body, told)


def _listen(bare: Bare, ring: Keyring, body: bytes, told: Connection) -> None:
    topic, number, payload = published(body)
    plan = ring.open(topic, payload, now=None)
    at = time.monotonic()
    bare.send(puback_packet(number))
    if isinstance(plan, Plan):
        told.send((plan.revision.n, at))


class Crowd:
    """`count` agents listening to one zone."""

    def __init__(self, port: int, count: int, root: str, keys: bytes, zone: str) -> None:
        """Return when all are listening. Raises TimeoutError, EOFError."""
        self.count = count
        self._stack = ExitStack()
        names = [f"agent-{n}" for n in range(count)]
        processes = min(count, os.cpu_count() or 1)
        try:
            self._pipes = [
                self._stack.enter_context(beside(_several, port, names[n::processes], root, keys, zone))
                for n in range(processes)
            ]
            for pipe in self._pipes:
                first_word(pipe)
        except BaseException:
            self._stack.close()
            raise

    def until_all_verified(self, n: int, act: Callable[[], None], *, timeout_s: float = READY_S) -> float:
        """Call `act`, and return the seconds until the last agent has verified revision `n`.

        Raises TimeoutError, EOFError if a process of agents died.
        """
        begun = time.monotonic()
        act()
        last, heard = begun, 0
        while heard < self.count:
            left = begun + timeout_s - time.monotonic()
            ready = multiprocessing.connection.wait(self._pipes, max(0.0, left))
            if not ready:
                raise TimeoutError(f"{self.count - heard} of {self.count} agents verified nothing")
            for pipe in ready:
                assert isinstance(pipe, Connection)
                revision, at = pipe.recv()
                if revision == n:
                    last, heard = max(last, at), heard + 1
        return last - begun

    def close(self) -> None:
        """End every process."""
        self._stack.close()
