"""What the studio said, on the disk: documents as they were signed, verified again whenever they are loaded.

Beside them, for every topic, the highest revision ever seen and the number of the last command obeyed: an older
document or a command said again is refused, also after a restart and after the document itself was dropped.
"""

import json
import logging
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge_agent.durable import Durable
from edge_agent.wire import topics
from edge_agent.wire.documents import Command, Config, FromStudio, Plan
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.signing import Keyring, keys_inside, signed_by
from edge_agent.wire.words import Revision

log = logging.getLogger(__name__)


class PlanStore:
    """Documents of one device. Its files: `keys.jws`, `config.jws`, `plan.<zone>.jws`, `emergency.<zone>.jws`,
    `seen.json`.
    """

    def __init__(self, folder: Path, device: str, ring: Keyring, durable: Durable) -> None:
        self._folder, self._device, self._durable = folder, device, durable
        self.ring = ring
        self.config: Config | None = None
        self.plans: dict[str, Plan] = {}
        self.emergencies: dict[str, Plan] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._seen: dict[str, tuple[Revision, str]] = self._load_seen()
        self._kept_seen = dict(self._seen)
        self._unkept: dict[str, bytes] = {}
        """Files that are obeyed already but are not on the disk, which was full."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones this device obeys."""
        return self.config.zones if self.config is not None else ()

    @property
    def kept(self) -> bool:
        """Whether all that is obeyed is on the disk too."""
        return not self._unkept and self._seen == self._kept_seen

    def load(self, now: datetime | None) -> list[WireError]:
        """Read what is on the disk and verify it again; `now` is null while the time is unknown.

        What does not verify is not used; the refusals are returned.
        """
        refused: list[WireError] = []
        keys = self._read("keys.jws")
        if keys is not None:
            try:
                self.ring = self.ring.adopt(keys)
            except WireError as error:
                refused.append(error)
        self._load_documents(now, refused)
        return refused

    def open(self, topic: str, payload: bytes, now: datetime | None) -> FromStudio:
        """Verify what came on `topic`. A config's own key list is looked at first. Raises WireError."""
        ring = self.ring
        if topic == topics.device(self._device, "config"):
            ring = self._with_keys(payload)
        return ring.open(topic, payload, now=now)

    def adopt(self, document: Config | Plan, payload: bytes, now: datetime | None) -> bool:
        """Take over a verified document; False where it is the one already held.

        Raises WireError (rolled_back, malformed); OSError where the disk is full: it is obeyed, but not kept.
        """
        topic = topics.of(document)
        names = [self._path(topic).name]
        if isinstance(document, Config):
            names.insert(0, "keys.jws")
            _check_time_zone(document)
            # Before the revisions are compared: the list takes a stolen key back, and with it the marks that key left.
            self._adopt_keys(payload, now)
        seen, _ = self._seen.get(topic, (Revision(0, 0), ""))
        held = self._held(topic)
        if document.revision < seen or (
            held and document.revision == held.revision and document.issued_at < held.issued_at
        ):
            raise WireError(Refusal.ROLLED_BACK, f"{topic}: {document.revision} after {seen}")
        if held == document and self._unkept.keys().isdisjoint(names):
            return False
        self._unkept[names[-1]] = payload
        self._seen[topic] = (document.revision, signed_by(payload))
        try:
            self._keep(names)
        finally:
            # A full disk must not keep a cancel or a warning from being obeyed; `keep` brings it there later.
            self._hold(topic, document)
            if isinstance(document, Config):
                self._change_zones(now)
        return True

    def keep(self) -> None:
        """Bring to the disk what is obeyed already but is not there yet. Raises OSError; then call again later."""
        self._keep(list(self._unkept))

    def obey(self, command: Command, payload: bytes) -> None:
        """Note a command's number before it is acted upon. Raises WireError: replayed; OSError: not noted."""
        topic = topics.of(command)
        last, _ = self._seen.get(topic, (Revision(0, 0), ""))
        if command.number <= last:
            raise WireError(Refusal.REPLAYED, f"{topic}: {command.number} after {last}")
        before = self._seen
        self._seen = before | {topic: (command.number, signed_by(payload))}
        try:
            self._write_seen()
        except OSError:
            self._seen = before
            raise

    def _keep(self, names: list[str]) -> None:
        for name in names:
            if name in self._unkept:
                kind = name.split(".")[0]
                point = "keys" if kind == "keys" else f"document.{kind}"
                self._durable.write(self._folder / name, self._unkept[name], point)
                del self._unkept[name]
        if self._seen != self._kept_seen:
            self._write_seen()

    def revisions(self, plans: dict[str, Plan]) -> dict[str, Revision]:
        """What is held of `plans`, by zone."""
        return {zone: plan.revision for zone, plan in plans.items()}

    def _with_keys(self, payload: bytes) -> Keyring:
        keys = keys_inside(payload)
        return self.ring if keys is None else self.ring.adopt(keys)

    def _adopt_keys(self, payload: bytes, now: datetime | None) -> None:
        keys = keys_inside(payload)
        if keys is None:
            return
        ring = self.ring.adopt(keys)
        if ring.held == self.ring.held:
            return
        self.ring = ring
        self._unkept["keys.jws"] = keys
        self._load_documents(now, [])

    def _forget_revoked(self) -> None:
        """A stolen key may have raised revisions out of the studio's reach; what it signed binds nobody."""
        revoked = self.ring.held.revoked if self.ring.held is not None else ()
        self._seen = {topic: (r, kid) for topic, (r, kid) in self._seen.items() if kid not in revoked}

    def _load_documents(self, now: datetime | None, refused: list[WireError]) -> None:
        self._forget_revoked()
        self.config, self.plans, self.emergencies = None, {}, {}
        self._load_one(topics.device(self._device, "config"), now, refused)
        for zone in self.zones:
            self._load_one(topics.plan(zone), now, refused)
            self._load_one(topics.emergency(zone), now, refused)

    def _change_zones(self, now: datetime | None) -> None:
        refused: list[WireError] = []
        for held, where in ((self.plans, topics.plan), (self.emergencies, topics.emergency)):
            for zone in [z for z in held if z not in self.zones]:
                del held[zone]
                path = self._path(where(zone))
                self._unkept.pop(path.name, None)
                path.unlink(missing_ok=True)
            for zone in self.zones:
                if zone not in held:
                    self._load_one(where(zone), now, refused)

    def _load_one(self, topic: str, now: datetime | None, refused: list[WireError]) -> None:
        path = self._path(topic)
        payload = self._read(path.name)
        if payload is None:
            return
        try:
            document = self.ring.open(topic, payload, now=now)
            if isinstance(document, Config):
                _check_time_zone(document)
            if isinstance(document, Config | Plan):
                self._hold(topic, document)
                seen, _ = self._seen.get(topic, (Revision(0, 0), ""))
                if document.revision >= seen:
                    self._seen[topic] = (document.revision, signed_by(payload))
        except WireError as error:
            log.warning("%s is not used: %s", path.name, error)
            refused.append(error)

    def _read(self, name: str) -> bytes | None:
        if name in self._unkept:
            return self._unkept[name]
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.error("%s cannot be read, so it is not used: %s", name, error)
            return None

    def _held(self, topic: str) -> Config | Plan | None:
        if topic == topics.device(self._device, "config"):
            return self.config
        zone, what = topic.split("/")[-2:]
        return (self.plans if what == "plan" else self.emergencies).get(zone)

    def _hold(self, topic: str, document: Config | Plan) -> None:
        if isinstance(document, Config):
            self.config = document
        elif topic == topics.plan(document.zone):
            self.plans[document.zone] = document
        else:
            self.emergencies[document.zone] = document

    def _path(self, topic: str) -> Path:
        name, what = topic.split("/")[-2:]
        return self._folder / ("config.jws" if what == "config" else f"{what}.{name}.jws")

    def _write_seen(self) -> None:
        held = {topic: [*revision, kid] for topic, (revision, kid) in self._seen.items()}
        self._durable.write(self._folder / "seen.json", json.dumps(held).encode(), "seen")
        self._kept_seen = dict(self._seen)

    def _load_seen(self) -> dict[str, tuple[Revision, str]]:
        try:
            held = json.loads((self._folder / "seen.json").read_text())
            return {topic: (Revision(int(e), int(n)), str(kid)) for topic, (e, n, kid) in held.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            log.error("seen.json cannot be read: %s", error)
            return {}


def _check_time_zone(config: Config) -> None:
    try:
        ZoneInfo(config.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WireError(Refusal.MALFORMED, f"no time zone {config.time_zone!r}") from error
