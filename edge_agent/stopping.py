"""PURE: what a stop ends. Whoever presses stop wants silence, not the next in the line."""

from datetime import datetime

from edge_agent.facts import Facts, GiveUp, Skip, Stop
from edge_agent.line_up import line_up
from edge_agent.wire.words import ClockTrust, Reason


def stops(facts: Facts, now: datetime, airing: str | None = None) -> list[Stop | GiveUp | Skip]:
    """Return the steps that end `airing`, sounding, waiting or still to come; empty: it has ended, or is not known.

    Null ends everything that sounds, that waits to go on after an emergency, or whose time has come.
    """
    steps: list[Stop | GiveUp | Skip] = []
    sounding = facts.sounding.airing if facts.sounding is not None else None
    if sounding is not None and airing in (None, sounding):
        steps.append(Stop(Reason.STOPPED))
    for each, told in facts.told.items():
        if told.waits and each != sounding and airing in (None, each):
            steps.append(GiveUp(each, Reason.STOPPED))
    for each, entry in line_up(facts).items():
        if each == sounding or each in facts.told:
            continue
        if facts.trust == ClockTrust.UNKNOWN:
            due = entry.emergency and entry.named  # it would begin at once
        else:
            due = entry.starts_at <= now < entry.over_at
        if each == airing or (airing is None and due):
            steps.append(Skip(each, Reason.STOPPED))
    return steps
