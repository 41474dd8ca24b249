"""/bulletins and /recordings: the same steps as the pages, for programs."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from studio import bulletins, recordings
from studio.api.shapes import BulletinShape, FullBulletin, HistoryLine, RecordingShape
from studio.drafts import Draft
from studio.errors import Conflict, Invalid
from studio.models.bulletins import Bulletin, BulletinState
from studio.web.doors import LOGGED_IN, Approver, InTransaction, Now, TheServices, Writer
from tts.engines import ENGINES

router = APIRouter(tags=["bulletins"])


class Edit(Draft):
    """New words on top of a revision."""

    based_on: int
    """The revision that was edited; 409 if there is a newer one."""


class Approval(BaseModel):
    """Which sound was heard and is approved."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Refusal(BaseModel):
    """Why a bulletin is sent back."""

    reason: str


class VoiceChoice(BaseModel):
    """Who is to speak; null is the studio's usual engine and voice."""

    engine: str | None = None
    voice: str | None = None


@router.get("/bulletins", dependencies=[LOGGED_IN])
def listing(
    session: InTransaction,
    state: BulletinState | None = None,
    search: str = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[BulletinShape]:
    """List bulletins, the last changed first."""
    found = bulletins.listing(session, state=state, search=search, limit=limit, offset=offset)
    return [BulletinShape.of(each) for each in found]


@router.post("/bulletins", status_code=201)
def write(draft: Draft, session: InTransaction, user: Writer, now: Now) -> FullBulletin:
    """Begin a bulletin."""
    return _whole(session, bulletins.write(session, draft, by=user, now=now))


@router.get("/bulletins/{bulletin_id}", dependencies=[LOGGED_IN])
def show(bulletin_id: int, session: InTransaction) -> FullBulletin:
    """Show a bulletin with its newest words and recording."""
    return _whole(session, bulletins.get(session, bulletin_id))


@router.put("/bulletins/{bulletin_id}")
def edit(bulletin_id: int, given: Edit, session: InTransaction, user: Writer, now: Now) -> FullBulletin:
    """Write a new revision; voids an approval."""
    draft = Draft(title=given.title, text=given.text)
    edited = bulletins.edit(session, bulletin_id, draft, based_on=given.based_on, by=user, now=now)
    return _whole(session, edited)


@router.get("/bulletins/{bulletin_id}/history", dependencies=[LOGGED_IN])
def history(bulletin_id: int, session: InTransaction) -> list[HistoryLine]:
    """List the decisions, the newest first."""
    bulletin = bulletins.get(session, bulletin_id)
    return [HistoryLine.of(line) for line in bulletins.history(session, bulletin)]


@router.post("/bulletins/{bulletin_id}/send")
def send(bulletin_id: int, session: InTransaction, user: Writer, now: Now) -> FullBulletin:
    """Send for approval. 409 without a finished recording of the newest words."""
    return _whole(session, bulletins.send(session, bulletin_id, by=user, now=now))


@router.post("/bulletins/{bulletin_id}/withdraw")
def withdraw(bulletin_id: int, session: InTransaction, user: Writer, now: Now) -> FullBulletin:
    """Take it back before it is decided."""
    return _whole(session, bulletins.withdraw(session, bulletin_id, by=user, now=now))


@router.post("/bulletins/{bulletin_id}/approve")
def approve(
    bulletin_id: int, given: Approval, session: InTransaction, user: Approver, now: Now
) -> FullBulletin:
    """Approve the sound. 403 for whoever wrote or sent it, 409 if it sounds otherwise by now."""
    return _whole(session, bulletins.approve(session, bulletin_id, sha256=given.sha256, by=user, now=now))


@router.post("/bulletins/{bulletin_id}/send-back")
def send_back(
    bulletin_id: int, given: Refusal, session: InTransaction, user: Approver, now: Now
) -> FullBulletin:
    """Send it back with a reason."""
    return _whole(session, bulletins.send_back(session, bulletin_id, reason=given.reason, by=user, now=now))


@router.post("/bulletins/{bulletin_id}/recordings", status_code=202)
def record(
    bulletin_id: int,
    wish: VoiceChoice,
    session: InTransaction,
    services: TheServices,
    user: Writer,
    now: Now,
) -> RecordingShape:
    """Order the sound of the newest words; ask `/recordings/{id}` how far it is."""
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    settings = services.settings
    if wish.engine is not None and wish.engine not in ENGINES:
        raise Invalid(f"Không có bộ đọc «{wish.engine[:40]}»; có: {', '.join(ENGINES)}.", field="engine")
    voice = wish.voice if wish.engine else wish.voice or settings.voice
    assert user.id is not None
    ordered = recordings.order(
        session, bulletin, engine=wish.engine or settings.engine, voice=voice,
        preset=settings.preset, twice=settings.numbers_twice, by=user.id, now=now,
    )  # fmt: skip
    return RecordingShape.of(ordered)


@router.get("/recordings/{recording_id}", dependencies=[LOGGED_IN])
def recording(recording_id: int, session: InTransaction) -> RecordingShape:
    """Say how far an order is."""
    return RecordingShape.of(recordings.get(session, recording_id))


@router.delete("/recordings/{recording_id}")
def cancel(recording_id: int, session: InTransaction, _: Writer, now: Now) -> RecordingShape:
    """Give an order up. 409 if it has ended, or speaks an emergency: that is cancelled as a whole."""
    ordered = recordings.get(session, recording_id)
    if ordered.words is not None:
        raise Conflict("Đây là bản đọc của một thông báo khẩn cấp. Hãy hủy thông báo ở trang «Khẩn cấp».")
    recordings.cancel(session, ordered, now=now)
    return RecordingShape.of(ordered)


def _whole(session: Session, bulletin: Bulletin) -> FullBulletin:
    return FullBulletin.whole(
        bulletin, bulletins.current(session, bulletin), recordings.latest(session, bulletin)
    )
