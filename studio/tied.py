"""Children that end with us, also when we are killed and can clean nothing up."""

import shutil
from collections.abc import Sequence


def tied(command: Sequence[str]) -> list[str]:
    """Make a command that gets SIGTERM once the thread that started it is gone, for whatever reason.

    By `setpriv` of util-linux, which is on every Debian and which becomes the command; where it is missing, the
    command stays as it is.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else list(command)
