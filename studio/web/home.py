"""«Hôm nay»: what waits for me, what airs today."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from studio import bulletins, deciders, rights, users
from studio.models.bulletins import BulletinState
from studio.rights import Action
from studio.web.bulletin_pages import TONES
from studio.web.doors import CurrentUser, InTransaction
from studio.web.pages import page

router = APIRouter()


@router.get("/")
def home(request: Request, session: InTransaction, user: CurrentUser) -> Response:
    """Show the day to whoever looks: a leader sees what to decide, an officer what to go on with."""
    waiting = bulletins.listing(session, state=BulletinState.WAITING, limit=20)
    mine = []
    if rights.may(user, Action.WRITE):
        for state in (BulletinState.SENT_BACK, BulletinState.DRAFT):
            mine += bulletins.listing(session, state=state, limit=10)
    return page(
        request,
        "home.html",
        to_decide=deciders.decidable(session, waiting, user),
        to_go_on=mine,
        counts=bulletins.counts(session),
        people=len(users.listing(session)) if rights.may(user, Action.USERS) else None,
        names=bulletins.STATE_NAMES,
        tones=TONES,
    )
