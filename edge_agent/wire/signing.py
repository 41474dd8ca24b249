"""Signatures: JWS compact serialisation (RFC 7515) with Ed25519 (RFC 8037; `alg` as RFC 9864 names it).

Two kinds of key. The *root* signs only key lists; a device pins its public half when it is enrolled.
A *signer* is named by a key list and speaks for the studio, within its scope. Devices have keys of their own.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import Field, TypeAdapter, ValidationError

from edge_agent.wire import topics
from edge_agent.wire.accounts import FromDevice
from edge_agent.wire.documents import Command, Config, FromStudio, KeyList, Plan, Receipt, Signer, Welcome
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.words import Message

ALGORITHM: Final = "Ed25519"
MAX_BYTES = 2 * 1024 * 1024
"""No message of ours is larger: 14 days of plan are about 100 KB, an inline emergency about 75 KB."""

_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM])
# The library's own bound, 128 kB, is less than a fortnight of a busy commune.
_REGISTRY.max_payload_length = MAX_BYTES

_FROM_STUDIO: TypeAdapter[FromStudio] = TypeAdapter(Annotated[FromStudio, Field(discriminator="kind")])
_FROM_DEVICE: TypeAdapter[FromDevice] = TypeAdapter(Annotated[FromDevice, Field(discriminator="kind")])


def new_key() -> OKPKey:
    """Make an Ed25519 key pair."""
    return OKPKey.generate_key(ALGORITHM)


def kid(key: OKPKey) -> str:
    """Name a key by its RFC 7638 thumbprint, shortened to 96 bits: a name, not a proof."""
    return key.thumbprint()[:16]


def public_x(key: OKPKey) -> str:
    """The public half, as JWK's `x` (base64url, 43 characters)."""
    return str(key.as_dict(private=False)["x"])


def public_key(x: str) -> OKPKey:
    """The key whose public half is `x`. Raises WireError where `x` is none."""
    try:
        return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})
    except (JoseError, ValueError) as error:
        raise WireError(Refusal.MALFORMED, f"not an Ed25519 public key: {error}") from error


def private_text(key: OKPKey) -> str:
    """The whole pair as JWK JSON, for a file only its owner may read."""
    return json.dumps(key.as_dict(private=True))


def private_key(text: str) -> OKPKey:
    """Read what `private_text` wrote. Raises WireError where it is no private Ed25519 key."""
    try:
        key = OKPKey.import_key(json.loads(text))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise WireError(Refusal.MALFORMED, f"not an Ed25519 key: {error}") from error
    if not key.is_private or key.curve_name != "Ed25519":
        raise WireError(Refusal.MALFORMED, "not a private Ed25519 key")
    return key


def sign(message: Message, key: OKPKey) -> bytes:
    """Make the JWS of a message."""
    header = {"alg": ALGORITHM, "kid": kid(key)}
    return jws.serialize_compact(header, message.wire_json(), key, algorithms=[ALGORITHM]).encode()


def signed_by(payload: bytes) -> str:
    """The name of the key a JWS claims to be signed with. Raises WireError: malformed, too_large."""
    return _claimed(_unverified(payload))


def _claimed(unverified: jws.CompactSignature) -> str:
    return str(unverified.headers().get("kid", ""))


def _unverified(payload: bytes) -> jws.CompactSignature:
    if len(payload) > MAX_BYTES:
        raise WireError(Refusal.TOO_LARGE, f"{len(payload)} bytes")
    try:
        unverified = jws.extract_compact(payload, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(Refusal.MALFORMED, f"not a JWS: {error}") from error
    # The library takes any JSON in which it finds `alg`: ["alg"] and "alg" too.
    if not isinstance(unverified.protected, dict):
        raise WireError(Refusal.MALFORMED, "not a JWS: its header is not an object")
    return unverified


def _verified(unverified: jws.CompactSignature, key: OKPKey) -> bytes:
    try:
        holds = jws.validate_compact(unverified, key, algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise WireError(Refusal.BAD_SIGNATURE, f"the signature cannot be checked: {error}") from error
    if not holds:
        raise WireError(Refusal.BAD_SIGNATURE, "the signature does not hold")
    return bytes(unverified.payload)


def _key_list(text: bytes) -> KeyList:
    try:
        return KeyList.model_validate_json(text)
    except ValidationError as error:
        raise WireError(Refusal.MALFORMED, f"not a key list: {error.error_count()} faults") from error


@dataclass(frozen=True)
class Keyring:
    """Whom a device believes. Immutable: adopting a key list gives a new ring."""

    roots: Mapping[str, OKPKey]
    held: KeyList | None = None
    _signers: Mapping[str, tuple[Signer, OKPKey]] = field(default_factory=dict)

    @classmethod
    def pinned(cls, root_xs: Iterable[str]) -> "Keyring":
        """A ring that knows only the public halves of roots."""
        keys = [public_key(x) for x in root_xs]
        return cls({kid(key): key for key in keys})

    def adopt(self, payload: bytes) -> "Keyring":
        """Take over a key list that a root has signed.

        Raises WireError: unknown_key, bad_signature, malformed, rolled_back.
        """
        unverified = _unverified(payload)
        root = self.roots.get(_claimed(unverified))
        if root is None:
            raise WireError(Refusal.UNKNOWN_KEY, "a key list that no root of ours has signed")
        told = _key_list(_verified(unverified, root))
        if self.held is not None and told.revision < self.held.revision:
            raise WireError(Refusal.ROLLED_BACK, f"key list {told.revision} after {self.held.revision}")
        signers = {s.kid: (s, public_key(s.x)) for s in told.signers if s.kid not in told.revoked}
        return replace(self, held=told, _signers=signers)

    def open(self, topic: str, payload: bytes, *, now: datetime | None) -> FromStudio:
        """Verify what came on `topic` and return the document it holds.

        `now` is null while the time is unknown; a signer's last day is then not looked at.
        Raises WireError with the reason of the refusal.
        """
        unverified = _unverified(payload)
        name = _claimed(unverified)
        if name not in self._signers:
            if self.held is not None and name in self.held.revoked:
                raise WireError(Refusal.REVOKED_KEY, f"key {name} was taken back")
            raise WireError(Refusal.UNKNOWN_KEY, f"no key list names {name!r}")
        signer, key = self._signers[name]
        text = _verified(unverified, key)
        if now is not None and signer.until is not None and signer.until <= now:
            raise WireError(Refusal.REVOKED_KEY, f"key {name} held until {signer.until}")
        try:
            message = _FROM_STUDIO.validate_json(text)
        except ValidationError as error:
            raise WireError(Refusal.MALFORMED, f"not a message: {error.error_count()} faults") from error
        if topics.of(message) != topic:
            raise WireError(Refusal.MISPLACED, f"{topics.of(message)} came on {topic}")
        if not _in_scope(signer, message):
            raise WireError(Refusal.OUT_OF_SCOPE, f"key {name} may not speak on {topic}")
        return message


def _in_scope(signer: Signer, message: FromStudio) -> bool:
    def may(names: Iterable[str], name: str | None) -> bool:
        return name is not None and ("*" in names or name in names)

    match message:
        case Plan():
            return may(signer.zones, message.zone)
        case Command():
            return may(signer.zones, message.zone) or may(signer.devices, message.device)
        case Config() | Welcome() | Receipt():
            return may(signer.devices, message.device)


def keys_inside(payload: bytes) -> bytes | None:
    """The key list inside a config that is not verified yet, for `Keyring.adopt`, before the config itself.

    The list is signed by a root, so looking at it first gives nothing away. Raises WireError: malformed.
    """
    try:
        held = json.loads(_unverified(payload).payload)
        keys = held.get("keys") if isinstance(held, dict) else None
        return keys.encode() if isinstance(keys, str) and keys else None
    except (ValueError, RecursionError) as error:  # a lone surrogate is valid JSON, but no text
        raise WireError(Refusal.MALFORMED, f"not JSON: {error}") from error


def open_from_device(topic: str, payload: bytes, key: OKPKey) -> FromDevice:
    """Verify what came on a device's topic with the key it was enrolled with.

    Raises WireError: malformed, too_large, bad_signature, misplaced.
    """
    text = _verified(_unverified(payload), key)
    try:
        message = _FROM_DEVICE.validate_json(text)
    except ValidationError as error:
        raise WireError(Refusal.MALFORMED, f"not a message: {error.error_count()} faults") from error
    if topics.of(message) != topic:
        raise WireError(Refusal.MISPLACED, f"{topics.of(message)} came on {topic}")
    return message
