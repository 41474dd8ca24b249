"""/commands: what is to be done now, and who has answered."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from edge_agent.wire.words import AiringId, CommandName, ReplyState
from studio import commands, rights
from studio.api.shapes import Shape
from studio.rights import Action
from studio.web.doors import LOGGED_IN, CurrentUser, InTransaction, Now

router = APIRouter(tags=["commands"])


class Order(BaseModel):
    """A command to a zone or to a device."""

    name: CommandName
    zone: str | None = None
    device: str | None = None
    airing: AiringId | None = None
    """What to stop; null: all that sounds."""


class AnswerShape(Shape):
    """What one device said to a command."""

    device: str
    """Id."""
    name: str
    """For people."""
    state: ReplyState | None
    """Null: nothing yet."""
    reason: str
    """Why it failed."""
    detail: str
    """What came of it."""


class CommandShape(Shape):
    """A command, and how far it has come."""

    id: str
    """Its name."""
    name: CommandName
    """What."""
    zone: str | None
    """For whom, or"""
    device: str | None
    """for which device."""
    issued_at: datetime
    """When it was ordered."""
    expires_at: datetime
    """Not obeyed from here on."""
    published_at: datetime | None
    """When the broker had it."""
    over: bool
    """Everybody has answered for good, or it has expired."""
    answers: list[AnswerShape]
    """By device."""


@router.post("/commands", status_code=201)
def order(given: Order, session: InTransaction, now: Now, user: CurrentUser) -> CommandShape:
    """Order something now; ask `/commands/{id}` who has answered."""
    rights.demand(user, Action.STOP if given.name is CommandName.STOP else Action.DEVICES)
    command = commands.issue(
        session,
        name=given.name,
        zone=given.zone,
        device=given.device,
        airing=given.airing,
        by=user.id,
        now=now,
    )
    return _shape(commands.status(session, command.id, now=now))


@router.get("/commands/{command}", dependencies=[LOGGED_IN])
def show(command: str, session: InTransaction, now: Now) -> CommandShape:
    """Show who has answered a command, and who has not."""
    return _shape(commands.status(session, command, now=now))


def _shape(status: commands.Status) -> CommandShape:
    fields = set(CommandShape.model_fields) - {"over", "answers"}
    return CommandShape(
        **status.command.model_dump(include=fields),
        over=status.over,
        answers=[AnswerShape.model_validate(answer) for answer in status.answers],
    )
