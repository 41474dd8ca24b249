"""Where each message stands. A document on any other topic is refused."""

from edge_agent.wire.accounts import FromDevice, Hello, Presence, Reply, ReportBatch
from edge_agent.wire.documents import Command, Config, FromStudio, Plan, Receipt, Welcome

ROOT = "loa/v1"

HELLOS = f"{ROOT}/device/+/hello"
PRESENCES = f"{ROOT}/device/+/presence"
REPORTS = f"{ROOT}/device/+/report"
REPLIES = f"{ROOT}/device/+/reply"
FROM_DEVICES = (HELLOS, PRESENCES, REPORTS, REPLIES)
"""What the studio listens to."""

RETAINED = frozenset({"plan", "emergency", "config", "presence"})
"""Last parts of the topics on which a retained message may stand."""


def plan(zone: str) -> str:
    """The plan of a zone."""
    return f"{ROOT}/zone/{zone}/plan"


def emergency(zone: str) -> str:
    """The emergency plan of a zone."""
    return f"{ROOT}/zone/{zone}/emergency"


def zone_command(zone: str) -> str:
    """Commands to a whole zone."""
    return f"{ROOT}/zone/{zone}/command"


def device(name: str, what: str) -> str:
    """One of a device's own topics: config, welcome, receipt, command, hello, presence, report, reply."""
    return f"{ROOT}/device/{name}/{what}"


def for_device(name: str, zones: tuple[str, ...]) -> tuple[str, ...]:
    """Every topic a device obeys: its own, and those of its zones."""
    own = tuple(device(name, what) for what in ("config", "welcome", "receipt", "command"))
    return own + tuple(topic(zone) for zone in zones for topic in (plan, emergency, zone_command))


def of(message: FromStudio | FromDevice) -> str:
    """The one topic on which this message may stand."""
    match message:
        case Plan():
            return plan(message.zone) if message.kind == "plan" else emergency(message.zone)
        case Command():
            if message.zone is not None:
                return zone_command(message.zone)
            return device(str(message.device), "command")
        case Config() | Welcome() | Receipt() | Hello() | Presence() | Reply():
            return device(message.device, message.kind)
        case ReportBatch():
            return device(message.device, "report")
