"""«Bản tin»: the list, writing, editing, and the page of one bulletin."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from studio import bookings, bulletins, deciders, pronunciations, readings, recordings, users, voices
from studio.bulletins import Edited
from studio.drafts import LONGEST_TEXT, Draft
from studio.errors import Invalid, StudioError
from studio.models.bookings import Booking
from studio.models.bulletins import Bulletin, BulletinState
from studio.models.recordings import Recording, RecordingState
from studio.readings import BulletinReading
from studio.web.doors import LOGGED_IN, CurrentUser, InTransaction, Now, TheServices, Writer
from studio.web.listening import Listening, listening
from studio.web.pages import go, page
from studio.web.reading_lines import lines_of
from tts.presets import preset_of

router = APIRouter(prefix="/ban-tin")
Text = Annotated[str, Form()]
PAGE_SIZE = 50

TONES = {
    BulletinState.DRAFT: "quiet",
    BulletinState.WAITING: "wait",
    BulletinState.APPROVED: "good",
    BulletinState.SENT_BACK: "bad",
}
"""Which badge a state wears."""


@router.get("", dependencies=[LOGGED_IN])
def listing(
    request: Request,
    session: InTransaction,
    state: Annotated[BulletinState | None, Query(alias="trang-thai")] = None,
    search: Annotated[str, Query(alias="tim")] = "",
    number: Annotated[int, Query(alias="trang", ge=1, le=10_000)] = 1,
) -> Response:
    """Show the bulletins, the last changed first."""
    found = bulletins.listing(
        session, state=state, search=search, limit=PAGE_SIZE + 1, offset=(number - 1) * PAGE_SIZE
    )
    return page(
        request,
        "bulletins.html",
        bulletins=found[:PAGE_SIZE],
        more=len(found) > PAGE_SIZE,
        number=number,
        who=users.names(session, {each.created_by for each in found}),
        counts=bulletins.counts(session),
        state=state,
        search=search,
        names=bulletins.STATE_NAMES,
        tones=TONES,
    )


@router.get("/moi")
def new(request: Request, _: Writer) -> Response:
    """Show an empty form."""
    return form(request, Draft(title="", text=""))


@router.post("/moi")
def write(
    request: Request,
    session: InTransaction,
    user: Writer,
    now: Now,
    title: Text = "",
    text: Text = "",
    pasted: Text = "",
) -> Response:
    """Save a new bulletin."""
    draft = Draft(title=title, text=text)
    try:
        bulletin = bulletins.write(session, draft, by=user, now=now)
    except Invalid as error:
        return form(request, draft, error=error, pasted=pasted)
    return go(request, f"/ban-tin/{bulletin.id}", flash="Đã lưu bản tin.")


@router.get("/{bulletin_id}")
def show(
    request: Request, bulletin_id: int, session: InTransaction, services: TheServices, user: CurrentUser
) -> Response:
    """Show one bulletin with all that can be done about it."""
    bulletin = bulletins.get(session, bulletin_id)
    words = bulletins.current(session, bulletin)
    sound = recordings.finished(session, bulletin)
    changeable = pronunciations.may_change(bulletin)
    if changeable or sound is None:
        read = readings.of(session, bulletin)
    else:
        read = readings.as_recorded(session, bulletin, sound)
    return page(
        request,
        "bulletin.html",
        bulletin=bulletin,
        words=words,
        author=users.get(session, words.author_id),
        read=read,
        lines=lines_of(read),
        accepted=[question for question in read.questions if question.accepted],
        editable=changeable and bool(pronunciations.scopes_of(user)),
        recording=recordings.latest(session, bulletin),
        sound=sound,
        heard=_heard(session, sound),
        as_heard=sound is not None and _is_heard(sound, read, changeable),
        offers=voices.offered(services.settings),
        history=bulletins.history(session, bulletin),
        decides=bool(deciders.decidable(session, [bulletin], user)),
        objection=deciders.objection(session, bulletin, user),
        names=bulletins.STATE_NAMES,
        verdicts=bulletins.VERDICT_NAMES,
        tones=TONES,
    )


@router.get("/{bulletin_id}/ban-ghi", dependencies=[LOGGED_IN])
def recording(request: Request, bulletin_id: int, session: InTransaction) -> Response:
    """Show how far the speaking is; once it has ended the whole page is worth a look."""
    bulletin = bulletins.get(session, bulletin_id)
    newest = recordings.latest(session, bulletin)
    if newest is None or newest.state not in (RecordingState.WANTED, RecordingState.WORKING):
        return Response(headers={"HX-Refresh": "true"})
    return page(request, "_recording.html", bulletin=bulletin, recording=newest)


@router.get("/{bulletin_id}/sua")
def change(request: Request, bulletin_id: int, session: InTransaction, now: Now, _: Writer) -> Response:
    """Show the form with the newest words, and what saving others would undo."""
    bulletin = bulletins.get(session, bulletin_id)
    words = bulletins.current(session, bulletin)
    lost = bookings.to_come_of(session, bulletin_id, now=now)
    return form(request, Draft(title=words.title, text=words.text), bulletin=bulletin, lost=lost)


@router.post("/{bulletin_id}/sua")
def save(
    request: Request,
    bulletin_id: int,
    session: InTransaction,
    user: Writer,
    now: Now,
    base: Annotated[int, Form()],
    title: Text = "",
    text: Text = "",
) -> Response:
    """Save a new revision, and say what was withdrawn with it; if somebody was quicker, show both."""
    draft = Draft(title=title, text=text)
    bulletin = bulletins.get(session, bulletin_id, to_change=True)
    booked = bookings.to_come_of(session, bulletin_id, now=now)
    try:
        bulletins.edit(session, bulletin_id, draft, based_on=base, by=user, now=now)
    except (Invalid, Edited) as error:
        theirs = getattr(error, "theirs", None)
        return form(request, draft, error=error, bulletin=bulletin, theirs=theirs, lost=booked)
    lost = [booking for booking in booked if booking.withdrawn_at is not None]
    said = f" Lịch phát {bookings.said(lost)} đã bị hủy." if lost else ""
    return go(request, f"/ban-tin/{bulletin_id}", flash="Đã lưu bản tin." + said)


def _is_heard(sound: Recording, read: BulletinReading, changeable: bool) -> bool:
    """Whether the sound speaks what the page shows; of an old one that was sent off already nobody can tell."""
    return sound.spoken == read.reading.spoken or (sound.spoken is None and not changeable)


def _heard(session: Session, sound: Recording | None) -> Listening | None:
    if sound is None or (hearing := recordings.heard(session, sound)) is None:
        return None
    wanted = preset_of(sound.preset).lufs
    return listening(hearing.quality, hearing.timings, hearing.overview, lufs=wanted)


def form(
    request: Request,
    draft: Draft,
    *,
    error: StudioError | None = None,
    bulletin: Bulletin | None = None,
    theirs: object = None,
    lost: Sequence[Booking] = (),
    pasted: str = "",
) -> Response:
    """Show the form with what was typed; `pasted` is the page that was pasted to be imported."""
    return page(
        request,
        "bulletin_form.html",
        status=error.status if error else 200,
        draft=draft,
        bulletin=bulletin,
        error=error,
        theirs=theirs,
        lost=lost,
        pasted=pasted,
        longest=LONGEST_TEXT,
    )
