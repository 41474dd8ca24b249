"""Sounds for the mastering tests, and a track that holds them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tts.finish import Air, Finished, finish
from tts.presets import QUIET, Preset
from tts.sound import RATE, Sound
from tts.track import Piece, Track, sentence_piece
from tts.workers import Workers


def tones(seconds: float, level: float = 0.3) -> Sound:
    """Swelling tones with a crest a little like that of speech."""
    at = np.arange(int(seconds * RATE)) / RATE
    wave = np.sin(2 * np.pi * 420 * at) + 0.5 * np.sin(2 * np.pi * 1330 * at)
    return Sound((level * wave * np.sin(2 * np.pi * 1.7 * at) ** 4).astype(np.float32))


def track_of(folder: Path, pieces: Iterable[Piece]) -> Track:
    with Track(folder / "master.flac") as track:
        for piece in pieces:
            track.add(piece)
    return track


def finished(folder: Path, *sounds: Sound, preset: Preset = QUIET) -> Finished:
    """Master and encode sentences that are these sounds."""
    track = track_of(folder, (sentence_piece(sound, 0.0) for sound in sounds))
    with Workers() as workers:
        return finish(track, Air(preset), workers)
