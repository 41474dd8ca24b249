"""Open pages are told what changed, at most once a second, and go on where they were after a break."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from edge_agent.wire.accounts import Presence
from edge_agent.wire.words import ClockTrust, CommandName
from studio import commands
from studio.db import reading, transaction
from studio.devices import get
from studio.live import Live
from studio.models.users import Role
from studio.services import Services
from tests.support.places import Commune, commune

DEVICES = {"loa-1": "ap-1", "loa-2": "ap-2"}


@pytest.fixture
def place(services: Services) -> Commune:
    return commune(services.engine, services.settings.keys_directory, now=services.now(), devices_in=DEVICES)


@dataclass
class Told:
    """One server-sent event."""

    event: str = ""
    data: str = ""
    id: str = ""


@dataclass
class Stream:
    """An open stream, read line by line."""

    lines: Iterator[str]
    seen: list[Told] = field(default_factory=list)

    def next(self) -> Told:
        told = Told()
        for line in self.lines:
            name, _, value = line.partition(": ")
            if name in ("event", "data", "id"):
                setattr(told, name, value)
            if not line and told.event:
                self.seen.append(told)
                return told
        raise AssertionError(f"the stream ended after {self.seen}")

    def changed(self) -> tuple[list[str], str]:
        """The next list of topics that changed, and its id."""
        while (told := self.next()).event != "changed":
            pass
        return json.loads(told.data), told.id


@pytest.fixture
def page(logged_in: Callable[..., Any], place: Commune) -> Callable[..., Any]:
    browser = logged_in("lan", Role.OFFICER)

    @contextmanager
    def open_stream(topics: str, **headers: str) -> Iterator[Stream]:
        with browser.client.stream("GET", f"/live?topics={topics}", headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield Stream(answer.iter_lines())

    return open_stream


def test_a_page_is_told_at_once_how_its_device_is_and_then_what_changes(
    page: Callable[..., Any], services: Services
) -> None:
    with page("device:loa-1") as stream:
        first = stream.next()
        assert first.event == "device:loa-1"
        assert json.loads(first.data)["id"] == "loa-1"
        assert stream.changed()[0] == ["device:loa-1"]
        services.live.change("device:loa-2", "device:loa-1", now=services.now())
        assert stream.next().event == "device:loa-1"
        assert stream.changed()[0] == ["device:loa-1"]


def test_after_a_break_it_goes_on_where_it_was(page: Callable[..., Any], services: Services) -> None:
    services.live.change("device:loa-1", now=services.now())
    with page("device:*") as stream:
        changed, last = stream.changed()
        assert changed == ["device:loa-1"]
    services.live.change("device:loa-2", now=services.now())
    with page("device:*", **{"Last-Event-ID": last}) as stream:
        assert stream.changed()[0] == ["device:loa-2"]
    with page("device:*", **{"Last-Event-ID": "another-run.7"}) as stream:
        assert stream.changed()[0] == ["device:loa-1", "device:loa-2"], "after a restart all is told"


def test_a_command_is_watched_until_all_have_answered(
    page: Callable[..., Any], services: Services, place: Commune
) -> None:
    with place.session() as session:
        command = commands.issue(session, name=CommandName.STOP, zone="xa-tan-lap", now=services.now())
    with page(f"command:{command.id}") as stream:
        assert len(json.loads(stream.next().data)["answers"]) == 2


def test_when_very_much_changed_only_the_list_is_told(page: Callable[..., Any], services: Services) -> None:
    services.live.change(*(f"device:loa-{n}" for n in range(500)), now=services.now())
    with page("device:*") as stream:
        assert stream.next().event == "changed"


def test_a_page_that_asks_for_its_part_itself_is_told_the_names_alone(
    page: Callable[..., Any], services: Services
) -> None:
    with page("device:loa-1&brief=1") as stream:
        told = stream.next()
        assert (told.event, json.loads(told.data)) == ("changed", ["device:loa-1"])


def test_what_is_not_there_breaks_nothing(page: Callable[..., Any], services: Services) -> None:
    with page("device:nobody,airing:baaaaaaaaaa@20261124T050000Z") as stream:
        assert stream.next().event == "changed"


def test_streams_end_when_the_studio_stops(page: Callable[..., Any], services: Services) -> None:
    with page("device:loa-1") as stream:
        stream.changed()
        services.live.close()
        with pytest.raises(AssertionError, match="the stream ended"):
            stream.next()


@pytest.mark.parametrize("topics", ["", "x:1", "device:%0aevent: x", "device", ",".join(["device:a"] * 201)])
def test_topics_that_cannot_be_are_refused(logged_in: Callable[..., Any], topics: str) -> None:
    answer = logged_in("lan", Role.OFFICER).client.get("/live", params={"topics": topics})
    assert answer.status_code == 422


def test_a_stranger_watches_nothing(open_client: Callable[[], httpx.Client]) -> None:
    assert open_client().get("/api/v1/live?topics=device:*").status_code == 401


def test_pages_say_when_the_broker_is_away(logged_in: Callable[..., Any], services: Services) -> None:
    browser = logged_in("lan", Role.OFFICER)
    assert "mất kết nối với máy chủ trung chuyển" not in browser.get("/")
    services.live.link_up = False
    assert "mất kết nối với máy chủ trung chuyển" in browser.get("/")
    services.live.link_up = True
    assert "mất kết nối với máy chủ trung chuyển" not in browser.get("/")


def presence(services: Services, **more: Any) -> Presence:
    told = {"kind": "presence", "device": "loa-1", "online": True, "at": services.now()}
    return Presence.model_validate(told | {"clock": ClockTrust.TRUSTED} | more)


def test_presence_that_could_not_be_written_is_written_later(services: Services, place: Commune) -> None:
    services.live.presence(presence(services, volume=40), now=services.now())
    failing = True

    def fail(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if failing and statement.startswith("UPDATE device"):
            raise OperationalError(statement, None, Exception("database is locked"))

    event.listen(services.engine, "before_cursor_execute", fail)
    with pytest.raises(OperationalError):
        services.live.flush(services.engine)
    services.live.hear("loa-1", now=services.now() + timedelta(seconds=1))
    failing = False
    assert services.live.flush(services.engine) == 1
    with reading(services.engine) as session:
        row = get(session, "loa-1")
    assert row.presence is not None
    assert row.presence["volume"] == 40
    assert row.last_seen_at == services.now() + timedelta(seconds=1)


def test_many_threads_may_say_what_changed(services: Services) -> None:
    live = Live()

    def say(n: int) -> None:
        for i in range(200):
            live.change(f"device:{n}-{i}", now=services.now())

    threads = [threading.Thread(target=say, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cursor, changed = live.since("", ["device:*"])
    assert len(set(changed)) == 1600
    assert live.since(cursor, ["device:*"]) == (cursor, [])


def test_what_has_not_changed_for_days_is_forgotten(services: Services) -> None:
    live, now = Live(), services.now()
    live.change("airing:old", now=now)
    live.change("airing:new", now=now + timedelta(days=2))
    live.forget(now=now + timedelta(days=2))
    assert live.since("", ["airing:*"])[1] == ["airing:new"]


def test_a_deleted_device_is_skipped_by_the_flush(services: Services, place: Commune) -> None:
    services.live.hear("nobody", now=services.now())
    services.live.hear("loa-1", now=services.now())
    services.live.flush(services.engine)
    with transaction(services.engine) as session:
        assert get(session, "loa-1").last_seen_at == services.now()
