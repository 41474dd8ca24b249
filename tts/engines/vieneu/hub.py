"""The Hugging Face cache. A process is off line (it speaks) or on line (it fetches), from before the first import.

`huggingface_hub` reads its flags when it is imported. Without them a machine with no network waits a minute and a
half for every file it already has.
"""

import os
import sys
from typing import Any

_OFF_LINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}
_ON_LINE = _OFF_LINE | {
    "HF_HUB_OFFLINE": "0",
    "TRANSFORMERS_OFFLINE": "0",
    "HF_HUB_DISABLE_XET": "1",  # its transfers cannot be taken up again after a cut
}


def off_line() -> Any:
    """Import `huggingface_hub` so that it never looks at the network. Raises RuntimeError if it is too late."""
    return _imported(_OFF_LINE)


def on_line() -> Any:
    """Import `huggingface_hub` for fetching. Raises RuntimeError if it is too late."""
    return _imported(_ON_LINE)


def _imported(flags: dict[str, str]) -> Any:
    fresh = "huggingface_hub" not in sys.modules
    if fresh:
        os.environ.update(flags)
    import huggingface_hub.file_download
    import huggingface_hub.utils

    if huggingface_hub.is_offline_mode() is not (flags["HF_HUB_OFFLINE"] == "1"):
        raise RuntimeError(
            "huggingface_hub was imported with the other flags: one process both speaks and fetches"
        )
    return huggingface_hub
