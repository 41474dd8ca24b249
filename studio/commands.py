"""Commands: do one thing now. Numbered, expiring, never retained; who did not answer is named."""

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session, col, select, tuple_

from edge_agent.wire import documents, topics
from edge_agent.wire.accounts import Reply
from edge_agent.wire.errors import LinkDown
from edge_agent.wire.link import Link
from edge_agent.wire.words import CommandName, ReplyState, Revision
from scheduler.publisher import acknowledged
from studio import devices, keys, zones
from studio.db import reading, transaction
from studio.errors import Invalid, NotFound
from studio.keys import Seal
from studio.models.commands import Command, CommandReply
from studio.models.places import Device

log = logging.getLogger(__name__)

LASTS = {
    CommandName.STOP: timedelta(minutes=5),
    CommandName.SELF_TEST: timedelta(minutes=2),
    CommandName.RESTART: timedelta(minutes=2),
    CommandName.DIAGNOSTICS: timedelta(minutes=2),
}
"""How long a command may still be obeyed."""
COMMAND_NAMES = {
    CommandName.STOP: "Dừng phát",
    CommandName.SELF_TEST: "Tự kiểm tra",
    CommandName.RESTART: "Khởi động lại",
    CommandName.DIAGNOSTICS: "Chẩn đoán",
}
"""What staff call them."""
_FINAL = (ReplyState.DONE, ReplyState.FAILED)


@dataclass(frozen=True)
class Answer:
    """What one device has said to a command."""

    device: str
    name: str
    """Its name for people."""
    state: ReplyState | None
    """Null: nothing."""
    reason: str
    detail: str


@dataclass(frozen=True)
class Status:
    """How far a command has come."""

    command: Command
    answers: tuple[Answer, ...]
    """By device, for every device that is to obey."""
    over: bool
    """Every device has answered for good, or the command has expired."""

    @property
    def unanswered(self) -> tuple[Answer, ...]:
        """Who has not said that it is done or failed."""
        return tuple(answer for answer in self.answers if answer.state not in _FINAL)


def issue(
    session: Session,
    *,
    name: CommandName,
    now: datetime,
    zone: str | None = None,
    device: str | None = None,
    airing: str | None = None,
    by: int | None = None,
) -> Command:
    """Order something of a zone or of a device; the publishing job says it. Raises NotFound, Invalid, Conflict."""
    if (zone is None) == (device is None):
        raise Invalid("Lệnh phải gửi tới một vùng phát hoặc một cụm loa.", field="zone")
    n, who = _next_number(session, zone, str(device))
    command = Command(
        id=f"c{secrets.token_hex(8)}",
        zone=zone,
        device=device,
        epoch=keys.epoch(session),
        n=n,
        name=name,
        airing=airing,
        issued_at=now,
        expires_at=now + LASTS[name],
        by=by,
    )
    try:
        document(command)
    except ValidationError as error:
        raise Invalid(
            f"Không có lượt phát nào mang mã «{airing}». Hãy chép lại mã lượt phát từ trang «Lượt phát».",
            field="airing",
        ) from error
    session.add(command)
    session.flush()
    session.add_all(CommandReply(command=command.id, device=each) for each in who)
    session.flush()
    return command


def _next_number(session: Session, zone: str | None, device: str) -> tuple[int, list[str]]:
    """The number of the next command to this zone or device, and who is to obey it."""
    if zone is not None:
        place = zones.get(session, zone, to_change=True)
        place.command_n += 1
        return place.command_n, [each.id for each in zones.members(session, zone)]
    box = devices.get(session, device, to_change=True)
    box.command_n += 1
    return box.command_n, [box.id]


def document(command: Command) -> documents.Command:
    """The command as devices read it. Raises ValidationError for what they would refuse."""
    return documents.Command(
        kind="command",
        id=command.id,
        zone=command.zone,
        device=command.device,
        number=Revision(command.epoch, command.n),
        name=command.name,
        airing=command.airing,
        issued_at=command.issued_at,
        expires_at=command.expires_at,
    )


def publish(
    engine: Engine, link: Link, *, keys_directory: Path, now: Callable[[], datetime], patience_s: float = 5.0
) -> int:
    """Say every command that has not been said and has not expired, and return how many the broker has.

    `patience_s` is how long the broker may take to acknowledge them all.
    A command that expires while the broker is away is never said; one that cannot be said is passed over.
    """
    with reading(engine) as session:
        query = select(Command).where(col(Command.published_at).is_(None), Command.expires_at > now())
        waiting = list(session.exec(query.order_by(col(Command.issued_at), col(Command.n))))
        if not waiting:
            return 0
        seal = keys.load(session, keys_directory)
    said = []
    try:
        for command in waiting:
            signed = _signed(command, seal)
            if signed is None:
                continue
            left = max(1, int((command.expires_at - now()).total_seconds()))
            said.append((command.id, link.publish(*signed, expires_s=left)))
    except LinkDown:
        log.warning("the broker is away: %d commands wait", len(waiting) - len(said))
    told_ids = acknowledged(said, patience_s)
    if told_ids:
        with transaction(engine) as session:
            for each in session.exec(select(Command).where(col(Command.id).in_(told_ids))):
                each.published_at = now()
    return len(told_ids)


def _signed(command: Command, seal: Seal) -> tuple[str, bytes] | None:
    """Topic and payload; None for a row that no device would understand: it must not silence the others."""
    try:
        told = document(command)
        return topics.of(told), seal.sign(told)
    except Exception:
        log.exception("not said: command %s", command.id)
        return None


def note(session: Session, replies: Iterable[Reply], *, now: datetime) -> frozenset[str]:
    """Take over what devices reply; the first final word counts. Returns the commands that moved."""
    told = list(replies)
    key = tuple_(col(CommandReply.command), col(CommandReply.device))
    wanted = sorted({(reply.command, reply.device) for reply in told})
    rows = {
        (row.command, row.device): row
        for first in range(0, len(wanted), 300)
        for row in session.exec(select(CommandReply).where(key.in_(wanted[first : first + 300])))
    }
    moved: set[str] = set()
    for reply in told:
        row = rows.get((reply.command, reply.device))
        if row is None:
            log.warning("%s replies to a command it was not given: %s", reply.device, reply.command)
        elif row.state is None or (row.state not in _FINAL and reply.state in _FINAL):
            row.state, row.at, row.heard_at = reply.state, reply.at, now
            row.reason = reply.reason[:200].replace("\0", "")
            row.detail = reply.detail[:4000].replace("\0", "")
            moved.add(row.command)
    session.flush()
    return frozenset(moved)


def status(session: Session, command: str, *, now: datetime) -> Status:
    """Say how far a command has come, device by device. Raises NotFound."""
    row = session.get(Command, command)
    if row is None:
        raise NotFound("Không có lệnh này.")
    query = (
        select(CommandReply, Device.name)
        .join(Device)
        .where(CommandReply.command == command)
        .order_by(CommandReply.device)
    )
    answers = tuple(
        Answer(reply.device, name, reply.state, reply.reason, reply.detail)
        for reply, name in session.exec(query)
    )
    over = row.expires_at <= now or all(answer.state in _FINAL for answer in answers)
    return Status(row, answers, over)
