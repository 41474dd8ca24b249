"""From airings to the document a zone's devices read."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from edge_agent.wire.documents import Airing, Arrangement, Mute, Plan
from edge_agent.wire.words import Priority, Revision
from scheduler.planner import window

SIGN_AGAIN_AFTER = timedelta(hours=24)
"""Documents are signed anew so often even if nothing changes: an old one then shows that the broker is frozen."""
MOST_INLINE_BYTES = 40 * 1024
"""What an emergency may carry of sound: about 13 s of Opus, so that it passes a 4G link at once."""


def plan(
    zone: str,
    airings: Iterable[Airing],
    *,
    revision: Revision,
    now: datetime,
    muted: Iterable[Mute] = (),
    arrangements: Iterable[Arrangement] = (),
) -> Plan:
    """The plan of `zone`: what of `airings` is no emergency, not yet stale, and within the window of `now`.

    An airing that has begun stays until it is stale, or a device that restarts meanwhile would drop it.
    """
    begins_at, ends_at = window(now)
    told = [a for a in airings if a.priority is not Priority.EMERGENCY and now < a.stale_at]
    return Plan(
        kind="plan",
        zone=zone,
        revision=revision,
        issued_at=now,
        begins_at=begins_at,
        ends_at=ends_at,
        airings=_in_order(a for a in told if a.starts_at < ends_at),
        muted=tuple(m for m in muted if m.ends_at is None or now < m.ends_at),
        arrangements=tuple(arrangements),
    )


def emergency(
    zone: str, airings: Iterable[Airing], *, speech: Mapping[str, bytes], revision: Revision, now: datetime
) -> Plan:
    """The emergency plan of `zone`; empty when all is over. `speech` holds the sounds' files by sha256.

    A sound of more than MOST_INLINE_BYTES, or one whose file is not given, is named only and has to be fetched.
    """
    begins_at, ends_at = window(now)
    urgent = [a for a in airings if a.priority is Priority.EMERGENCY and now < a.stale_at]
    return Plan(
        kind="emergency",
        zone=zone,
        revision=revision,
        issued_at=now,
        begins_at=begins_at,
        ends_at=ends_at,
        airings=_in_order(_with_speech(a, speech) for a in urgent if a.starts_at < ends_at),
    )


def same_content(one: Plan, other: Plan) -> bool:
    """Whether two plans of a zone say the same, whoever signed which of them when."""
    return _unsigned(one) == _unsigned(other)


def due_again(signed_at: datetime | None, *, now: datetime) -> bool:
    """Whether a document last signed at `signed_at` (null: never) is to be signed anew though nothing has changed."""
    return signed_at is None or now - signed_at >= SIGN_AGAIN_AFTER


def _unsigned(plan: Plan) -> Plan:
    return plan.model_copy(update={"revision": Revision(0, 0), "issued_at": plan.begins_at})


def _with_speech(airing: Airing, speech: Mapping[str, bytes]) -> Airing:
    sounds = tuple(
        sound.model_copy(update={"inline": speech[sound.sha256]})
        if len(speech.get(sound.sha256, b"")) in range(1, MOST_INLINE_BYTES + 1)
        else sound
        for sound in airing.sounds
    )
    return airing.model_copy(update={"sounds": sounds})


def _in_order(airings: Iterable[Airing]) -> tuple[Airing, ...]:
    return tuple(sorted(airings, key=lambda a: (a.starts_at, a.id)))
