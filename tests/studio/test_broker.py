"""The embedded broker, a real Mosquitto: who may say what, and that it comes back."""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.wire import topics
from edge_agent.wire.link import Broker, Down, PahoLink, Received, Up
from studio import broker
from studio.broker import EmbeddedBroker
from studio.errors import Conflict
from tests.support.mosquitto import binary, free_port

PATIENCE_S = 10.0
DEVICES = {"loa-1": "mot hai ba", "loa-2": "bon nam sau"}
Opener = Callable[..., PahoLink]


@pytest.fixture
def hashes() -> dict[str, str]:
    return {name: broker.hash_password(password) for name, password in DEVICES.items()}


@pytest.fixture
def embedded(tmp_path: Path, hashes: dict[str, str]) -> Iterator[EmbeddedBroker]:
    binary()  # a skip without Mosquitto, a failure under CI
    one = EmbeddedBroker(tmp_path / "broker", host="127.0.0.1", port=0, user="studio")
    one.start(hashes)
    yield one
    one.stop()


@pytest.fixture
def opened(embedded: EmbeddedBroker) -> Iterator[Opener]:
    links: list[PahoLink] = []

    def open_link(user: str, password: str, *patterns: str, expect: type[Up | Down] = Up) -> PahoLink:
        link = PahoLink(Broker("127.0.0.1", embedded.port, f"{user}-{len(links)}", user, password))
        links.append(link)
        link.subscribe(*patterns)
        link.open()
        assert isinstance(link.next_event(PATIENCE_S), expect)
        return link

    yield open_link
    for link in links:
        link.close()


def heard(link: PahoLink) -> list[tuple[str, bytes]]:
    """Everything up to the word «end» on a topic that the studio may write."""
    found: list[tuple[str, bytes]] = []
    while True:
        event = link.next_event(PATIENCE_S)
        assert event is not None, f"nothing more came after {found}"
        if isinstance(event, Received):
            link.acknowledge(event)
            if event.payload == b"end":
                return found
            found.append((event.topic, event.payload))


def test_a_device_says_its_own_words_and_nobody_elses(embedded: EmbeddedBroker, opened: Opener) -> None:
    studio = opened("studio", embedded.password, "loa/v1/#")
    box = opened("loa-1", DEVICES["loa-1"])
    own = [topics.device("loa-1", what) for what in ("hello", "presence", "report", "reply")]
    foreign = [
        topics.device("loa-2", "report"),
        topics.device("loa-1", "config"),
        topics.device("loa-1", "welcome"),
        topics.device("loa-1", "command"),
        topics.plan("ap-1"),
        topics.emergency("ap-1"),
        topics.zone_command("ap-1"),
    ]
    for topic in foreign + own:
        assert box.publish(topic, b"x").wait(PATIENCE_S), "MQTT 5 acknowledges also what it refuses"
    studio.publish(topics.plan("end"), b"end")
    assert [topic for topic, _ in heard(studio)] == own


def test_a_device_hears_its_zones_and_itself_and_no_other_device(
    embedded: EmbeddedBroker, opened: Opener
) -> None:
    box = opened(
        "loa-1", DEVICES["loa-1"], "loa/v1/zone/+/plan", "loa/v1/device/+/config", "loa/v1/device/+/report"
    )
    studio = opened("studio", embedded.password)
    other = opened("loa-2", DEVICES["loa-2"])
    assert other.publish(topics.device("loa-2", "report"), b"x").wait(PATIENCE_S)
    for topic in (topics.device("loa-2", "config"), topics.device("loa-1", "config"), topics.plan("ap-1")):
        assert studio.publish(topic, b"x").wait(PATIENCE_S)
    studio.publish(topics.plan("end"), b"end")
    assert [topic for topic, _ in heard(box)] == [topics.device("loa-1", "config"), topics.plan("ap-1")]


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("loa-1", "sai"),
        ("loa-1", DEVICES["loa-2"]),
        ("loa-9", "x"),
        ("", ""),
        ("studio", ""),
        ("studio", "studio"),
    ],
)
def test_a_wrong_password_is_refused(opened: Opener, user: str, password: str) -> None:
    opened(user, password, expect=Down)


def test_a_new_device_may_log_in_at_once_and_the_others_stay(
    embedded: EmbeddedBroker, opened: Opener, hashes: dict[str, str]
) -> None:
    studio = opened("studio", embedded.password, "loa/v1/#")
    embedded.users_changed(lambda: hashes | {"loa-3": broker.hash_password("bay tam chin")})
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:  # Mosquitto reads its files a moment after the signal
        newcomer = PahoLink(Broker("127.0.0.1", embedded.port, "n", "loa-3", "bay tam chin"))
        newcomer.open()
        event = newcomer.next_event(PATIENCE_S)
        if isinstance(event, Up):
            break
        newcomer.close()
    assert newcomer.publish(topics.device("loa-3", "hello"), b"end").wait(PATIENCE_S)
    assert heard(studio) == []
    newcomer.close()


def test_a_deleted_device_is_thrown_out(
    embedded: EmbeddedBroker, opened: Opener, hashes: dict[str, str]
) -> None:
    box = opened("loa-1", DEVICES["loa-1"])
    embedded.users_changed(lambda: {"loa-2": hashes["loa-2"]})
    assert isinstance(box.next_event(PATIENCE_S), Down)


def test_it_comes_back_after_it_was_killed_with_what_was_retained(
    embedded: EmbeddedBroker, opened: Opener, tmp_path: Path
) -> None:
    studio = opened("studio", embedded.password)
    assert studio.publish(topics.plan("ap-1"), b"14 days", retain=True).wait(PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while not (tmp_path / "broker/mosquitto.db").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(int((tmp_path / "broker/mosquitto.pid").read_text()), signal.SIGKILL)
    assert isinstance(studio.next_event(PATIENCE_S), Down)
    assert isinstance(studio.next_event(PATIENCE_S), Up)
    box = opened("loa-1", DEVICES["loa-1"], topics.plan("ap-1"))
    event = box.next_event(PATIENCE_S)
    assert isinstance(event, Received)
    assert event.payload == b"14 days"


def test_boxes_enrolled_at_once_do_not_take_each_others_account(
    embedded: EmbeddedBroker, hashes: dict[str, str], tmp_path: Path
) -> None:
    enrolled = dict(hashes)

    def enrol(device: str) -> None:
        enrolled[device] = broker.hash_password(device)
        embedded.users_changed(lambda: dict(enrolled))

    second = threading.Thread(target=enrol, args=("loa-4",))

    def asked_first() -> dict[str, str]:
        read = dict(enrolled)
        second.start()
        second.join(0.3)  # were it let in now, what was read here would be written over its account
        return read

    embedded.users_changed(asked_first)
    second.join(PATIENCE_S)
    users = [line.partition(":")[0] for line in (tmp_path / "broker/passwords").read_text().splitlines()]
    assert sorted(users) == ["loa-1", "loa-2", "loa-4", "studio"]


def test_nothing_half_written_is_left_beside_its_secrets(
    embedded: EmbeddedBroker, hashes: dict[str, str], tmp_path: Path
) -> None:
    before = sorted((tmp_path / "broker").glob("[!m]*"))  # Mosquitto's own come and go
    with pytest.raises(UnicodeEncodeError):
        embedded.users_changed(lambda: hashes | {"loa-5": "\udcff"})
    assert sorted((tmp_path / "broker").glob("[!m]*")) == before
    assert "loa-2:" in (tmp_path / "broker/passwords").read_text()


def test_its_secrets_are_for_its_owner_only(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    for name in ("passwords", "studio.password", "acl"):
        assert stat.S_IMODE((tmp_path / "broker" / name).stat().st_mode) == 0o600
    assert embedded.password not in (tmp_path / "broker/passwords").read_text()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    binary()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        one = EmbeddedBroker(tmp_path / "broker", host="127.0.0.1", port=port, user="studio")
        with pytest.raises(Conflict, match=rf"Cổng {port}.*LOA_STUDIO_BROKER__PORT"):
            one.start({})


def test_without_mosquitto_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda *_args, **_more: None)
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(Conflict, match="apt install mosquitto"):
        broker.find()


def test_a_free_port_is_kept_for_the_next_start(tmp_path: Path) -> None:
    binary()
    ports = []
    for _ in range(2):
        one = EmbeddedBroker(tmp_path / "broker", host="127.0.0.1", port=0, user="studio")
        one.start({})
        ports.append(one.port)
        one.stop()
    assert ports[0] == ports[1] != 0


def test_a_broker_that_a_killed_studio_left_behind_is_ended(tmp_path: Path) -> None:
    binary()
    port = free_port()
    lost = EmbeddedBroker(tmp_path / "broker", host="127.0.0.1", port=port, user="studio")
    lost.start({})
    lost._stopping.set()  # its studio is gone: nobody watches it
    orphan = int((tmp_path / "broker/mosquitto.pid").read_text())
    found = EmbeddedBroker(tmp_path / "broker", host="127.0.0.1", port=port, user="studio")
    found.start({})
    try:
        assert int((tmp_path / "broker/mosquitto.pid").read_text()) != orphan
    finally:
        found.stop()
        lost.stop()


def test_an_orphan_that_has_ended_but_is_not_buried_is_not_waited_for(tmp_path: Path) -> None:
    binary()
    folder = tmp_path / "broker"
    folder.mkdir()
    # Its parent, we, does not look after it: as in a container whose first process buries nobody.
    lost = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()", str(folder / "mosquitto.conf")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert lost.stdout
    lost.stdout.readline()  # it runs
    (folder / "mosquitto.pid").write_text(str(lost.pid))
    one = EmbeddedBroker(folder, host="127.0.0.1", port=0, user="studio")
    began = time.monotonic()
    try:
        one.start({})
        assert time.monotonic() - began < broker.START_S / 2
    finally:
        one.stop()
        lost.communicate(timeout=PATIENCE_S)
    assert lost.returncode == -signal.SIGTERM


def test_a_spoilt_store_of_retained_messages_keeps_nobody_from_starting(tmp_path: Path) -> None:
    binary()
    folder = tmp_path / "broker"
    folder.mkdir()
    (folder / "mosquitto.db").write_bytes(b"what a power cut left behind")
    one = EmbeddedBroker(folder, host="127.0.0.1", port=0, user="studio")
    try:
        one.start({})
        link = PahoLink(Broker("127.0.0.1", one.port, "studio-0", "studio", one.password))
        link.open()
        assert isinstance(link.next_event(PATIENCE_S), Up)
        link.close()
    finally:
        one.stop()


def test_after_stop_nothing_runs(tmp_path: Path) -> None:
    binary()
    one = EmbeddedBroker(tmp_path / "broker", host="127.0.0.1", port=0, user="studio")
    one.start({})
    pid = int((tmp_path / "broker/mosquitto.pid").read_text())
    one.stop()
    one.stop()
    assert not Path(f"/proc/{pid}").exists()
