"""The embedded broker: a Mosquitto of our own, started, watched and ended by `loa studio serve`.

Uses nothing that Debian 12's 2.0.11 lacks. An external broker needs only settings.
"""

import base64
import contextlib
import getpass
import hashlib
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlmodel import Session, col, select

from edge_agent.wire import topics
from studio.errors import Conflict
from studio.models.places import Device

log = logging.getLogger(__name__)

START_S = 10.0
"""How long the broker may take until it answers."""
_ITERATIONS = 101  # Mosquitto's own default; the passwords are 190 random bits, so stretching buys nothing
_DEVICE_WRITES = ("hello", "presence", "report", "reply")


def hash_password(password: str) -> str:
    """Hash a random password as Mosquitto's `password_file` wants it: `$7$`, PBKDF2 with SHA-512."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def passwords(session: Session) -> dict[str, str]:
    """User name and password hash of every device that is enrolled, or deleted and not told yet (`farewells`)."""
    query = select(Device.id, Device.broker_password).where(col(Device.broker_password).is_not(None))
    return {device: str(password) for device, password in session.exec(query)}


def acl(studio_user: str) -> str:
    """Who may say and hear what: the rights of design.md §3, as Mosquitto's `acl_file`."""
    return "\n".join(
        [
            f"user {studio_user}",
            f"topic readwrite {topics.ROOT}/#",
            f"pattern read {topics.ROOT}/zone/+/#",
            f"pattern read {topics.ROOT}/device/%u/#",
            *(f"pattern write {topics.ROOT}/device/%u/{what}" for what in _DEVICE_WRITES),
            "",
        ]
    )


def find() -> tuple[Path, dict[str, str]]:
    """Where Mosquitto is, and the environment it needs. Raises Conflict, naming how to get it."""
    beside = Path(sys.prefix)
    found = shutil.which("mosquitto") or shutil.which(
        "mosquitto", path=f"{beside / 'bin'}:/usr/sbin:/usr/local/sbin"
    )
    if found is not None:
        return Path(found), {}
    unpacked = beside / "debian/usr/sbin/mosquitto"  # by `apt-get download` and `dpkg -x`, without root
    if unpacked.is_file():
        libraries = [*beside.glob("debian/usr/lib/*-linux-gnu*"), *beside.glob("debian/lib/*-linux-gnu*")]
        return unpacked, {"LD_LIBRARY_PATH": ":".join(map(str, libraries))}
    raise Conflict(
        "Chưa có Mosquitto trên máy này. Hãy chạy: sudo apt install mosquitto "
        "(hoặc khai báo broker có sẵn bằng LOA_STUDIO_BROKER__EMBEDDED=false và LOA_STUDIO_BROKER__HOST)."
    )


class EmbeddedBroker:
    """One Mosquitto; everything of it lies in `directory`. Starts again by itself when it dies."""

    def __init__(self, directory: Path, *, host: str, port: int, user: str) -> None:
        """`port` 0 takes a free one, and keeps it for later starts: boxes in the field remember it."""
        self._directory, self._host, self._user = directory, host, user
        self._wanted_port = port
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: threading.Thread | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    @property
    def password(self) -> str:
        """The studio's own password, made once, in a file only its owner reads."""
        file = self._directory / "studio.password"
        if not file.exists():
            _write_secret(file, secrets.token_urlsafe(24))
        return file.read_text()

    def start(self, devices: Mapping[str, str]) -> None:
        """Start it with these users (`passwords`), and return when it answers.

        Raises Conflict if Mosquitto is missing or cannot start, or if the port is taken.
        """
        binary, environment = find()
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._end_orphan()
        self.port = self._choose_port()
        self._write_users(devices)
        self._write_configuration()
        self._bring_up(binary, environment)
        self._watcher = threading.Thread(
            target=self._watch, args=(binary, environment), name="broker", daemon=True
        )
        self._watcher.start()

    def users_changed(self, devices: Callable[[], Mapping[str, str]]) -> None:
        """Take over who may log in now: asked, written, then told to the running broker.

        Any number of threads may call it after their commits: the last to write has asked after all of them.
        """
        with self._lock:
            self._write_users(devices())
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it, and wait until it has ended. Harmless if it does not run."""
        self._stopping.set()
        with self._lock:
            if self._process is not None:
                _end(self._process)
        if self._watcher is not None:
            self._watcher.join(START_S)
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return self._directory / "mosquitto.pid"

    @property
    def _configuration(self) -> Path:
        return self._directory / "mosquitto.conf"

    def _choose_port(self) -> int:
        remembered = self._directory / "port"
        port = self._wanted_port
        if port == 0 and remembered.exists():
            port = int(remembered.read_text())
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._host, port))
            except OSError as error:
                raise Conflict(
                    f"Cổng {port} của broker MQTT đã có chương trình khác dùng (hoặc không mở được {self._host}). "
                    "Hãy tắt chương trình đó, hoặc đặt LOA_STUDIO_BROKER__PORT sang cổng khác."
                ) from error
            port = int(probe.getsockname()[1])
        remembered.write_text(str(port))
        return port

    def _write_users(self, devices: Mapping[str, str]) -> None:
        users = {name: hashed for name, hashed in devices.items() if name != self._user}
        users[self._user] = hash_password(self.password)
        _write_secret(
            self._directory / "passwords", "".join(f"{name}:{hashed}\n" for name, hashed in users.items())
        )

    def _write_configuration(self) -> None:
        folder = self._directory
        _write_secret(folder / "acl", acl(self._user))
        lines = [
            f"listener {self.port} {self._host}",
            # Started by root it would become `mosquitto` and could read nothing here.
            f"user {getpass.getuser()}",
            "allow_anonymous false",
            f"password_file {folder / 'passwords'}",
            f"acl_file {folder / 'acl'}",
            "persistence true",
            f"persistence_location {folder}/",
            # Its default saves now and then: a kill -9 would lose retained plans.
            "autosave_on_changes true",
            "autosave_interval 1",
            # A whole province reports in the same second.
            "max_queued_messages 200000",
            "max_inflight_messages 1000",
            # Else Nagle's algorithm keeps a small message back for 40 ms, a receipt or a stop among them.
            "set_tcp_nodelay true",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            "",
        ]
        self._configuration.write_text("\n".join(lines))

    def _bring_up(self, binary: Path, environment: Mapping[str, str]) -> None:
        """Launch it, if need be without what it had retained: the studio says all that again."""
        try:
            self._launch(binary, environment)
        except Conflict as error:
            kept = self._directory / "mosquitto.db"
            if not kept.exists():
                raise
            log.warning("%s; once more without %s", error, kept)
            kept.replace(kept.with_suffix(".db.spoilt"))
            self._launch(binary, environment)

    def _launch(self, binary: Path, environment: Mapping[str, str]) -> None:
        said = self._directory / "mosquitto.log"
        with self._lock, said.open("wb") as output:
            if self._stopping.is_set():
                return
            self._process = subprocess.Popen(
                [str(binary), "-c", str(self._configuration)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | environment,
                start_new_session=True,  # Ctrl-C is for us: the broker ends last
            )
            process = self._process
        self._pid_file.write_text(str(process.pid))
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection((self._reach, self.port), timeout=0.2),
            ):
                return
            time.sleep(0.01)
        _end(process)
        last = said.read_text(errors="replace").strip().splitlines()[-1:] or ["không rõ lý do"]
        raise Conflict(f"Broker MQTT (Mosquitto) không khởi động được: {last[0]}")

    @property
    def _reach(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104

    def _watch(self, binary: Path, environment: Mapping[str, str]) -> None:
        while not self._stopping.is_set():
            process = self._process
            assert process is not None
            process.wait()
            if self._stopping.is_set():
                return
            log.error("the broker ended with %s and is started again", process.returncode)
            try:
                self._bring_up(binary, environment)
            except (Conflict, OSError):
                log.exception("the broker cannot be started; tried again")
                self._stopping.wait(2.0)

    def _end_orphan(self) -> None:
        """End a broker of ours that a killed studio has left behind; it would hold the port."""
        pid = self._orphan()
        if pid is None:
            return
        log.warning("ending the broker %d that an earlier studio left behind", pid)
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._orphan() is not None:
            time.sleep(0.02)

    def _orphan(self) -> int | None:
        """The process of such a broker; one that has ended and waits for its parent's look has no command line."""
        try:
            pid = int(self._pid_file.read_text())
            ours = str(self._configuration).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if ours else None


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(START_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _write_secret(file: Path, text: str) -> None:
    """Replace a file that only its owner may read, at once or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # 0600 from the start
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(text)
        part.replace(file)
    except BaseException:
        part.unlink()
        raise
