"""Changing what lasts on devices: each change is a new config, and a box has it once it says that it holds it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.progress import Progress

from studio.cli.client import StudioClient
from studio.cli.exits import CliError, Exit

ASK_EVERY_S = 0.5
Change = Callable[[StudioClient, str], Any]
"""Asks the studio to change something on the device of that path; the answer is the device as it is to be."""


@dataclass(frozen=True)
class Settled:
    """What came of a change."""

    devices: tuple[dict[str, Any], ...]
    """Those that were changed, as the API shows them, and `held`: whether the box has it."""
    refused: tuple[str, ...]
    """Why the studio refused it on the others, a sentence each."""

    @property
    def silent(self) -> list[str]:
        """Boxes that have not said that they hold it. Where there is no box yet, nobody could."""
        return [each["id"] for each in self.devices if not each["held"] and each["state"] != "new"]


def settle(
    studio: StudioClient,
    devices: Sequence[str],
    change: Change,
    *,
    wait_s: float,
    console: Console,
    clock: Callable[[], float] = time.monotonic,
) -> Settled:
    """Change each device, and wait at most `wait_s` seconds until every box holds its new config.

    A device that is refused does not keep the others from it. Raises CliError if the studio cannot be asked.
    """
    changed: dict[str, dict[str, Any]] = {}
    refused: list[str] = []
    for device in dict.fromkeys(devices):
        try:
            changed[device] = change(studio, in_path(device))
        except CliError as error:
            if error.code is not Exit.ERROR:
                raise
            refused.append(error.message)
    wanted = {name: each["config"] for name, each in changed.items()}
    until = clock() + wait_s
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Chờ cụm loa nhận", total=len(changed))
        while True:
            told = [each | {"held": holds(each, wanted[name])} for name, each in changed.items()]
            settled = Settled(tuple(told), tuple(refused))
            bar.update(task, completed=len(told) - len(settled.silent))
            if not settled.silent or clock() >= until:
                return settled
            time.sleep(min(ASK_EVERY_S, max(0.0, until - clock())))
            for name in settled.silent:
                changed[name] = studio.get(f"/devices/{in_path(name)}")


def holds(device: dict[str, Any], wanted: Sequence[int]) -> bool:
    """Whether the box last said that it holds the config `wanted`, `[epoch, n]`, or a later one."""
    held = (device["presence"] or {}).get("config")
    return held is not None and list(held) >= list(wanted)


def in_path(typed: str) -> str:
    """A name as one part of a path: `loa-1?x` is no other way to say loa-1."""
    return quote(typed, safe="")
