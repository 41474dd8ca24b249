"""The bare MQTT programs say and hear what real ones do: a floor that cheats would be no floor."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.wire.link import Broker, PahoLink, Received, Up
from studio.bench.bare import (
    PUBACK,
    PUBLISH,
    SUBACK,
    Bare,
    Listeners,
    fan_out,
    puback_packet,
    publish_packet,
    published,
    subscribe_packet,
)
from tests.support.mosquitto import Mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def link(broker: Mosquitto) -> Iterator[PahoLink]:
    link = PahoLink(Broker("127.0.0.1", broker.port, "real"))
    link.open()
    assert isinstance(link.next_event(10), Up)
    yield link
    link.close()


@pytest.fixture
def bare(broker: Mosquitto) -> Iterator[Bare]:
    with closing(Bare.connected(broker.port, "bare")) as bare:
        yield bare


@pytest.mark.parametrize("size", [1, 100, 20_000, 300_000])
def test_a_real_client_hears_what_a_bare_one_publishes(bare: Bare, link: PahoLink, size: int) -> None:
    payload = bytes(n % 251 for n in range(size))
    bare.send(publish_packet("loa/đo", payload, 7, retain=True))
    [(kind, body)] = bare.packets()
    assert (kind, body[:2]) == (PUBACK, b"\0\x07")
    link.subscribe("loa/đo")
    heard = link.next_event(10)
    assert isinstance(heard, Received)
    assert (heard.topic, heard.payload, heard.retained) == ("loa/đo", payload, True)


def test_a_bare_client_hears_what_a_real_one_publishes_and_its_acknowledgement_counts(
    bare: Bare, link: PahoLink
) -> None:
    bare.send(subscribe_packet("loa/+"))
    bare.await_packet(SUBACK)
    many = 1200  # more than the broker sends ahead of acknowledgements
    for n in range(many):
        link.publish(f"loa/{n}", b"x" * n, expires_s=60)
    heard: list[tuple[str, int, bytes]] = []
    while len(heard) < many:
        some = [published(body) for kind, body in bare.packets() if kind & 0xF0 == PUBLISH]
        bare.send(b"".join(puback_packet(number) for _, number, _ in some))
        heard += some
    assert [(topic, payload) for topic, _, payload in heard] == [(f"loa/{n}", b"x" * n) for n in range(many)]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=6), st.data())
def test_packets_come_whole_however_the_network_cuts_them(payloads: list[bytes], data: st.DataObject) -> None:
    sent = b"".join(publish_packet("đo", payload, n + 1) for n, payload in enumerate(payloads))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sent) - 1), max_size=8)))
    here, there = socket.socketpair()
    with here, there:
        bare, heard = Bare(here), []
        for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            there.sendall(sent[start:end])
            heard += bare.packets()
    assert [published(body) for _, body in heard] == [("đo", n + 1, p) for n, p in enumerate(payloads)]


def test_a_broker_that_hangs_up_is_not_waited_for(broker: Mosquitto, bare: Bare) -> None:
    broker.kill()
    with pytest.raises(ConnectionError):
        bare.packets()


def test_a_fan_out_reaches_every_listener_every_time(broker: Mosquitto) -> None:
    times = fan_out(broker.port, 30, "loa/đo", b"x" * 30_000, rounds=4)
    assert len(times) == 4
    assert all(seconds > 0 for seconds in times)


def test_a_fan_out_that_reaches_nobody_is_no_figure(broker: Mosquitto) -> None:
    with closing(Listeners(broker.port, 2, "loa/đo")) as listeners, pytest.raises(TimeoutError):
        listeners.until_all_heard(lambda: None, timeout_s=0.05)
