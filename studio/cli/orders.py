"""Ordering something now, waiting for the devices, naming those that did not answer."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import Progress

from studio.cli.client import StudioClient

ASK_EVERY_S = 0.5
FINAL = ("done", "failed")
RANK = {None: 0, "received": 1, "failed": 2, "done": 3}
"""Where a device is told through two zones, the better word counts: once stopped is stopped."""


@dataclass(frozen=True)
class Target:
    """For whom an order is: a zone or a device."""

    zone: str | None = None
    device: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of an order."""

    answers: tuple[dict[str, Any], ...]
    """By device: `device`, `name`, `state` (null: nothing), `reason`, `detail`."""

    @property
    def silent(self) -> list[str]:
        """Who has not answered for good."""
        return [each["device"] for each in self.answers if each["state"] not in FINAL]

    @property
    def failed(self) -> list[str]:
        """Who said that it could not."""
        return [each["device"] for each in self.answers if each["state"] == "failed"]


def everything(studio: StudioClient) -> list[Target]:
    """The fewest targets that reach every enrolled device: zones with nothing above them, then lone devices."""
    top = [zone["id"] for zone in studio.get("/zones") if zone["parent"] is None and zone["kind"] != "device"]
    reached = set(top)
    lone = [
        device["id"]
        for device in studio.get("/devices")
        if device["state"] != "new" and not reached & set(device["zones"])
    ]
    return [Target(zone=zone) for zone in top] + [Target(device=device) for device in lone]


def give(
    studio: StudioClient,
    name: str,
    targets: Sequence[Target],
    *,
    wait_s: float,
    console: Console,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Order `name` of all targets and wait until everybody has answered for good, at most `wait_s` seconds."""
    given = [
        studio.post("/commands", {"name": name, "zone": each.zone, "device": each.device}) for each in targets
    ]
    named = {each.device for each in targets}
    boxless = {device["id"] for device in studio.get("/devices") if device["state"] == "new"} - named
    until = clock() + wait_s
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Chờ cụm loa trả lời")
        while True:
            outcome = merged(given, boxless)
            bar.update(task, total=len(outcome.answers), completed=len(outcome.answers) - len(outcome.silent))
            if not outcome.silent or clock() >= until:
                return outcome
            time.sleep(min(ASK_EVERY_S, max(0.0, until - clock())))
            given = [each if each["over"] else studio.get(f"/commands/{each['id']}") for each in given]


def merged(given: Sequence[dict[str, Any]], boxless: set[str]) -> Outcome:
    """One answer a device, out of all commands; those that have no box yet cannot answer and are left out."""
    best: dict[str, dict[str, Any]] = {}
    for command in given:
        for answer in command["answers"]:
            known = best.get(answer["device"])
            if answer["device"] in boxless:
                continue
            if known is None or RANK.get(answer["state"], 1) > RANK.get(known["state"], 1):
                best[answer["device"]] = answer
    return Outcome(tuple(best[device] for device in sorted(best)))
