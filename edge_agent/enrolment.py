"""How a box joins: with a one-time code of its studio and a key it makes itself.

The code is `<10 characters>.<kid of the root key>`: whoever gives it to the technician also names the root that the box
is to pin, so a false studio on the way cannot put itself in its place.
"""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge_agent.durable import Durable
from edge_agent.post import Identity
from edge_agent.wire import topics
from edge_agent.wire.documents import Config
from edge_agent.wire.errors import WireError
from edge_agent.wire.link import UNACKNOWLEDGED_BY_A_BOX, Broker
from edge_agent.wire.signing import Keyring, kid, new_key, private_key, private_text, public_key, public_x
from edge_agent.wire.words import DeviceId


class EnrolmentError(Exception):
    """The box could not be enrolled, or is not. In Vietnamese, naming what to mend."""


class BrokerAddress(BaseModel):
    """Where the broker is, and who the box is to it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    host: str
    port: int = Field(gt=0, lt=65536)
    username: str = ""
    password: str = ""
    tls_ca_pem: str | None = None


class Enrolled(BaseModel):
    """What the studio answers to a code, and what is kept of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    device: DeviceId
    broker: BrokerAddress
    roots: tuple[str, ...] = Field(min_length=1)
    keys: str = ""
    config: str = ""


@dataclass(frozen=True)
class Home:
    """Where things lie in the state directory."""

    folder: Path

    @property
    def enrolment(self) -> Path:
        """Device, broker and pinned roots."""
        return self.folder / "enrolment.json"

    @property
    def key(self) -> Path:
        """The private key of the box."""
        return self.folder / "key.json"

    @property
    def tls_ca(self) -> Path:
        """The CA of the broker, where it has one of its own."""
        return self.folder / "broker-ca.pem"

    @property
    def journal(self) -> Path:
        """The journal."""
        return self.folder / "journal.db"

    @property
    def documents(self) -> Path:
        """What the studio said."""
        return self.folder / "documents"

    @property
    def sounds(self) -> Path:
        """The cache of sounds."""
        return self.folder / "sounds"

    @property
    def clock(self) -> Path:
        """What is known of the time."""
        return self.folder / "clock.json"

    @property
    def socket(self) -> Path:
        """The box's own door."""
        return self.folder / "control.sock"

    @property
    def lock(self) -> Path:
        """Held by the one agent that runs here."""
        return self.folder / "lock"


def enrol(home: Home, studio: str, code: str, *, version: str, again: bool, client: httpx.Client) -> Enrolled:
    """Ask the studio at `studio` (its address) to take this box in, and keep the answer. Raises EnrolmentError."""
    secret, _, root = code.strip().partition(".")
    if not secret or not root:
        raise EnrolmentError("mã ghi danh không đúng dạng <10 ký tự>.<tên khóa gốc>; hãy chép lại cả mã")
    _check_home(home, again=again)
    key = new_key()
    answer = _ask(studio, {"code": secret, "key": public_x(key), "version": version}, client)
    # All of it is looked at before anything is written: a bad answer leaves the box as it was.
    enrolled = _pinned(answer, root)
    _check_documents(enrolled)
    keep(home, enrolled, private_text(key))
    return enrolled


def keep(home: Home, enrolled: Enrolled, key_text: str) -> None:
    """Write what an enrolment gave; the file that says «enrolled» comes last. Raises EnrolmentError."""
    durable = Durable()
    try:
        home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.folder.chmod(0o700)
        home.documents.mkdir(mode=0o700, exist_ok=True)
        for old in home.documents.iterdir():
            old.unlink()  # another studio's documents and marks
        durable.write(home.key, key_text.encode(), "enrol")
        for path, text in (
            (home.documents / "keys.jws", enrolled.keys),
            (home.documents / "config.jws", enrolled.config),
            (home.tls_ca, enrolled.broker.tls_ca_pem or ""),
        ):
            if text:
                durable.write(path, text.encode(), "enrol")
        kept = enrolled.model_dump(mode="json", exclude={"keys", "config"})
        durable.write(home.enrolment, json.dumps(kept, ensure_ascii=False, indent=1).encode(), "enrol")
    except OSError as error:
        raise EnrolmentError(f"không ghi được vào {home.folder}: {error.strerror}") from error


def read(home: Home, *, version: str) -> tuple[Enrolled, Identity]:
    """Who this box is. Raises EnrolmentError where it is not enrolled, or its files cannot be read."""
    try:
        enrolled = Enrolled.model_validate_json(home.enrolment.read_bytes())
        key = private_key(home.key.read_text())
        Keyring.pinned(enrolled.roots)
    except FileNotFoundError as error:
        raise EnrolmentError(
            "thiết bị chưa ghi danh; hãy chạy «loa-agent enrol --studio ĐỊA_CHỈ --code MÃ»"
        ) from error
    except PermissionError as error:
        raise EnrolmentError(f"không có quyền đọc {error.filename}") from error
    except (OSError, ValidationError, WireError) as error:
        raise EnrolmentError(
            f"tệp ghi danh trong {home.folder} bị hỏng; hãy ghi danh lại với --again"
        ) from error
    return enrolled, Identity(enrolled.device, key, version)


def broker(home: Home, enrolled: Enrolled) -> Broker:
    """The broker as the link wants it."""
    b = enrolled.broker
    return Broker(
        host=b.host,
        port=b.port,
        client_id=enrolled.device,
        username=b.username,
        password=b.password,
        tls_ca=home.tls_ca if b.tls_ca_pem else None,
        unacknowledged=UNACKNOWLEDGED_BY_A_BOX,
    )


def hold(home: Home) -> int:
    """Take the lock of the one agent in `home`, until the descriptor is closed. Raises BlockingIOError: it is taken."""
    descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _check_home(home: Home, *, again: bool) -> None:
    """See that the answer can be kept before the code is used up. Raises EnrolmentError."""
    try:
        there = next(each for each in (home.folder, *home.folder.parents) if each.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise EnrolmentError(
                f"không ghi được vào {home.folder}; hãy chạy bằng người dùng của tác tử hoặc sudo"
            )
        if home.enrolment.exists() and not again:
            raise EnrolmentError(f"thiết bị đã ghi danh ({home.enrolment}); thêm --again để ghi danh lại")
        if home.lock.exists():
            os.close(hold(home))
    except BlockingIOError as error:
        raise EnrolmentError(
            f"tác tử đang chạy trong {home.folder}; hãy dừng nó rồi mới ghi danh lại"
        ) from error
    except OSError as error:
        raise EnrolmentError(f"không dùng được thư mục {home.folder}: {error.strerror}") from error


def _ask(studio: str, question: dict[str, str], client: httpx.Client) -> Enrolled:
    try:
        answer = client.post(f"{studio.rstrip('/')}/api/v1/enrolments", json=question)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # ValueError: a host that is no name
        raise EnrolmentError(f"không nối được với phòng thu tại {studio}: {error}") from error
    if answer.status_code != httpx.codes.CREATED:
        raise EnrolmentError(f"phòng thu từ chối ghi danh: {_detail(answer)}")
    try:
        return Enrolled.model_validate_json(answer.content)
    except ValidationError as error:
        raise EnrolmentError("phòng thu trả lời không hiểu được; hãy xem lại địa chỉ --studio") from error


def _detail(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem.get("detail") or problem.get("title") or answer.status_code)
    except (ValueError, AttributeError):
        return f"mã lỗi {answer.status_code}"


def _pinned(enrolled: Enrolled, root: str) -> Enrolled:
    """Keep the root that the code names, and no other. Raises EnrolmentError where it is not among them."""
    try:
        named = tuple(x for x in enrolled.roots if kid(public_key(x)) == root)
    except WireError as error:
        raise EnrolmentError(f"khóa gốc phòng thu đưa ra không hợp lệ: {error}") from error
    if not named:
        raise EnrolmentError(
            "khóa gốc phòng thu đưa ra không phải khóa ghi trong mã: có thể có kẻ giả phòng thu. "
            "Không ghi danh; hãy báo người quản trị"
        )
    return enrolled.model_copy(update={"roots": named})


def _check_documents(enrolled: Enrolled) -> None:
    topic = topics.device(enrolled.device, "config")
    try:
        ring = Keyring.pinned(enrolled.roots)
        if enrolled.keys:
            ring = ring.adopt(enrolled.keys.encode())
        document = ring.open(topic, enrolled.config.encode(), now=None) if enrolled.config else None
    except WireError as error:
        raise EnrolmentError(f"khóa hoặc cấu hình phòng thu đưa ra không hợp lệ: {error}") from error
    if document is not None and not isinstance(document, Config):
        raise EnrolmentError("cấu hình phòng thu đưa ra không phải là cấu hình")
