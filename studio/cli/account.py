"""Who is logged in on this computer: address, name and token, in a file only its owner may read."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from studio.cli.exits import CliError, Exit

NOT_LOGGED_IN = "Bạn chưa đăng nhập. Hãy chạy: loa login ĐỊA-CHỈ --user TÊN"


class Account(BaseModel):
    """A log-in at a studio."""

    model_config = ConfigDict(frozen=True)

    url: str
    """Of the studio, without a final slash."""
    user: str
    token: str


def file() -> Path:
    """Where the account is kept: XDG_CONFIG_HOME, as the XDG Base Directory Specification has it."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".config") / "loa" / "login.json"


def load() -> Account:
    """Read the account. Raises CliError (3) if nobody is logged in."""
    try:
        return Account.model_validate_json(file().read_bytes())
    except (OSError, ValidationError) as error:
        raise CliError(NOT_LOGGED_IN, Exit.FORBIDDEN) from error


def save(account: Account) -> None:
    """Keep the account, readable by its owner only from the first byte on. Raises CliError if the disk refuses."""
    path = file()
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(account.model_dump_json())
        fresh.replace(path)
    except OSError as error:
        raise CliError(f"Không ghi được {path}: {error.strerror}.") from error


def forget() -> None:
    """Remove the account; harmless if there is none."""
    file().unlink(missing_ok=True)
