"""A studio and two loudspeakers, each in processes of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.demo.processes import Processes
from studio.demo.station import Station, open_studio, put_up_loudspeakers


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    processes = Processes(tmp_path)
    try:
        opened = open_studio(tmp_path, processes, port=0)
        opened.devices = ("ap-3-loa-1", "ap-3-loa-2")
        put_up_loudspeakers(opened, player="wav")
        yield opened
        processes.check()
        opened.close()
    finally:
        processes.stop()
