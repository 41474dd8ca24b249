"""Plays through libasound, by ctypes. A first version: one device, blocking writes, what ALSA's own plugins convert."""

import ctypes
import ctypes.util
import time

import numpy as np

from edge_agent.players import Means, Player, Programme
from edge_agent.players.paced import Paced
from edge_agent.players.samples import Samples

_PLAYBACK = 0
_FORMAT_S16_LE = 2
_RW_INTERLEAVED = 3
_STATE_RUNNING = 3
LATENCY_US = 120_000
"""Length of the card's buffer: what a stop has to wait for at most, and what a busy Pi may oversleep."""


def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("asound") or "libasound.so.2"
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise OSError(
            "không có thư viện ALSA (libasound.so.2); hãy cài gói libasound2 hoặc chọn bộ phát khác"
        ) from error
    library.snd_strerror.restype = ctypes.c_char_p
    library.snd_pcm_writei.restype = ctypes.c_long
    library.snd_pcm_writei.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong)
    library.snd_pcm_open.argtypes = (
        ctypes.POINTER(ctypes.c_void_p),
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_int,
    )
    library.snd_pcm_set_params.argtypes = (
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
    )
    library.snd_pcm_delay.argtypes = (ctypes.c_void_p, ctypes.POINTER(ctypes.c_long))
    library.snd_pcm_recover.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_int)
    for name in ("start", "drop", "drain", "close", "state"):
        getattr(library, f"snd_pcm_{name}").argtypes = (ctypes.c_void_p,)
    return library


class _Card:
    """One opened PCM."""

    ahead_s = 1.0
    """More than its buffer: the card itself sets the pace; this holds back only what swallows without playing."""

    def __init__(self, library: ctypes.CDLL, device: str) -> None:
        self._library, self._device = library, device
        self._pcm: ctypes.c_void_p | None = None
        self._rate = 1

    def open(self, rate: int, *, resumed: bool) -> None:  # noqa: ARG002 - a card does not append
        pcm = ctypes.c_void_p()
        self._check(
            self._library.snd_pcm_open(ctypes.byref(pcm), self._device.encode(), _PLAYBACK, 0),
            f"không mở được card âm thanh «{self._device}»",
        )
        self._pcm, self._rate = pcm, rate
        self._check(
            self._library.snd_pcm_set_params(pcm, _FORMAT_S16_LE, _RW_INTERLEAVED, 1, rate, 1, LATENCY_US),
            f"card âm thanh «{self._device}» không nhận {rate} Hz",
        )

    def write(self, block: Samples) -> None:
        data = (np.clip(block, -1.0, 1.0) * 32767).astype("<i2")
        done = 0
        while done < len(data):
            rest = np.ascontiguousarray(data[done:])
            wrote = self._library.snd_pcm_writei(self._pcm, rest.ctypes.data, len(rest))
            if wrote < 0:
                # An underrun or a suspend is mended; what cannot be mended is told.
                self._check(
                    self._library.snd_pcm_recover(self._pcm, int(wrote), 1),
                    f"card âm thanh «{self._device}» ngừng nhận âm thanh",
                )
                continue
            done += int(wrote)

    def delay_s(self) -> float:
        frames = ctypes.c_long()
        if self._library.snd_pcm_delay(self._pcm, ctypes.byref(frames)) < 0:
            return 0.0
        return max(0, frames.value) / self._rate

    def close(self, *, drain: bool) -> None:
        if self._pcm is None:
            return
        if drain:
            if self._library.snd_pcm_state(self._pcm) != _STATE_RUNNING:
                self._library.snd_pcm_start(self._pcm)  # shorter than the buffer: it never started by itself
            self._library.snd_pcm_drain(self._pcm)
        else:
            # The last block was faded; give it time to be heard, then drop the rest.
            time.sleep(min(self.delay_s(), LATENCY_US / 1e6))
            self._library.snd_pcm_drop(self._pcm)
        self._library.snd_pcm_close(self._pcm)
        self._pcm = None

    def _check(self, code: int, what: str) -> None:
        if code < 0:
            said = self._library.snd_strerror(code).decode(errors="replace")
            raise OSError(f"{what}: {said}")


def load(means: Means) -> Player:
    """Make one. Raises OSError where there is no libasound."""
    library = _library()

    def make(_programme: Programme) -> _Card:
        return _Card(library, means.alsa_device)

    return Paced(means, make)
