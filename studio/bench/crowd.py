"""Many agents' ears: real links that verify every plan for themselves, in a few processes."""

import multiprocessing.connection
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import Connection

from edge_agent.wire import topics
from edge_agent.wire.documents import Plan
from edge_agent.wire.link import Broker, PahoLink, Received
from edge_agent.wire.signing import Keyring
from studio.bench.processes import beside

PER_PROCESS = 250
"""paho's thread waits in select(), which ends at file 1024: about 340 clients a process."""


def _one(broker: Broker, root: str, keys: bytes, zone: str, told: Connection) -> None:
    ring = Keyring.pinned([root]).adopt(keys)
    link = PahoLink(broker)
    link.subscribe(*topics.for_device(broker.client_id, (zone,)))
    link.open()
    while True:
        match link.next_event(60.0):
            case Received() as received:
                plan = ring.open(received.topic, received.payload, now=None)
                at = time.monotonic()
                link.acknowledge(received)
                if isinstance(plan, Plan):
                    with _telling:
                        told.send((plan.revision.n, at))


_telling = threading.Lock()


def _several(port: int, first: int, count: int, root: str, keys: bytes, zone: str, told: Connection) -> None:
    for i in range(first, first + count):
        broker = Broker("127.0.0.1", port, f"agent-{i}", keepalive_s=600)
        threading.Thread(target=_one, args=(broker, root, keys, zone, told), daemon=True).start()
    threading.Event().wait()


class Crowd:
    """`count` agents listening to one zone. Whatever plan is retained there they verify as they come."""

    def __init__(self, port: int, count: int, root: str, keys: bytes, zone: str) -> None:
        self.count = count
        self._stack = ExitStack()
        self._pipes = [
            self._stack.enter_context(
                beside(_several, port, first, min(PER_PROCESS, count - first), root, keys, zone)
            )
            for first in range(0, count, PER_PROCESS)
        ]

    def until_all_verified(self, n: int, act: Callable[[], None], *, timeout_s: float = 60.0) -> float:
        """Call `act`, and return the seconds until the last agent has verified revision `n`.

        Raises TimeoutError, EOFError if a process of agents died.
        """
        begun = time.monotonic()
        act()
        last, heard = begun, 0
        while heard < self.count:
            ready = multiprocessing.connection.wait(self._pipes, begun + timeout_s - time.monotonic())
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
