"""Reads whatever was brought: tells its kind, then lets that kind's reader read it. Pure but for the log."""

import logging
from importlib import import_module
from typing import Protocol, cast

from studio.imports.found import Found, Kind, Unreadable
from studio.imports.kinds import kind_of, refused

log = logging.getLogger(__name__)

READERS = {
    Kind.TEXT: "studio.imports.text",
    Kind.HTML: "studio.imports.html",
    Kind.MHTML: "studio.imports.mhtml",
    Kind.DOCX: "studio.imports.docx",
    Kind.PDF: "studio.imports.pdf",
}
"""Which module reads which kind; only the one that is needed is imported."""


class Reader(Protocol):
    """A module of this package that reads one kind."""

    def read(self, data: bytes) -> Found:
        """Read a whole file; raises Unreadable, saying what to mend."""


def read(data: bytes) -> Found:
    """Find the bulletin in a file or in pasted text (UTF-8); raises Unreadable and nothing else."""
    kind = kind_of(data)
    reader = cast(Reader, import_module(READERS[kind]))
    try:
        return reader.read(data)
    except Unreadable:
        raise
    except Exception:
        # These libraries stumble over spoilt files in more ways than they name.
        log.exception("a file (%s, %d bytes) over which its reader stumbled", kind, len(data))
        raise refused("broken") from None
