"""Enrolment: how a box at the desk becomes a device of this studio, with one short code that works once."""

import hashlib
import secrets
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from edge_agent.wire.errors import WireError
from edge_agent.wire.signing import public_key
from studio import devices, keys
from studio.errors import Conflict, Forbidden, Invalid, TooMany
from studio.models.places import Device

CODE_LASTS = timedelta(hours=24)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else on a label
_CODE_LENGTH = 10


@dataclass(frozen=True)
class Enrolled:
    """A device that has just been enrolled, and the broker password that is shown this once."""

    device: Device
    password: str


class Throttle:
    """Counts wrong codes by address, in memory: after `most` in `window` an address has to wait."""

    def __init__(self, *, most: int = 10, window: timedelta = timedelta(minutes=15)) -> None:
        self._most, self._window = most, window
        self._wrong: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._lock = threading.Lock()

    @property
    def remembered(self) -> int:
        """How many addresses are remembered."""
        return len(self._wrong)

    def check(self, address: str, *, now: datetime) -> None:
        """Raise TooMany if this address has to wait."""
        with self._lock:
            wrong = self._wrong[address]
            while wrong and now - wrong[0] >= self._window:
                wrong.popleft()
            if not wrong:
                del self._wrong[address]
            elif len(wrong) >= self._most:
                raise TooMany("Nhập sai mã ghi danh quá nhiều lần. Hãy đợi 15 phút rồi thử lại.")

    def wrong(self, address: str, *, now: datetime) -> None:
        """Count a wrong code, and forget the addresses that have waited long enough."""
        with self._lock:
            self._wrong[address].append(now)
            # The address that was wrong last stands last: no more is looked at than is forgotten.
            self._wrong[address] = self._wrong.pop(address)
            while now - self._wrong[oldest := next(iter(self._wrong))][-1] >= self._window:
                del self._wrong[oldest]


def new_code(session: Session, device: str, *, now: datetime) -> str:
    """Make the one-time code `<10 characters>.<kid of the root>` of a device; an earlier one holds no more.

    An enrolled device may be given a new code: its old key holds until the new one is enrolled.
    Raises NotFound, or Conflict before `loa studio init`.
    """
    row = devices.get(session, device, to_change=True)
    kid = keys.root_kid(session)
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    row.enrolment_hash = _hash(code)
    row.enrolment_expires_at = now + CODE_LASTS
    session.flush()
    return f"{code}.{kid}"


def enrol(
    session: Session, *, code: str, key: str, now: datetime, hash_password: Callable[[str], str]
) -> Enrolled:
    """Take the box that knows `code` as a device: keep its public key, give it a password for the broker.

    The code is used up. `hash_password` makes what the broker compares with.
    Raises Forbidden for a wrong, used or expired code, Invalid for what is no key, Conflict for a key that another
    device has.
    """
    try:
        public_key(key)
    except WireError as error:
        raise Invalid("Khóa công khai của cụm loa không hợp lệ.", field="key") from error
    asked = select(Device).where(Device.enrolment_hash == _hash(code))
    row = session.exec(asked.with_for_update()).first()  # two boxes with one code: only one gets in
    if row is None or row.deleted_at is not None:
        raise Forbidden("Mã ghi danh không đúng hoặc đã được dùng. Hãy xin mã mới ở phòng thu.", field="code")
    if row.enrolment_expires_at is None or row.enrolment_expires_at <= now:
        raise Forbidden("Mã ghi danh đã hết hạn (24 giờ). Hãy xin mã mới ở phòng thu.", field="code")
    others = select(Device.id).where(
        Device.key_x == key, Device.id != row.id, col(Device.deleted_at).is_(None)
    )
    other = session.exec(others).first()
    if other is not None:
        raise Conflict(f"Khóa này đã thuộc về cụm loa {other}. Mỗi hộp phải tự tạo khóa riêng.", field="key")
    password = secrets.token_urlsafe(24)
    row.key_x, row.broker_password, row.enrolled_at = key, hash_password(password), now
    row.enrolment_hash = row.enrolment_expires_at = None
    row.config_n += 1
    session.flush()
    return Enrolled(row, password)


def _hash(code: str) -> str:
    # 50 random bits that live a day and are asked for at most forty times an hour: no slow hash is needed.
    return hashlib.sha256(code.strip().partition(".")[0].lower().encode()).hexdigest()
