"""What can be done about a bulletin: speak, send for approval, decide. Each ends on the bulletin's page."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from studio import bulletins, recordings, voices
from studio.errors import Conflict
from studio.web.doors import Approver, InTransaction, Now, TheServices, Writer
from studio.web.pages import go

router = APIRouter(prefix="/ban-tin/{bulletin_id}")
Text = Annotated[str, Form()]


@router.post("/doc")
def speak(
    request: Request,
    bulletin_id: int,
    session: InTransaction,
    services: TheServices,
    user: Writer,
    now: Now,
    voice: Text = "",
) -> Response:
    """Order the sound; a speaker makes it."""
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    settings = services.settings
    engine, chosen = voices.chosen(settings, voice)
    assert user.id is not None
    recordings.order(
        session, bulletin, engine=engine, voice=chosen,
        preset=settings.preset, twice=settings.numbers_twice, by=user.id, now=now,
    )  # fmt: skip
    return go(request, _page(bulletin_id))


@router.post("/doc/huy")
def cancel(request: Request, bulletin_id: int, session: InTransaction, _: Writer, now: Now) -> Response:
    """Give the order up."""
    recording = recordings.latest(session, bulletins.get(session, bulletin_id, to_change=True))
    if recording is None:
        raise Conflict("Bản tin này không có việc đọc nào để hủy.")
    recordings.cancel(session, recording, now=now)
    return go(request, _page(bulletin_id), flash="Đã hủy việc đọc bản tin.")


@router.post("/gui-duyet")
def send(request: Request, bulletin_id: int, session: InTransaction, user: Writer, now: Now) -> Response:
    """Send for approval."""
    bulletins.send(session, bulletin_id, by=user, now=now)
    return go(request, _page(bulletin_id), flash="Đã gửi bản tin để lãnh đạo duyệt.")


@router.post("/rut-lai")
def withdraw(request: Request, bulletin_id: int, session: InTransaction, user: Writer, now: Now) -> Response:
    """Take it back before it is decided."""
    bulletins.withdraw(session, bulletin_id, by=user, now=now)
    return go(request, _page(bulletin_id), flash="Đã rút bản tin về để sửa.")


@router.post("/duyet")
def approve(
    request: Request, bulletin_id: int, session: InTransaction, user: Approver, now: Now, sha256: Text
) -> Response:
    """Approve the sound that was on the page."""
    bulletins.approve(session, bulletin_id, sha256=sha256, by=user, now=now)
    return go(request, _page(bulletin_id), flash="Đã duyệt. Bản tin có thể được đặt lịch phát.")


@router.post("/tra-lai")
def send_back(
    request: Request, bulletin_id: int, session: InTransaction, user: Approver, now: Now, reason: Text = ""
) -> Response:
    """Send back with a reason."""
    bulletins.send_back(session, bulletin_id, reason=reason, by=user, now=now)
    return go(request, _page(bulletin_id), flash="Đã trả bản tin lại cho người soạn.")


def _page(bulletin_id: int) -> str:
    return f"/ban-tin/{bulletin_id}"
