"""The signals that end `loa studio serve`: the first one ends it, and nothing breaks into the clean-up."""

import contextlib
import logging
import signal
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)


class Signals:
    """SIGTERM and SIGINT, from first to last: uvicorn alone would raise them again before we have cleaned up."""

    def __init__(self) -> None:
        self._stop: Callable[[], None] = _interrupt

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Take the signals, and give them back at the end."""
        before = {number: signal.signal(number, self._come) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def call(self, stop: Callable[[], None]) -> None:
        """From now on a signal calls `stop`."""
        self._stop = stop

    def ignore(self) -> None:
        """From now on a signal changes nothing: we are cleaning up."""
        self._stop = lambda: None

    def _come(self, number: int, _frame: object) -> None:
        log.info("stopping, because of %s", signal.Signals(number).name)
        stop = self._stop
        self.ignore()  # a second one would break into the clean-up
        stop()


def _interrupt() -> None:
    raise KeyboardInterrupt
