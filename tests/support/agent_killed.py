"""`loa-agent run` that ends itself with SIGKILL at the k-th passing of a named point: `... NAME K`."""

import os
import signal
import sys

from edge_agent.main import run
from edge_agent.settings import EdgeSettings

if __name__ == "__main__":
    name, left = sys.argv[1], int(sys.argv[2])

    def watch(point: str) -> None:
        global left
        if point == name:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    run(EdgeSettings(), watch=watch)
