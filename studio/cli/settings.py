"""The studio's settings, read at the door of the command line."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from studio.cli.exits import CliError
from studio.settings import StudioSettings


def read_settings(**given: Any) -> StudioSettings:
    """Read the environment; what is `given` and not None outranks it. Raises CliError naming what is wrong."""
    try:
        return StudioSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(_fault(each) for each in error.errors())
        raise CliError(f"Cài đặt chưa đúng, hãy sửa: {wrong}.") from error


def _fault(each: ErrorDetails) -> str:
    name = "LOA_STUDIO_" + "__".join(str(part) for part in each["loc"]).upper()
    own = each.get("ctx", {}).get("error")  # pydantic's own words are English
    return f"{name}: {own}" if isinstance(own, ValueError) else name
