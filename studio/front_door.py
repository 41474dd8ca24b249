"""The command `loa`. On a base install, which is what a Pi has, it says what is missing instead of a traceback."""

import sys
from importlib import import_module


def main() -> None:
    """Run the command line of the studio; exit 1 with one line if its packages are not installed."""
    try:
        import_module("studio.cli").main()  # it imports a command's packages only when asked for that command
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in ("studio", "tts", "scheduler", "edge_agent"):
            raise
        sys.exit(f"Máy này chưa cài phần studio (thiếu gói {error.name}). Hãy chạy: pip install '.[studio]'")
