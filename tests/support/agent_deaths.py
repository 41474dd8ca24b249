"""Kills an agent at every commit, fsync and publish, one after the other, and tells what became of its airings.

A program of its own, because it forks: `python -m tests.support.agent_deaths FOLDER`. Each story is lived by a child
that ends itself with SIGKILL at one point; a second child then lives on with the same disk, first without network. What
was on the disk at the death is read here, raw. One JSON object a story is printed.
"""

import base64
import json
import os
import pickle
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from edge_agent.players import Playing, Programme, State
from edge_agent.players.silent import Silent
from edge_agent.wire.documents import Airing
from tests.support.agent_studio import ZONE
from tests.support.agent_world import BOX, NOON, Box, World

PATIENCE_S = 7200
END = NOON + timedelta(seconds=240)


class Heard(Silent):
    """Keeps time, and writes down when it is told to sound and when it falls silent."""

    def __init__(self, monotonic: Callable[[], float], path: Path) -> None:
        super().__init__(monotonic)
        self._path, self._airing = path, ""

    def start(self, programme: Programme, *, at: float, position_s: float, volume: int) -> None:
        self._airing = programme.airing
        self._say("start", position_s)
        super().start(programme, at=at, position_s=position_s, volume=volume)

    def poll(self) -> State | None:
        state = super().poll()
        if state is not None and not isinstance(state, Playing):
            self._say("end", state.position_s)
        return state

    def stop(self) -> State | None:
        state = super().stop()
        if isinstance(state, Playing):
            self._say("end", state.position_s)
        return state

    def _say(self, what: str, position_s: float) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps([self._airing, what, position_s]) + "\n")


class Story:
    """What happens outside the box, by the second; the same in every life."""

    def __init__(self, world: World) -> None:
        studio = world.studio
        self.world = world
        self.folder = Path()
        """Where it is noted what has happened already."""
        sounds = [studio.sound(20.0, seed=n) for n in (1, 2, 3)]
        self.law = studio.airing("law", NOON + timedelta(seconds=20), sounds[0], patience_s=PATIENCE_S)
        self.stopped = studio.airing(
            "stopped", NOON + timedelta(seconds=80), sounds[1], patience_s=PATIENCE_S
        )
        self.step = studio.airing(
            "step", NOON + timedelta(seconds=140), sounds[2], patience_s=PATIENCE_S, in_step=True
        )
        self.flood = studio.emergency("flood", NOON + timedelta(seconds=30), patience_s=PATIENCE_S)
        plan = studio.plan(self.law, self.stopped, self.step, now=world.now)
        self.config = studio.config(BOX, world.now, heartbeat_s=3600)
        emergency = studio.plan(self.flood, now=world.now, kind="emergency")
        stop = studio.command(BOX, "stop", NOON + timedelta(seconds=90))
        test = studio.command(BOX, "self-test", NOON + timedelta(seconds=190))
        self.events: list[tuple[datetime, Callable[[], None]]] = [
            (NOON + timedelta(seconds=1), lambda: studio.publish(plan)),
            (NOON + timedelta(seconds=30), lambda: studio.publish(emergency)),
            (NOON + timedelta(seconds=90), lambda: studio.send(stop)),
            (NOON + timedelta(seconds=190), lambda: studio.send(test)),
        ]
        self.airings = [self.law, self.stopped, self.step, self.flood]

    def live(self, until: datetime) -> None:
        """Let what is still to happen happen."""
        for n, (at, event) in enumerate(self.events):
            if at <= until and not (self.folder / f"event-{n}").exists():
                self.world.run_until(max(at, self.world.now))
                (self.folder / f"event-{n}").touch()
                event()
        self.world.run_until(until)


def born(folder: Path) -> tuple[World, Box, Story]:
    world = World(folder, now=NOON)
    box = world.box()
    story = Story(world)
    box.player = lambda: Heard(lambda: world.monotonic, folder / "heard")
    return world, box, story


def keep_outside(world: World, path: Path) -> None:
    """Write down what the broker and the studio have, after every message: it outlives the box."""

    def note(topic: str, payload: bytes) -> bytes:
        with path.open("ab") as file:
            pickle.dump((world.now, world.monotonic, topic, payload), file)
        return payload

    world.broker.tamper = note


def first_life(world: World, box: Box, story: Story, folder: Path, die_at: int | None) -> None:
    points = 0
    names = []

    def watch(point: str) -> None:
        nonlocal points
        names.append(point)
        (folder / "now").write_text(json.dumps([world.now.isoformat(), world.monotonic, point]))
        if points == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        points += 1

    box.watch = watch
    keep_outside(world, folder / "outside")
    world.studio.publish(story.config)
    box.start()
    story.live(END)
    (folder / "points").write_text(json.dumps(names))


def second_life(world: World, box: Box, story: Story, folder: Path) -> dict[str, Any]:
    now, monotonic, _ = json.loads((folder / "now").read_text())
    remember(world, folder / "outside")
    world.now, world.monotonic = datetime.fromisoformat(now), monotonic
    on_disk = disk(box, story)
    story.live(world.now + timedelta(seconds=5))  # the studio goes on meanwhile
    restarted_at = world.now
    world.broker.stop()
    box.start()
    story.live(world.now + timedelta(seconds=100))
    world.broker.start()
    story.live(max(END, world.now) + timedelta(seconds=900))
    heard = [json.loads(line) for line in (folder / "heard").read_text().splitlines()]
    return {
        "disk": on_disk,
        "restarted_s": (restarted_at - NOON).total_seconds(),
        "told": {a.id: box.told.get(a.id, []) for a in story.airings},
        "heard": heard,
        "faults": world.studio.faults,
        "queue": world.studio.presences[-1].queue,
        "refused": world.studio.presences[-1].refused,
    }


def remember(world: World, path: Path) -> None:
    """Bring back the broker's retained messages and what the studio has stored."""
    if not path.exists():
        return
    with path.open("rb") as file:
        while True:
            try:
                now, _, topic, payload = pickle.load(file)
            except EOFError:
                break
            if topic.endswith(("/plan", "/emergency", "/config")):
                world.broker.retained[topic] = payload
            elif topic.endswith("/report"):
                world.studio.hear(topic, payload, now)
    world.settle()


def disk(box: Box, story: Story) -> dict[str, dict[str, Any]]:
    """What the disk holds of each airing, read without the product."""
    last: dict[str, list[str]] = {}
    if (box.folder / "journal.db").exists():
        database = sqlite3.connect(box.folder / "journal.db")
        try:
            for (text,) in database.execute("SELECT text FROM record ORDER BY n"):
                record = json.loads(text)
                last[record["airing"]] = [record["playback"], record.get("reason", "")]
        except sqlite3.OperationalError:
            pass  # killed before it had tables
        database.close()
    planned = b"".join(_payload(path) for path in (box.folder / "documents").glob(f"*.{ZONE}.jws"))
    config = (box.folder / "documents" / "config.jws").exists()
    return {
        airing.id: {
            "last": last.get(airing.id),
            "ready": config and airing.id.encode() in planned and _has_sounds(box, airing),
        }
        for airing in story.airings
    }


def _has_sounds(box: Box, airing: Airing) -> bool:
    return all((box.folder / "sounds" / f"{s.sha256}.ogg").exists() for s in airing.sounds)


def _payload(path: Path) -> bytes:
    part = path.read_bytes().split(b".")[1]
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def in_a_child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    return os.waitpid(pid, 0)[1]


def main(root: Path) -> None:
    # Keys and documents are made once: every life sees the same.
    world, box, story = born(root / "story")
    (root / "all").mkdir(parents=True)
    status = in_a_child(lambda: first_life(*moved(world, box, story, root / "all"), root / "all", None))
    assert status == 0, "the story does not even end well"
    names = json.loads((root / "all" / "points").read_text())
    for k, name in enumerate(names):
        if name.endswith(".write"):
            continue  # nothing has been done since the point before
        folder = root / str(k)
        folder.mkdir()
        (folder / "heard").touch()
        status = in_a_child(lambda: first_life(*moved(world, box, story, folder), folder, k))  # noqa: B023
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"{name} was not hit"

        def live_on() -> None:
            result = second_life(*moved(world, box, story, folder), folder)  # noqa: B023
            (folder / "result").write_text(json.dumps(result))  # noqa: B023

        status = in_a_child(live_on)
        result = json.loads((folder / "result").read_text()) if status == 0 else {"failed": True}
        sys.stdout.write(json.dumps({"k": k, "point": name, **result}) + "\n")
        sys.stdout.flush()


def moved(world: World, box: Box, story: Story, folder: Path) -> tuple[World, Box, Story]:
    box.folder, story.folder = folder / "box", folder
    box.player = lambda: Heard(lambda: world.monotonic, folder / "heard")
    return world, box, story


if __name__ == "__main__":
    main(Path(sys.argv[1]))
