"""Several hands for work that falls into pieces; what comes out does not depend on how many they are."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers:
    """Threads: numpy, libsndfile and child processes let each other run."""

    def __init__(self, count: int | None = None) -> None:
        self._count = count or len(os.sched_getaffinity(0))
        self._pool = ThreadPoolExecutor(self._count)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def in_order(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Do `work` on each item, a few ahead of whoever takes the results; raises what `work` raises."""
        begun: deque[Future[Result]] = deque()
        for item in items:
            begun.append(self._pool.submit(work, item))
            if len(begun) > 2 * self._count:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
