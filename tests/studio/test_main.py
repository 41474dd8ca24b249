"""`loa studio serve` as a process: it starts, says clearly when it cannot, and leaves nothing behind."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge_agent.wire import signing, topics
from edge_agent.wire.accounts import Hello, Presence
from edge_agent.wire.documents import Config, Welcome
from edge_agent.wire.link import Broker, Down, PahoLink, Received, Up
from edge_agent.wire.signing import Keyring
from studio import devices, enrolment, keys, log_in, users
from studio.db import create_engine, migrate, transaction
from studio.main import serve
from studio.models.users import LogInKind, Role
from studio.settings import BrokerSettings, StudioSettings
from studio.signals import Signals
from tests.support.mosquitto import binary, free_port

PATIENCE_S = 30.0
SERVE = """
import sys
from studio.main import serve
from studio.settings import StudioSettings

def ready(settings):
    print(f'{{"port": {settings.port}, "broker": {settings.broker.port}}}', flush=True)

sys.exit(serve(StudioSettings(), say=lambda line: print(line, flush=True), ready=ready))
"""


class Studio:
    """A studio in a process of its own."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self._environment = environment
        self.process: subprocess.Popen[str] | None = None
        self.said: dict[str, Any] = {}
        self.told: list[str] = []
        """What it told people before it was ready."""
        self.token = ""

    def initialise(self) -> keys.NewRoot:
        self.data.mkdir(parents=True)
        engine = create_engine(f"sqlite:///{self.data / 'studio.db'}")
        migrate(engine)
        with transaction(engine) as session:
            root = keys.initialise(session, self.data / "keys", now=datetime.now(UTC))
            devices.create(session, name="Loa 1", now=datetime.now(UTC))
            lan = users.create(
                session, name="lan", full_name="Lan", role=Role.OFFICER, now=datetime.now(UTC)
            ).user
            lan.must_change_password = False
            session.add(lan)
            self.token = log_in.start(
                session, lan, kind=LogInKind.TOKEN, settings=StudioSettings(), now=datetime.now(UTC)
            )
        engine.dispose()
        return root

    def run(self) -> None:
        given = {
            "LOA_STUDIO_DATA": str(self.data),
            "LOA_STUDIO_PORT": "0",
            "LOA_STUDIO_BROKER__PORT": "0",
            "LOA_STUDIO_SPEAKERS": "1",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE],
                env=os.environ | given | self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        return self.data.with_name("log")

    def start(self) -> None:
        self.run()
        assert self.process and self.process.stdout
        while not (line := self.process.stdout.readline()).startswith("{"):
            assert line, f"it did not start: {self.told}"
            self.told.append(line.strip())
        self.said = json.loads(line)

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.said['port']}"

    def descendants(self) -> set[int]:
        """Processes that name this studio's directory on their command line or in their environment."""
        found = set()
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal() and int(folder.name) != os.getpid():
                try:
                    text = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
                except OSError:
                    continue
                if str(self.data).encode() in text:
                    found.add(int(folder.name))
        return found


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    binary()
    made: list[Studio] = []

    def make(**environment: str) -> Studio:
        made.append(Studio(tmp_path / "data", **environment))
        return made[-1]

    yield make
    for each in made:
        if each.process is not None:
            if each.process.poll() is None:
                each.process.terminate()
                each.process.wait(PATIENCE_S)
            if each.process.stdout:
                each.process.stdout.close()


def nothing_runs(studio: Studio) -> bool:
    deadline = time.monotonic() + 10
    while studio.descendants() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not studio.descendants()


def upcoming(link: PahoLink, kind: type[Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        event = link.next_event(1.0)
        if isinstance(event, Received):
            link.acknowledge(event)
        if isinstance(event, kind):
            return event
    raise AssertionError(f"no {kind.__name__} came")


def test_a_box_enrols_says_hello_and_is_welcomed_and_the_studio_leaves_nothing_behind(
    studio: Callable[..., Studio],
) -> None:
    one = studio()
    root = one.initialise()
    one.start()
    assert "Đăng nhập" in httpx.get(f"{one.url}/dang-nhap").text
    engine = create_engine(f"sqlite:///{one.data / 'studio.db'}")
    with transaction(engine) as session:
        code = enrolment.new_code(session, "loa-1", now=datetime.now(UTC))
    engine.dispose()
    key = signing.new_key()
    told = httpx.post(
        f"{one.url}/api/v1/enrolments", json={"code": code, "key": signing.public_x(key), "version": "0.1.0"}
    ).json()
    access = told["broker"]
    assert access["port"] == one.said["broker"]
    link = PahoLink(Broker(access["host"], access["port"], "loa-1", access["username"], access["password"]))
    link.subscribe(topics.device("loa-1", "welcome"), topics.device("loa-1", "config"))
    link.open()
    try:
        upcoming(link, Up)
        config = upcoming(link, Received)
        ring = Keyring.pinned([root.x]).adopt(told["keys"].encode())
        assert ring.open(config.topic, config.payload, now=None).kind == "config"
        nonce = secrets.token_hex(8)
        hello = Hello(kind="hello", device="loa-1", nonce=nonce, journal="journal-1", last=0, version="0.1.0")
        link.publish(topics.of(hello), signing.sign(hello, key))
        while True:
            event = upcoming(link, Received)
            if event.topic.endswith("/welcome"):
                break
        welcome = ring.open(event.topic, event.payload, now=None)
        assert isinstance(welcome, Welcome)
        assert (welcome.nonce, list(welcome.plans)) == (nonce, ["loa-1"])
    finally:
        link.close()
    assert len(one.descendants()) >= 4, "studio, broker and two speakers"
    assert one.stop() == 0
    assert nothing_runs(one)


def test_a_deleted_box_that_was_away_is_told_to_fall_silent_and_only_then_thrown_out(
    studio: Callable[..., Studio],
) -> None:
    one = studio(LOA_STUDIO_SPEAKERS="0")
    root = one.initialise()
    one.start()
    engine = create_engine(f"sqlite:///{one.data / 'studio.db'}")
    with transaction(engine) as session:
        code = enrolment.new_code(session, "loa-1", now=datetime.now(UTC))
    key = signing.new_key()
    told = httpx.post(
        f"{one.url}/api/v1/enrolments", json={"code": code, "key": signing.public_x(key), "version": "0.1.0"}
    ).json()
    with transaction(engine) as session:
        devices.remove(session, "loa-1", now=datetime.now(UTC))
    engine.dispose()
    assert one.stop() == 0
    assert one.process and one.process.stdout
    one.process.stdout.close()
    one.start()  # its users are written anew
    ring = Keyring.pinned([root.x]).adopt(told["keys"].encode())
    password = told["broker"]["password"]
    link = PahoLink(Broker("127.0.0.1", one.said["broker"], "loa-1", "loa-1", password))
    link.subscribe(topics.device("loa-1", "config"))
    link.open()
    try:
        config = None
        while not isinstance(config, Config) or config.zones:
            event = upcoming(link, Received)
            config = ring.open(event.topic, event.payload, now=None)
        holds = Presence(kind="presence", device="loa-1", online=True, config=config.revision)
        link.publish(topics.of(holds), signing.sign(holds, key), retain=True)
        upcoming(link, Down)
        assert isinstance(link.next_event(PATIENCE_S), Down), "and its password is refused"
    finally:
        link.close()
    assert one.stop() == 0


def test_an_open_stream_does_not_hold_up_the_end(studio: Callable[..., Studio]) -> None:
    one = studio(LOA_STUDIO_SPEAKERS="0")
    one.initialise()
    one.start()
    with httpx.stream(
        "GET", f"{one.url}/api/v1/live?topics=device:*", headers={"Authorization": f"Bearer {one.token}"}
    ) as stream:
        assert stream.status_code == 200
        began = time.monotonic()
        assert one.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 5


def refused(settings: StudioSettings) -> str:
    said: list[str] = []
    assert serve(settings, say=said.append) == 1
    (line,) = said
    return line


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(StudioSettings(data=tmp_path, port=port))
        assert line.startswith(f"Cổng {port} đã có chương trình khác dùng")
        assert "LOA_STUDIO_PORT" in line


def test_a_taken_broker_port_is_one_clear_line(tmp_path: Path) -> None:
    binary()
    Studio(tmp_path / "data").initialise()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = StudioSettings(
            data=tmp_path / "data", port=0, broker=BrokerSettings(port=taken.getsockname()[1]), speakers=0
        )
        assert "LOA_STUDIO_BROKER__PORT" in refused(settings)


def test_before_init_it_says_what_to_run(tmp_path: Path) -> None:
    line = refused(StudioSettings(data=tmp_path / "data", port=0))
    assert line == "Phòng thu chưa có khóa ký. Hãy chạy: loa studio init"


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file/data") in refused(StudioSettings(data=tmp_path / "file/data", port=0))


@pytest.mark.parametrize(
    ("broker", "named"),
    [
        ({"password_file": "none"}, "LOA_STUDIO_BROKER__PASSWORD_FILE"),
        ({"tls": True, "ca_file": "none"}, "LOA_STUDIO_BROKER__CA_FILE"),
        ({"tls": True, "ca_file": "no-pem"}, "LOA_STUDIO_BROKER__CA_FILE"),
    ],
)
def test_a_file_for_the_broker_outside_that_cannot_be_read_is_named(
    tmp_path: Path, broker: dict[str, Any], named: str
) -> None:
    Studio(tmp_path / "data").initialise()
    (tmp_path / "no-pem").write_text("không phải chứng thư")
    files = {name: str(tmp_path / each) for name, each in broker.items() if name.endswith("_file")}
    outside = BrokerSettings.model_validate({"embedded": False, "port": 1} | broker | files)
    line = refused(StudioSettings(data=tmp_path / "data", port=0, speakers=0, broker=outside))
    assert named in line
    assert next(iter(files.values())) in line


def test_a_database_that_cannot_be_opened_is_named_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://loa:mat-khau@127.0.0.1:{free_port()}/loa"
    line = refused(StudioSettings(data=tmp_path, database=url, port=0))
    assert line.startswith("Không mở được cơ sở dữ liệu postgresql")
    assert "mat-khau" not in line
    spoilt = tmp_path / "spoilt.db"
    spoilt.write_text("đây không phải cơ sở dữ liệu")
    assert str(spoilt) in refused(StudioSettings(data=tmp_path, database=f"sqlite:///{spoilt}", port=0))


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    one = Studio(tmp_path / "data")
    one.initialise()
    engine = create_engine(f"sqlite:///{one.data / 'studio.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    assert "bản Loa mới hơn" in refused(StudioSettings(data=one.data, port=0))


def test_with_the_broker_away_pages_are_served(studio: Callable[..., Studio]) -> None:
    port = free_port()
    one = studio(
        LOA_STUDIO_BROKER__EMBEDDED="false", LOA_STUDIO_BROKER__PORT=str(port), LOA_STUDIO_SPEAKERS="0"
    )
    one.initialise()
    one.start()
    assert httpx.get(f"{one.url}/dang-nhap").status_code == 200
    assert one.process and one.process.stdout
    line = one.told[0] if one.told else one.process.stdout.readline()
    assert line.startswith(f"Chưa kết nối được máy chủ MQTT ở 127.0.0.1:{port}"), line
    assert one.stop() == 0
    assert one.process.stdout.read() == "", "it is said once, and a farewell is no trouble"


def test_ctrl_c_in_a_terminal_ends_it_without_a_word_of_fault(studio: Callable[..., Studio]) -> None:
    one = studio()
    one.initialise()
    one.start()
    assert one.process
    deadline = time.monotonic() + PATIENCE_S
    while len(one.descendants()) < 4:
        assert time.monotonic() < deadline, "studio, broker and two speakers"
        time.sleep(0.05)
    time.sleep(1)  # until the speakers have loaded: before that they would end in silence
    os.killpg(one.process.pid, signal.SIGINT)
    assert one.process.wait(PATIENCE_S) == 0
    assert nothing_runs(one)
    assert one.log.read_text() == ""


def test_only_the_first_signal_interrupts_so_that_the_clean_up_is_done() -> None:
    cleaned = []
    with Signals().taken():
        try:
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
            cleaned.append("all")
    assert cleaned == ["all"]


def test_a_broker_that_was_killed_and_wiped_is_told_everything_again(studio: Callable[..., Studio]) -> None:
    one = studio(LOA_STUDIO_SPEAKERS="0")
    one.initialise()
    one.start()
    password = (one.data / "broker/studio.password").read_text()
    link = PahoLink(Broker("127.0.0.1", one.said["broker"], "watcher", "studio", password))
    link.subscribe(topics.device("loa-1", "config"))
    link.open()
    try:
        first = upcoming(link, Received)
        os.kill(int((one.data / "broker/mosquitto.pid").read_text()), signal.SIGKILL)
        (one.data / "broker/mosquitto.db").unlink(missing_ok=True)
        upcoming(link, Down)
        again = upcoming(link, Received)
        assert (again.topic, again.retained) == (first.topic, True)
    finally:
        link.close()
    assert one.stop() == 0
    assert nothing_runs(one)


def test_after_a_kill_the_next_start_finds_its_port_again(studio: Callable[..., Studio]) -> None:
    one = studio(LOA_STUDIO_SPEAKERS="0")
    one.initialise()
    one.start()
    port = one.said["broker"]
    assert one.process and one.process.stdout
    one.process.kill()
    one.process.wait(PATIENCE_S)
    one.process.stdout.close()
    one.start()
    assert one.said["broker"] == port
    assert one.stop() == 0
    assert nothing_runs(one)
