"""Tiny weights for the neural voices, and a server that speaks with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import weights
from tts.engines.options import EngineOptions, RemoteOptions
from tts.engines.vieneu import hub


@pytest.fixture(scope="session")
def hub_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Weights in the layout of the Hugging Face cache, and the hub's library of this process looking there."""
    folder = weights.make(tmp_path_factory.mktemp("weights"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub.off_line().constants, "HF_HUB_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineOptions]:
    """Options that name the server which VieNeu brings along, and its key."""
    folder = tmp_path_factory.mktemp("remote")
    key = folder / "key"
    key.write_text(f"{weights.KEY}\n")
    # It takes no seed, so that with traps it would now and then fall into one four times running.
    with weights.openai_server(weights.make(folder, traps=0)) as url:
        yield EngineOptions(remote=RemoteOptions(url=url, key_file=key))
