"""A booking as somebody wishes it, and what of it must be mended before it can be saved."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from edge_agent.wire import documents
from edge_agent.wire.words import Priority
from scheduler import listeners, planner, quiet, rules
from scheduler.listeners import Listener
from scheduler.rules import Fault, Rule
from studio import planning
from studio.drafts import one_line
from studio.errors import Invalid
from studio.models.bulletins import Bulletin, BulletinState
from studio.models.places import Device, Zone
from studio.models.recordings import Recording, RecordingState

MOST_BULLETINS = 20
"""In one airing."""
MOST_ZONES = 200
"""In one booking; a province or a set is one zone."""
LOOKED_AT = timedelta(days=15)
"""From a rule's first slot on: its times of day are the same on later days."""


class BookingDraft(BaseModel):
    """What somebody wishes to be heard, when, and where."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    bulletins: tuple[int, ...]
    """Approved bulletins, in the order in which they are heard."""
    zones: tuple[str, ...]
    """For whom."""
    rule: Rule
    """When."""
    priority: Priority = Priority.ORDINARY
    """`ordinary` or `priority`; emergencies have a way of their own."""
    rank: int = Field(default=0, ge=-100, le=100)
    """The order among equals; lower goes first."""
    repeat: int = Field(default=1, ge=1, le=10)
    """How often the whole list is played."""
    in_step: bool = False
    """Whether all loudspeakers sound together; a late one then joins at the live position."""
    title: str = Field(default="", max_length=200)
    """For people; empty: made from the bulletins' titles."""


def faults(
    session: Session, draft: BookingDraft, *, now: datetime, hearing: Sequence[Listener] | None = None
) -> list[Fault]:
    """Everything in a draft that must be mended before it can be saved, each at its field, in Vietnamese.

    `hearing` are the devices of its zones, for who has read them already: a province has ten thousand.
    """
    if too_much := oversized(draft):
        return too_much
    found = _about_sounds(session, draft) + about_zones(session, draft.zones)
    found += rules.faults(draft.rule, now=now)
    found += _about_title(draft)
    if draft.priority is Priority.EMERGENCY:
        found.append(
            Fault("priority", "Thông báo khẩn cấp được phát ở trang «Khẩn cấp», không qua lịch phát.")
        )
    if found:
        return found
    if hearing is None:
        hearing = planning.listeners(session, draft.zones)
    return _about_quiet_hours(session, draft, now, hearing)


def oversized(draft: BookingDraft) -> list[Fault]:
    """What is too much of in a draft even to be looked at: it would take for ever, or more than a query holds."""
    found: list[Fault] = []
    if len(draft.bulletins) > MOST_BULLETINS:
        found.append(Fault("bulletins", f"Một lượt phát có nhiều nhất {MOST_BULLETINS} bản tin."))
    if len(draft.zones) > MOST_ZONES:
        found.append(Fault("zones", f"Một lịch phát có nhiều nhất {MOST_ZONES} vùng; hãy dùng vùng lớn hơn."))
    return found + rules.oversized(draft.rule)


def hold(session: Session, draft: BookingDraft) -> None:
    """Keep others from changing the draft's bulletins until this transaction ends.

    One that is edited at the same time is either refused here, or its edit sees this booking and withdraws it.
    """
    held = select(Bulletin).where(col(Bulletin.id).in_(draft.bulletins)).order_by(col(Bulletin.id))
    session.exec(held.with_for_update().execution_options(populate_existing=True)).all()


def planned(session: Session, draft: BookingDraft, *, booking: str) -> planner.Booking:
    """The draft as the scheduler knows it, under the name `booking`; sounds that are not approved are left out."""
    sounds = [approved(session, each) for each in draft.bulletins if why_not(session, each) is None]
    return planner.Booking(
        id=booking,
        rule=draft.rule,
        zones=frozenset(draft.zones),
        sounds=tuple(sound for _, sound in sounds),
        title=draft.title.strip() or title_of([bulletin.title for bulletin, _ in sounds]),
        priority=draft.priority,
        rank=draft.rank,
        repeat=draft.repeat,
        in_step=draft.in_step,
    )


def approved(session: Session, bulletin: int) -> tuple[Bulletin, documents.Sound]:
    """The approved sound of a bulletin of which `why_not` has nothing to say."""
    row = session.get_one(Bulletin, bulletin)
    recording = _recording(session, row)
    assert recording is not None
    assert recording.sha256
    assert recording.size_bytes
    assert recording.seconds
    return row, documents.Sound(sha256=recording.sha256, size=recording.size_bytes, seconds=recording.seconds)


def why_not(session: Session, bulletin: int) -> str | None:
    """Why a bulletin cannot be aired, in Vietnamese; null: it can."""
    row = session.get(Bulletin, bulletin)
    if row is None:
        return f"Không có bản tin số {bulletin}."
    if row.state is not BulletinState.APPROVED or row.approved_sha256 is None:
        return f"Bản tin «{row.title}» chưa được lãnh đạo duyệt nên chưa thể phát. Hãy gửi duyệt trước."
    if _recording(session, row) is None:
        return f"Bản tin «{row.title}» không còn bản ghi đã duyệt. Hãy ghi âm và gửi duyệt lại."
    return None


def title_of(titles: Sequence[str]) -> str:
    """One title for several bulletins, at most 200 characters."""
    if not titles:
        return ""
    rest = f" và {len(titles) - 1} bản tin khác" if len(titles) > 1 else ""
    return titles[0][: 200 - len(rest)] + rest


def device_names(session: Session, devices: Collection[str]) -> dict[str, str]:
    """What people call these devices."""
    chosen = select(Device.id, Device.name).where(col(Device.id).in_(devices))
    return {device: name for device, name in session.exec(chosen)}  # noqa: C416  dict() takes a result for a mapping


def about_zones(session: Session, chosen: Sequence[str]) -> list[Fault]:
    """What is wrong with these zones: none chosen, too many, or not there."""
    if not chosen:
        return [Fault("zones", "Chưa chọn vùng phát nào. Hãy chọn nơi bản tin sẽ phát.")]
    if len(chosen) > MOST_ZONES:
        return [Fault("zones", f"Một lịch phát có nhiều nhất {MOST_ZONES} vùng; hãy dùng vùng lớn hơn.")]
    there = select(Zone.id).where(col(Zone.id).in_(chosen), col(Zone.deleted_at).is_(None))
    known: set[str] = set(session.exec(there))
    return [
        Fault("zones", f"Không có vùng phát «{zone}». Hãy chọn lại.") for zone in sorted(set(chosen) - known)
    ]


def _about_title(draft: BookingDraft) -> list[Fault]:
    try:
        one_line(draft.title, "title")
    except Invalid as error:
        return [Fault("title", error.message)]
    return []


def _about_sounds(session: Session, draft: BookingDraft) -> list[Fault]:
    if not draft.bulletins:
        return [Fault("bulletins", "Chưa chọn bản tin nào để phát.")]
    told = (why_not(session, bulletin) for bulletin in draft.bulletins)
    return [Fault("bulletins", text) for text in told if text is not None]


def _recording(session: Session, bulletin: Bulletin) -> Recording | None:
    chosen = select(Recording).where(
        Recording.bulletin_id == bulletin.id,
        Recording.sha256 == bulletin.approved_sha256,
        Recording.state == RecordingState.DONE,
    )
    return session.exec(chosen.order_by(col(Recording.id).desc())).first()


def _about_quiet_hours(
    session: Session, draft: BookingDraft, now: datetime, hearing: Sequence[Listener]
) -> list[Fault]:
    first = rules.next_slot(draft.rule, now)
    assert first is not None
    airings = planner.plan([planned(session, draft, booking="moi")], first, first + LOOKED_AT).values()
    hits = quiet.disturbances(listeners.groups(hearing, airings))
    if not hits:
        return []
    # The same hours come back every day: one of each says it all.
    once = {(hit.hours, hit.devices, hit.silent_from.time()): hit for hit in reversed(hits)}
    told = sorted(once.values(), key=lambda hit: hit.silent_from)[:2]
    names = device_names(session, {device for hit in told for device in hit.devices[:3]})
    texts = [hit.said(names) for hit in told]
    return [
        Fault("at", " ".join(texts) + " Hãy chọn giờ khác; chỉ thông báo khẩn cấp được phát trong giờ này.")
    ]
