"""Many agents' ears: real links that verify every plan for themselves, in a few processes."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from edge_agent.wire import topics
from edge_agent.wire.link import Broker, PahoLink, Received, Up
from edge_agent.wire.signing import Keyring

PER_PROCESS = 250
"""paho's thread waits in select(), which ends at file 1024: about 340 clients a process."""


def _one(
    broker: Broker, root: str, keys: bytes, zone: str, ready: threading.Semaphore, told: Connection
) -> None:
    ring = Keyring.pinned([root]).adopt(keys)
    link = PahoLink(broker)
    link.subscribe(*topics.for_device(broker.client_id, (zone,)))
    link.open()
    while True:
        match link.next_event(60.0):
            case Up():
                ready.release()
            case Received() as received:
                ring.open(received.topic, received.payload, now=None)
                at = time.monotonic()
                link.acknowledge(received)
                with _telling:
                    told.send(at)


_telling = threading.Lock()


def _process(port: int, first: int, count: int, root: str, keys: bytes, zone: str, told: Connection) -> None:
    ready = threading.Semaphore(0)
    for i in range(first, first + count):
        broker = Broker("127.0.0.1", port, f"agent-{i}", keepalive_s=600)
        arguments = (broker, root, keys, zone, ready, told)
        threading.Thread(target=_one, args=arguments, daemon=True).start()
    for _ in range(count):
        ready.acquire()
    told.send("ready")
    threading.Event().wait()


class Crowd:
    """`count` agents listening to one zone."""

    def __init__(self, port: int, count: int, root: str, keys: bytes, zone: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.count = count
        self._pipes: list[Connection] = []
        self._processes = []
        for first in range(0, count, PER_PROCESS):
            here, there = context.Pipe(duplex=False)
            size = min(PER_PROCESS, count - first)
            arguments = (port, first, size, root, keys, zone, there)
            process = context.Process(target=_process, args=arguments, daemon=True)
            process.start()
            self._pipes.append(here)
            self._processes.append(process)
        for pipe in self._pipes:
            assert pipe.recv() == "ready"
        time.sleep(1.0)  # the last SUBACKs: a message missed here would show as a time-out below

    def until_all_verified(self, act: Callable[[], None], *, timeout_s: float = 60.0) -> float:
        """Call `act`, and return the seconds until the last agent has verified what came. Raises TimeoutError."""
        begun = time.monotonic()
        act()
        last, heard = begun, 0
        while heard < self.count:
            ready = multiprocessing.connection.wait(self._pipes, timeout_s)
            if not ready:
                raise TimeoutError(f"{self.count - heard} of {self.count} agents verified nothing")
            for pipe in ready:
                assert isinstance(pipe, Connection)
                last, heard = max(last, pipe.recv()), heard + 1
        return last - begun

    def close(self) -> None:
        """End every process."""
        for process in self._processes:
            process.kill()
            process.join()
