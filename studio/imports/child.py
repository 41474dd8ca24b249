"""Reads one file from standard input and says on standard output, in JSON, what was found in it.

A program of its own, run by apart.py: a hostile or spoilt file can take time and memory here, and end this process,
but not the studio. It has no settings and no database.
"""

import dataclasses
import json
import logging
import resource
import sys
from typing import Any

from studio.imports.found import Unreadable
from studio.imports.readers import read

MEMORY = 1536 * 1024 * 1024
"""Bytes of address space; the interpreter with every library takes a third of it."""
LONGEST_S = 25
"""Seconds of computing."""
LARGEST_FILE = 16 * 1024 * 1024
"""Bytes of a file that it may write: Python keeps what it compiled."""


def main() -> None:
    """Read standard input within limits; ends with 0 also when the file was refused."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, LONGEST_S),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    told: dict[str, Any]
    try:
        told = {"found": dataclasses.asdict(read(sys.stdin.buffer.read()))}
    except Unreadable as error:
        told = {"refused": error.message}
    sys.stdout.buffer.write(json.dumps(told, ensure_ascii=True).encode("ascii"))


if __name__ == "__main__":
    main()
