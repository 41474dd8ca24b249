"""A Hugging Face cache with tiny weights for VieNeu, and the package's own server speaking with them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support import tiny_vieneu
from tests.support.mosquitto import free_port

KEY = "chỉ để thử".encode().hex()


def make(folder: Path, *, traps: int = tiny_vieneu.TRAPS) -> Path:
    """Make the cache; returns where it is, for HF_HUB_CACHE."""
    tiny_vieneu.lay_out(tiny_vieneu.repositories(folder / "made", traps=traps), folder / "hub")
    return folder / "hub"


@contextmanager
def openai_server(cache: Path) -> Iterator[str]:
    """Run the server that VieNeu brings along; gives its URL, which ends in /v1."""
    port = free_port()
    world = os.environ | {"HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1", "VIENEU_API_KEY": KEY}
    world |= {"HOST": "127.0.0.1", "PORT": str(port), "VIENEU_BACKEND": "onnx"}
    command = [sys.executable, "-m", "apps.openai_speech"]
    server = subprocess.Popen(command, env=world, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.communicate()


def _wait_for(url: str, server: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if httpx.get(url, timeout=5).is_success:
                return
        except httpx.TransportError:
            assert server.poll() is None, server.communicate()[1].decode()
            time.sleep(0.05)
    raise AssertionError(f"no answer from {url} in {seconds:g} s")
