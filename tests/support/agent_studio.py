"""A studio as devices see it: it signs, answers hellos, stores reports, sends receipts. Small, not the product's."""

import hashlib
import io
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import soundfile
from joserfc.jwk import OKPKey

from edge_agent.wire import topics
from edge_agent.wire.accounts import Hello, Presence, Reply, ReportBatch
from edge_agent.wire.documents import Airing, Command, Config, KeyList, Plan, Receipt, Signer, Sound, Welcome
from edge_agent.wire.signing import kid, new_key, open_from_device, public_x, sign
from edge_agent.wire.words import Priority, Revision, airing_id

ZONE = "xa-tan-lap"
RATE = 24_000


@cache
def opus(seconds: float, seed: int = 1) -> bytes:
    """Noise that swells like speech, as Ogg Opus: every stretch of it is like no other."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    swell = 0.5 + 0.5 * np.sin(np.arange(n) / RATE * 2 * np.pi * (1 + seed % 3))
    file = io.BytesIO()
    soundfile.write(file, rng.standard_normal(n) * 0.1 * swell, RATE, format="OGG", subtype="OPUS")
    return file.getvalue()


@dataclass
class Studio:
    """Keys, revisions and shelves. It publishes through `say(topic, payload, retain)`."""

    say: Any
    root: OKPKey = field(default_factory=new_key)
    signer: OKPKey = field(default_factory=new_key)
    devices: dict[str, OKPKey] = field(default_factory=dict)
    sounds: dict[str, bytes] = field(default_factory=dict)
    epoch: int = 1
    n: int = 0
    answers: bool = True
    """Whether it answers hellos."""
    receipts: bool = True
    """Whether it sends receipts."""
    round_trip_s: float = 0.0
    records: dict[tuple[str, str, int], dict[str, Any]] = field(default_factory=dict)
    """What it has stored, by device, journal and number."""
    replies: list[Reply] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    hellos: list[Hello] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What devices did that they should not."""
    standing: dict[str, Revision] = field(default_factory=dict)
    """Revisions in force, by topic."""

    def next(self) -> Revision:
        self.n += 1
        return Revision(self.epoch, self.n)

    def sound(self, seconds: float = 2.0, seed: int = 1, *, inline: bool = False) -> Sound:
        data = opus(seconds, seed)
        name = hashlib.sha256(data).hexdigest()
        self.sounds[name] = data
        return Sound(sha256=name, size=len(data), seconds=seconds, inline=data if inline else None)

    def keys(self, now: datetime, *, revoked: tuple[str, ...] = ()) -> str:
        signer = Signer(kid=kid(self.signer), x=public_x(self.signer), zones=("*",), devices=("*",))
        told = KeyList(kind="keys", revision=self.next(), issued_at=now, signers=(signer,), revoked=revoked)
        return sign(told, self.root).decode()

    def config(self, device: str, now: datetime, **more: Any) -> Config:
        fields: dict[str, Any] = {
            "kind": "config",
            "device": device,
            "revision": self.next(),
            "issued_at": now,
            "zones": (ZONE, device),
            "commune": ZONE,
            "keys": self.keys(now),
            "sounds_url": "http://studio.invalid/sounds",
        }
        return Config.model_validate(fields | more)

    def plan(
        self, *airings: Airing, now: datetime, zone: str = ZONE, kind: str = "plan", **more: Any
    ) -> Plan:
        fields: dict[str, Any] = {
            "kind": kind,
            "zone": zone,
            "revision": self.next(),
            "issued_at": now,
            "begins_at": now,
            "ends_at": now + timedelta(days=14),
            "airings": airings,
        }
        return Plan.model_validate(fields | more)

    def airing(self, name: str, at: datetime, *sounds: Sound, patience_s: float = 600, **more: Any) -> Airing:
        at = at.replace(microsecond=0)
        fields: dict[str, Any] = {
            "id": airing_id(name, at),
            "starts_at": at,
            "stale_at": at + timedelta(seconds=patience_s),
            "sounds": sounds or (self.sound(),),
            "title": name,
        }
        return Airing.model_validate(fields | more)

    def emergency(self, name: str, at: datetime, *sounds: Sound, **more: Any) -> Airing:
        sounds = sounds or (self.sound(1.0, seed=99, inline=True),)
        return self.airing(name, at, *sounds, priority=Priority.EMERGENCY, **more)

    def publish(self, *documents: Plan | Config) -> None:
        for document in documents:
            self.standing[topics.of(document)] = document.revision
            self.say(topics.of(document), sign(document, self.signer), retain=True)

    def command(self, device: str | None, name: str, now: datetime, **more: Any) -> Command:
        fields: dict[str, Any] = {
            "kind": "command",
            "id": f"command-{self.n + 1:04}",
            "device": device,
            "number": self.next(),
            "name": name,
            "issued_at": now,
            "expires_at": now + timedelta(minutes=1),
        }
        return Command.model_validate(fields | more)

    def send(self, command: Command) -> None:
        self.say(topics.of(command), sign(command, self.signer), retain=False)

    def hear(self, topic: str, payload: bytes, now: datetime) -> None:
        """One message of a device."""
        device = topic.split("/")[-2]
        message = open_from_device(topic, payload, self.devices[device])
        match message:
            case Hello():
                self.hellos.append(message)
                if self.answers:
                    self._welcome(message, now)
            case ReportBatch():
                self._store(message, now)
            case Presence():
                self.presences.append(message)
            case Reply():
                self.replies.append(message)

    def told(self, device: str) -> dict[str, list[tuple[str, str]]]:
        """What a device said of each airing, in the order of its numbers: playback and reason."""
        said: dict[str, list[tuple[str, str]]] = {}
        for (name, _, _), record in sorted(self.records.items(), key=lambda item: item[0][2]):
            if name == device:
                said.setdefault(record["airing"], []).append((record["playback"], record.get("reason", "")))
        return said

    def _welcome(self, hello: Hello, now: datetime) -> None:
        plans = {t.split("/")[-2]: r for t, r in self.standing.items() if t.endswith("/plan")}
        emergencies = {t.split("/")[-2]: r for t, r in self.standing.items() if t.endswith("/emergency")}
        welcome = Welcome(
            kind="welcome",
            device=hello.device,
            nonce=hello.nonce,
            now=now,
            config=self.standing.get(topics.device(hello.device, "config")),
            plans=plans,
            emergencies=emergencies,
        )
        self.say(topics.of(welcome), sign(welcome, self.signer), retain=False)

    def _store(self, batch: ReportBatch, now: datetime) -> None:
        for text in batch.records:
            record = json.loads(text)
            where = (batch.device, batch.journal, record["n"])
            before = self.records.get((batch.device, batch.journal, record["n"] - 1))
            if where in self.records and self.records[where] != record | {"_text": text}:
                self.faults.append(f"record {where} was told twice, and not the same")
            if before and hashlib.sha256(before["_text"].encode()).hexdigest() != record["previous"]:
                self.faults.append(f"the chain is broken at {where}")
            self.records[where] = record | {"_text": text}
        if self.receipts:
            held = [n for d, j, n in self.records if (d, j) == (batch.device, batch.journal)]
            stored = 0
            while stored + 1 in held:
                stored += 1
            self.receipt(batch.device, batch.journal, stored, now)

    def receipt(self, device: str, journal: str, stored: int, now: datetime, **more: Any) -> bytes:
        told = Receipt(kind="receipt", device=device, journal=journal, stored=stored, issued_at=now, **more)
        payload = sign(told, self.signer)
        self.say(topics.of(told), payload, retain=False)
        return payload
