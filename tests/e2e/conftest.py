"""A studio and two loudspeakers, each in processes of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from studio.demo.processes import Processes
from studio.demo.station import Station, open_studio, put_up_loudspeakers
from tests.support.chromium import chromium


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


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Station]:
    """A studio without loudspeakers."""
    processes = Processes(tmp_path)
    try:
        opened = open_studio(tmp_path, processes, port=0)
        yield opened
        processes.check()
        opened.close()
    finally:
        processes.stop()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened
