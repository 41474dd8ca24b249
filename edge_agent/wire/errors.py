"""What can go wrong on the wire. Few errors; each carries the fact that decides."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a message was refused; counted by reason in the presence of a device."""

    MALFORMED = "malformed"
    """Not a JWS, not JSON, or not a message of that kind."""
    TOO_LARGE = "too_large"
    """More bytes than any message of ours."""
    UNKNOWN_KEY = "unknown_key"
    """Signed by a key that no key list names."""
    REVOKED_KEY = "revoked_key"
    """Signed by a key that a key list has taken back, or after its last day."""
    BAD_SIGNATURE = "bad_signature"
    """The signature does not fit the payload."""
    OUT_OF_SCOPE = "out_of_scope"
    """Signed by a key that may not speak to this zone or device."""
    MISPLACED = "misplaced"
    """A good document on a topic that is not its own, or retained where none may be."""
    ROLLED_BACK = "rolled_back"
    """Older than the revision already held."""
    REPLAYED = "replayed"
    """A command, receipt or welcome that was already obeyed or is not an answer to us."""
    EXPIRED = "expired"
    """A command past its time."""


class WireError(Exception):
    """A message that is not to be obeyed. It never will be understood, so it is acknowledged and counted."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


class LinkDown(Exception):
    """There is no connection to the broker now. Trying later may help."""
