"""Pages that a browser saved whole into one file (.mht, .mhtml): an e-mail whose first HTML part is the page. Pure."""

import email
import email.policy
from email.errors import MessageError
from email.message import EmailMessage

from studio.imports import html
from studio.imports.found import Found, Kind
from studio.imports.kinds import refused


def read(data: bytes) -> Found:
    """Read a saved page; raises Unreadable."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
        page = _text(pages[0]) if pages else None
    except (MessageError, LookupError, ValueError, AttributeError, TypeError, IndexError):
        raise refused(
            "broken"
        ) from None  # the e-mail parser of Python stumbles in many ways over spoilt headers
    if page is None:
        raise refused("broken")
    return html.read_page(page, Kind.MHTML)


def _text(part: EmailMessage) -> str | None:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return None
    return payload.decode(part.get_content_charset("utf-8"), "replace")
