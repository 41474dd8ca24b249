"""The studio's keys: a root that lies in a safe, signers that speak for the studio, and the epoch of revisions."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from joserfc.jwk import OKPKey
from sqlalchemy import func, update
from sqlmodel import Session, col, select

from edge_agent.wire import signing
from edge_agent.wire.documents import KeyList, Signer
from edge_agent.wire.errors import WireError
from edge_agent.wire.words import Message, Revision
from studio.errors import Conflict, Invalid
from studio.models.keys import RootKey, SignedKeyList, SignerKey, StudioState
from studio.models.places import Device, Zone

_NOT_YET = "Phòng thu chưa có khóa ký. Hãy chạy: loa studio init"


@dataclass(frozen=True)
class NewRoot:
    """A root key just made. `private` is shown once, for the safe; nobody keeps it."""

    kid: str
    x: str
    private: str
    """JWK text of the whole pair: what `renew_key_list` asks for again."""


@dataclass(frozen=True)
class Seal:
    """What the studio signs with, and the key list that makes devices believe it."""

    epoch: int
    key: OKPKey
    roots: tuple[str, ...]
    """Public halves (`x`) of the roots, for boxes that are being enrolled."""
    key_list: str
    """The newest KeyList, a JWS signed by a root."""

    def sign(self, message: Message) -> bytes:
        """Make the JWS of a message."""
        return signing.sign(message, self.key)

    def revision(self, n: int) -> Revision:
        """The revision `n` of this studio's epoch."""
        return Revision(self.epoch, n)


def initialise(session: Session, directory: Path, *, now: datetime) -> NewRoot:
    """Make a root, a signer for everything (its private half in `directory`), and the first key list.

    Raises Conflict if there is a root already: devices in the field would not believe a new one.
    """
    if session.exec(select(RootKey)).first() is not None:
        raise Conflict(
            "Phòng thu này đã có khóa gốc; tạo khóa mới thì các cụm loa đã ghi danh sẽ không nghe nữa."
        )
    root = signing.new_key()
    new = NewRoot(signing.kid(root), signing.public_x(root), signing.private_text(root))
    session.add(StudioState(id=1, epoch=1))
    session.add(RootKey(kid=new.kid, x=new.x, created_at=now))
    _new_signer(session, directory, now=now)
    session.flush()
    _sign_key_list(session, root, now=now)
    return new


def renew_key_list(
    session: Session,
    directory: Path,
    *,
    root: str,
    now: datetime,
    new_signer: bool = False,
    revoke: Collection[str] = (),
) -> None:
    """Sign a new key list with the root from the safe, and send it to every device with its config.

    `root` is the JWK text printed by init; `revoke` names signers (kid) that hold no more:
    then all plans are signed anew.
    Raises Invalid if the root is not ours, or if nobody would be left to sign.
    """
    try:
        key = signing.private_key(root)
    except WireError as error:
        raise Invalid(
            "Đây không phải khóa gốc. Hãy nhập nguyên văn dòng đã in khi khởi tạo.", field="root"
        ) from error
    if session.get(RootKey, signing.kid(key)) is None:
        raise Invalid(f"Khóa gốc {signing.kid(key)} không thuộc phòng thu này.", field="root")
    for kid in revoke:
        signer = session.get(SignerKey, kid)
        if signer is None:
            raise Invalid(f"Không có khóa ký {kid}.", field="revoke")
        signer.revoked_at = signer.revoked_at or now
    if new_signer:
        _new_signer(session, directory, now=now)
    session.flush()
    if _signer_in_force(session) is None:
        raise Invalid("Thu hồi như vậy thì không còn khóa nào để ký. Hãy tạo thêm khóa mới.", field="revoke")
    _sign_key_list(session, key, now=now)
    session.exec(update(Device).values(config_n=col(Device.config_n) + 1))
    if revoke:  # what such a key has signed would be refused by every box that has to read it again
        session.exec(update(Zone).values(plan_n=col(Zone.plan_n) + 1))
        session.exec(
            update(Zone).where(col(Zone.emergency_n) > 0).values(emergency_n=col(Zone.emergency_n) + 1)
        )


def raise_epoch(session: Session) -> int:
    """Begin a new epoch, after a backup was restored: everything is published again, above all that was said."""
    state = _state(session)
    state.epoch += 1
    session.exec(update(Zone).values(published_plan_n=0, published_emergency_n=0))
    session.exec(update(Device).values(published_config_n=0))
    session.flush()
    return state.epoch


def load(session: Session, directory: Path) -> Seal:
    """Read what is needed to sign. Raises Conflict before `initialise`, or if the signer's file is not there."""
    epoch = _state(session).epoch
    signer = _signer_in_force(session)
    newest = session.exec(
        select(SignedKeyList).order_by(col(SignedKeyList.epoch).desc(), col(SignedKeyList.n).desc())
    ).first()
    if signer is None or newest is None:
        raise Conflict(_NOT_YET)
    try:
        key = signing.private_key(_file(directory, signer.kid).read_text())
    except (OSError, WireError) as error:
        raise Conflict(
            f"Không đọc được khóa ký ở {_file(directory, signer.kid)}. Hãy khôi phục tệp này từ bản sao lưu."
        ) from error
    roots = session.exec(select(RootKey.x).order_by(col(RootKey.created_at)))
    return Seal(epoch, key, tuple(roots), newest.jws)


def root_kid(session: Session) -> str:
    """Name of the root that new boxes are to pin. Raises Conflict before `initialise`."""
    kid = session.exec(select(RootKey.kid).order_by(col(RootKey.created_at).desc())).first()
    if kid is None:
        raise Conflict(_NOT_YET)
    return kid


def epoch(session: Session) -> int:
    """First half of every revision. Raises Conflict before `initialise`."""
    return _state(session).epoch


def _state(session: Session) -> StudioState:
    state = session.get(StudioState, 1)
    if state is None:
        raise Conflict(_NOT_YET)
    return state


def _signer_in_force(session: Session) -> SignerKey | None:
    newest_first = col(SignerKey.created_at).desc()
    return session.exec(
        select(SignerKey).where(col(SignerKey.revoked_at).is_(None)).order_by(newest_first)
    ).first()


def _new_signer(session: Session, directory: Path, *, now: datetime) -> None:
    key = signing.new_key()
    kid = signing.kid(key)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(_file(directory, kid), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(signing.private_text(key))
        file.flush()
        os.fsync(file.fileno())
    session.add(SignerKey(kid=kid, x=signing.public_x(key), zones=["*"], devices=["*"], created_at=now))


def _sign_key_list(session: Session, root: OKPKey, *, now: datetime) -> None:
    of = epoch(session)
    n = session.exec(select(func.max(SignedKeyList.n)).where(SignedKeyList.epoch == of)).one() or 0
    signers = session.exec(select(SignerKey).order_by(col(SignerKey.created_at))).all()
    told = KeyList(
        kind="keys",
        revision=Revision(of, n + 1),
        issued_at=now,
        signers=tuple(
            Signer(kid=s.kid, x=s.x, zones=tuple(s.zones), devices=tuple(s.devices), until=s.until)
            for s in signers
            if s.revoked_at is None
        ),
        revoked=tuple(s.kid for s in signers if s.revoked_at is not None),
    )
    session.add(SignedKeyList(epoch=of, n=n + 1, jws=signing.sign(told, root).decode(), created_at=now))
    session.flush()


def _file(directory: Path, kid: str) -> Path:
    return directory / f"{kid}.jwk"
