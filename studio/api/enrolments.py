"""/enrolments: where a box at the desk becomes a device. The one route without a log-in: the code is the key."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from studio import broker, enrolment, keys, outbox
from studio.db import transaction
from studio.errors import Forbidden
from studio.settings import StudioSettings
from studio.web.doors import Now, TheServices

router = APIRouter(tags=["places"])

_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104


class Application(BaseModel):
    """What a box says of itself."""

    code: str = Field(max_length=100)
    """The one-time code; the part after the dot may be left out."""
    key: str = Field(max_length=100)
    """Its Ed25519 public key, JWK's `x`."""
    version: str = Field(default="", max_length=64)
    """Version of the agent."""


class BrokerAccess(BaseModel):
    """How the box reaches the broker."""

    host: str
    port: int
    username: str
    password: str
    tls_ca_pem: str | None
    """The CA of the broker's certificate, PEM; null: no TLS."""


class Enrolment(BaseModel):
    """Everything a box needs; the password is told this once."""

    device: str
    broker: BrokerAccess
    roots: list[str]
    """Public halves of the root keys; the box pins the one its code names."""
    keys: str
    """The key list, a JWS signed by a root."""
    config: str
    """The first config, a JWS."""


@router.post("/enrolments", status_code=201)
def enrol(given: Application, request: Request, services: TheServices, now: Now) -> Enrolment:
    """Enrol a box. 403 for a wrong, used or expired code; 429 after too many of them."""
    address = request.client.host if request.client else ""
    services.wrong_codes.check(address, now=now)
    settings = services.settings
    try:
        with transaction(services.engine) as session:
            enrolled = enrolment.enrol(
                session, code=given.code, key=given.key, now=now, hash_password=broker.hash_password
            )
            device = enrolled.device
            seal = keys.load(session, settings.keys_directory)
            config = outbox.config(session, device, seal=seal, sounds_url=f"{settings.url}/sounds", now=now)
    except Forbidden:
        services.wrong_codes.wrong(address, now=now)
        raise
    services.users_changed()  # committed: the box may log in as soon as it has this answer
    return Enrolment(
        device=device.id,
        broker=_access(settings, device.id, enrolled.password),
        roots=list(seal.roots),
        keys=seal.key_list,
        config=seal.sign(config).decode(),
    )


def _access(settings: StudioSettings, device: str, password: str) -> BrokerAccess:
    to = settings.broker
    # A broker that listens everywhere is reached where the studio is.
    host = (urlsplit(settings.url).hostname or to.host) if to.host in _ANYWHERE else to.host
    ca = to.ca_file.read_text() if to.tls and to.ca_file else None
    return BrokerAccess(host=host, port=to.port, username=device, password=password, tls_ca_pem=ca)
