"""A commune with two hamlets and a few enrolled devices, whose private keys the test holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from joserfc.jwk import OKPKey
from sqlalchemy import Engine
from sqlmodel import Session

from edge_agent.wire import signing, topics
from edge_agent.wire.accounts import FromDevice
from edge_agent.wire.documents import FromStudio
from edge_agent.wire.signing import Keyring
from studio import devices, enrolment, keys, zones
from studio.db import transaction
from studio.models.places import ZoneKind


@dataclass
class Commune:
    """Tân Lập: zone `xa-tan-lap`, hamlets `ap-1` and `ap-2`, and its devices by id."""

    engine: Engine
    directory: Path
    root: keys.NewRoot
    boxes: dict[str, OKPKey] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with transaction(self.engine) as session:
            yield session

    @property
    def seal(self) -> keys.Seal:
        with self.session() as session:
            return keys.load(session, self.directory)

    def open(self, topic: str, payload: bytes, *, now: datetime) -> FromStudio:
        """What a device that pinned the root makes of a document."""
        ring = Keyring.pinned([self.root.x]).adopt(self.seal.key_list.encode())
        return ring.open(topic, payload, now=now)

    def said(self, message: FromDevice) -> tuple[str, bytes]:
        """The topic and payload with which a device says something."""
        return topics.of(message), signing.sign(message, self.boxes[message.device])

    def add(self, device: str, *in_zones: str, now: datetime) -> None:
        """Add and enrol a device."""
        with self.session() as session:
            devices.create(session, name=device, id=device, in_zones=in_zones, now=now)
            code = enrolment.new_code(session, device, now=now)
            self.boxes[device] = signing.new_key()
            enrolled = enrolment.enrol(
                session,
                code=code,
                key=signing.public_x(self.boxes[device]),
                now=now,
                hash_password=lambda password: f"hash of {password}",
            )
            self.passwords[device] = enrolled.password


def commune(engine: Engine, directory: Path, *, now: datetime, devices_in: dict[str, str]) -> Commune:
    """Draw Tân Lập; `devices_in` names each device's hamlet or commune."""
    with transaction(engine) as session:
        root = keys.initialise(session, directory, now=now)
        zones.create(session, name="Xã Tân Lập", kind=ZoneKind.COMMUNE, now=now)
        for n in (1, 2):
            zones.create(session, name=f"Ấp {n}", kind=ZoneKind.HAMLET, parent="xa-tan-lap", now=now)
    place = Commune(engine, directory, root)
    for device, zone in devices_in.items():
        place.add(device, zone, now=now)
    return place
