"""/live: one stream of server-sent events for all that an open page shows; at most one message a second.

    GET /live?topics=airing:<id>,device:*      (pages, by cookie; programs use /api/v1/live)

Topics are `device:<id>`, `airing:<id>`, `command:<id>`; `device:*` and `airing:*` want all of their kind. In a second
in which something changed there is one event for each topic that changed, named like the topic, whose data is the JSON
of the API (`/devices/<id>`, `/airings/<id>`, `/commands/<id>`), and then one event `changed`, whose data is the list of
those topics. Where more than MOST_TOLD changed at once, `changed` comes alone; so it does with `brief=1`, for pages
that then ask for the part they show. A topic asked for by its full name is told once at the beginning. After a break
the browser's Last-Event-ID, or `since`, goes on where it was. The stream ends by itself after LASTS_S, so that a log-in
that is over does not watch for ever; browsers come back by themselves.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from studio.api import airings, commands, places
from studio.db import reading
from studio.errors import Invalid, NotFound
from studio.services import Services
from studio.web.doors import LOGGED_IN, TheServices

router = APIRouter(tags=["live"])

EVERY_S = 1.0
LASTS_S = 600.0
STILL_HERE_S = 15.0
"""After so long without news a comment is sent: proxies cut what is silent."""
MOST_TOPICS = 200
MOST_TOLD = 100
_TOPIC = re.compile(r"(device|airing|command):(\*|[A-Za-z0-9@-]{1,80})")


@router.get("/live", dependencies=[LOGGED_IN])
def live(
    request: Request,
    services: TheServices,
    topics: Annotated[str, Query(max_length=20_000)],
    since: Annotated[str, Query(max_length=40)] = "",
    brief: bool = False,
) -> StreamingResponse:
    """Stream what changes in these topics. 422 for topics that cannot be."""
    wanted = [topic for topic in topics.split(",") if topic]
    if not wanted or len(wanted) > MOST_TOPICS or not all(map(_TOPIC.fullmatch, wanted)):
        raise Invalid("Chủ đề theo dõi không hợp lệ.", field="topics")
    cursor = request.headers.get("last-event-id", since)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = _stream(services, wanted, cursor, most=0 if brief else MOST_TOLD)
    return StreamingResponse(told, headers=headers, media_type="text/event-stream")


async def _stream(services: Services, wanted: Sequence[str], cursor: str, *, most: int) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    named = [] if cursor else [topic for topic in wanted if not topic.endswith(":*")]
    ends = time.monotonic() + LASTS_S
    spoke = time.monotonic()
    while not services.live.closed and time.monotonic() < ends:
        cursor, changed = services.live.since(cursor, wanted)
        changed, named = [*named, *(topic for topic in changed if topic not in named)], []
        if changed:
            yield await run_in_threadpool(_events, services, changed, cursor, most)
            spoke = time.monotonic()
        elif time.monotonic() - spoke > STILL_HERE_S:
            yield ": still here\n\n"
            spoke = time.monotonic()
        await asyncio.sleep(EVERY_S)


def _events(services: Services, changed: Sequence[str], cursor: str, most: int) -> str:
    told = []
    if len(changed) <= most:
        with reading(services.engine) as session:
            for topic in changed:
                shape = _shape(services, session, topic)
                if shape is not None:
                    told.append(f"event: {topic}\ndata: {shape.model_dump_json()}\n\n")
    # Only the last event has an id: a break in the middle brings all of it again.
    told.append(f"event: changed\nid: {cursor}\ndata: {json.dumps(changed)}\n\n")
    return "".join(told)


def _shape(services: Services, session: Session, topic: str) -> BaseModel | None:
    kind, _, name = topic.partition(":")
    try:
        match kind:
            case "device":
                return places.show_device(name, session, services.now())
            case "airing":
                return airings.show(name, session, services.now())
            case _:
                return commands.show(name, session, services.now())
    except NotFound:
        return None  # deleted meanwhile, or of a studio that lost it
