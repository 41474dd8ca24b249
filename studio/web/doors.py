"""What a route asks for: a transaction, the time, who is there and whether they may. The same for pages and API."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from studio import log_in, rights
from studio.db import reading, transaction
from studio.errors import Forbidden, NotLoggedIn
from studio.models.users import LogInKind, User
from studio.rights import Action
from studio.services import Services
from studio.sounds import Sounds

SESSION_COOKIE = "loa_phien"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def _services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


TheServices = Annotated[Services, Depends(_services)]
"""Everything main.py handed to create_app()."""


def _now(services: TheServices) -> datetime:
    return services.now()


Now = Annotated[datetime, Depends(_now)]
"""The time of this request, aware UTC."""


def _sounds(services: TheServices) -> Sounds:
    return services.sounds


TheSounds = Annotated[Sounds, Depends(_sounds)]
"""The store of sounds."""


def _transaction(request: Request, services: TheServices) -> Iterator[Session]:
    # A GET never writes: it gets a snapshot and waits for nobody.
    begin = reading if request.method in SAFE else transaction
    with begin(services.engine) as session:
        yield session


InTransaction = Annotated[Session, Depends(_transaction, scope="function")]
"""The request's one transaction, committed BEFORE the answer is sent; rolled back if the route raises."""


def _log_in(request: Request, services: TheServices, session: InTransaction, now: Now) -> log_in.LogIn | None:
    token, kind = _token(request)
    found = log_in.find(session, token, settings=services.settings, now=now) if token else None
    if found is None or found.session.kind is not kind:
        return None
    if log_in.stale(found, now=now):
        if request.method in SAFE:
            # A page can be read while the database is too busy to be written, or its disk is full.
            with suppress(OperationalError), transaction(services.engine) as writing:
                log_in.touch(writing, found, now=now)
        else:
            log_in.touch(session, found, now=now)
    # A copy for the templates: a rollback would empty the row, and an error page needs the name too.
    request.state.user = User(**found.user.model_dump())
    return found


def _token(request: Request) -> tuple[str | None, LogInKind]:
    # The API takes no cookie, so a foreign page cannot use it (no CSRF); pages take no bearer token.
    if request.url.path.startswith("/api/"):
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return (token.strip() if scheme.casefold() == "bearer" else None), LogInKind.TOKEN
    return request.cookies.get(SESSION_COOKIE), LogInKind.BROWSER


MaybeLogIn = Annotated[log_in.LogIn | None, Depends(_log_in)]
"""The log-in of this request, or None."""


def _newcomer(found: MaybeLogIn) -> User:
    if found is None:
        raise NotLoggedIn("Bạn chưa đăng nhập, hoặc phiên làm việc đã hết hạn.")
    return found.user


NEWCOMER = Depends(_newcomer)
Newcomer = Annotated[User, Depends(_newcomer)]
"""Whoever is logged in, even before they have changed their one-time password."""


class MustChangePassword(Forbidden):
    """First the one-time password is changed."""

    title = "Cần đổi mật khẩu"


def _current_user(user: Newcomer) -> User:
    if user.must_change_password:
        raise MustChangePassword("Hãy đổi mật khẩu dùng một lần trước khi làm việc khác.")
    return user


LOGGED_IN = Depends(_current_user)
"""For a route that needs somebody, no matter who: `dependencies=[LOGGED_IN]`."""
CurrentUser = Annotated[User, Depends(_current_user)]
"""Whoever is logged in; raises NotLoggedIn (a page then shows the log-in) or MustChangePassword."""


def allowed(action: Action) -> Callable[[User], User]:
    """Make a dependency: `user: Annotated[User, Depends(allowed(Action.BOOK))]` raises Forbidden for the others."""

    def check(user: CurrentUser) -> User:
        rights.demand(user, action)
        return user

    return check


Writer = Annotated[User, Depends(allowed(Action.WRITE))]
"""Somebody who writes bulletins."""


def _importer(request: Request, services: TheServices, now: Now) -> User:
    with transaction(services.engine) as session:
        user = _current_user(_newcomer(_log_in(request, services, session, now)))
    rights.demand(user, Action.WRITE)
    return user


Importer = Annotated[User, Depends(_importer)]
"""Somebody who writes bulletins, for a route that takes long: no transaction is open meanwhile, nobody waits for it."""
Approver = Annotated[User, Depends(allowed(Action.APPROVE))]
"""Somebody who decides about bulletins."""
Booker = Annotated[User, Depends(allowed(Action.BOOK))]
"""Somebody who books airings."""
Player = Annotated[User, Depends(allowed(Action.PLAY_NOW))]
"""Somebody who plays at once."""
Stopper = Annotated[User, Depends(allowed(Action.STOP))]
"""Somebody who stops what plays."""
DeviceKeeper = Annotated[User, Depends(allowed(Action.DEVICES))]
"""Somebody who enrols and sets devices."""
ZoneKeeper = Annotated[User, Depends(allowed(Action.ZONES))]
"""Somebody who draws zones."""
UserKeeper = Annotated[User, Depends(allowed(Action.USERS))]
"""Somebody who adds people."""
