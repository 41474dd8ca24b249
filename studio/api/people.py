"""/sessions and /users: log in with name and password, then bring the token as `Authorization: Bearer …`."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from studio import log_in, users
from studio.api.shapes import Person
from studio.db import reading
from studio.errors import NotLoggedIn
from studio.models.users import LogInKind
from studio.web.doors import CurrentUser, InTransaction, MaybeLogIn, Newcomer, Now, TheServices

router = APIRouter(tags=["people"])


class Credentials(BaseModel):
    """Who wants in."""

    user: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class Token(BaseModel):
    """A log-in of the command line."""

    token: str
    expires_at: datetime
    user: Person


class PasswordChange(BaseModel):
    """The old password shows who asks."""

    old: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


@router.post("/sessions", status_code=201)
def open_session(given: Credentials, services: TheServices, now: Now) -> Token:
    """Log in. 401 for a wrong password, 429 for an account that is locked for a while."""
    settings = services.settings
    token = log_in.log_in(
        services.engine, given.user, given.password, kind=LogInKind.TOKEN, settings=settings, now=now
    )
    with reading(services.engine) as session:  # log_in() has transactions of its own
        found = log_in.find(session, token, settings=settings, now=now)
    if found is None:
        raise NotLoggedIn("Tài khoản vừa bị khóa.")
    return Token(token=token, expires_at=found.session.expires_at, user=Person.of(found.user))


@router.delete("/sessions/current", status_code=204)
def close_session(session: InTransaction, found: MaybeLogIn) -> None:
    """Log out: the token is worth nothing afterwards."""
    if found is not None:
        session.delete(found.session)


@router.get("/users/me")
def me(user: CurrentUser) -> Person:
    """Say who the token belongs to."""
    return Person.of(user)


@router.put("/users/me/password")
def change_password(
    given: PasswordChange, session: InTransaction, services: TheServices, user: Newcomer, now: Now
) -> Token:
    """Change the password; every log-in ends, and a new token comes back."""
    users.change_password(session, user, old=given.old, new=given.new)
    token = log_in.start(session, user, kind=LogInKind.TOKEN, settings=services.settings, now=now)
    return Token(token=token, expires_at=now + services.settings.token_lasts, user=Person.of(user))
