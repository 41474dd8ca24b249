"""From the master to the file for air: shape, make loud, limit, encode, listen, and do it again if Opus overshot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from math import isfinite

import numpy as np

from tts.mastering import HIGHEST, TELEPHONE, Survey, limited, shaped
from tts.opus import KILOBITS, LEAST_KILOBITS, Encoder
from tts.presets import NARROW, Preset
from tts.qa import HIGHEST_PEAK, TOLERANCE, Hearing, Timing, listen
from tts.sound import Wave
from tts.track import Segment, Track
from tts.workers import Workers


@dataclass(frozen=True, slots=True)
class Finished:
    """A file ready for air, named by its sha256, with what was heard in it."""

    ogg: bytes
    sha256: str
    hearing: Hearing


@dataclass(frozen=True, slots=True)
class Air:
    """What a sound is to become: for which place, with how many bits, under whose eyes."""

    preset: Preset
    kilobits: float = KILOBITS
    timings: Sequence[Timing] = ()
    step: Callable[[int, int], None] = lambda _done, _total: None
    """Told how many of how many pieces are encoded; may raise to give up."""

    def within(self, kilobits: float) -> "Air":
        """The same with so many kilobits, shaped for Opus at such a rate."""
        return replace(self, kilobits=kilobits, preset=NARROW if kilobits < _NARROW_BELOW else self.preset)

    @property
    def narrow(self) -> bool:
        """Whether Opus keeps only the band of a telephone and redraws the wave freely."""
        return self.preset is NARROW


_NARROW_BELOW, _NARROW_TOLERANCE = 12.0, 1.5
"""Kilobits below which a sound is narrow, and how far off its loudness may be where peaks ask for it."""

_CONTAINER = 0.6
"""Kilobits a second for the pages of Ogg, and what Opus takes beyond its rate."""


def finish(track: Track, air: Air, workers: Workers) -> Finished:
    """Master and encode; what could not be put right stands in `hearing.quality.faults`.

    What counts is the decoded sound: Opus overshoots peaks and takes a little loudness, at low rates much of both. So
    each further try starts from what the last one measured, and the best is kept: first the peak, then the loudness.
    """
    wanted, tolerance = air.preset.lufs, _NARROW_TOLERANCE if air.narrow else TOLERANCE
    target, ceiling, turned_down = wanted + air.preset.loss, air.preset.ceiling, 0.0
    survey = _survey(track, air, workers)
    tries: list[tuple[float, float, Finished]] = []
    for _ in range(4):
        levels = survey.gain_for(target, ceiling), ceiling, 10 ** (turned_down / 20)
        ogg = _encoded(track, air, workers, levels)
        hearing = listen(ogg, lufs=wanted, tolerance=tolerance, timings=air.timings)
        over, short = hearing.quality.true_peak - HIGHEST_PEAK, wanted - hearing.quality.lufs
        tries.append((max(over, 0.0), abs(short), Finished(ogg, sha256(ogg).hexdigest(), hearing)))
        if not isfinite(short) or (over <= 0 and (air.narrow or abs(short) <= 0.8 * tolerance)):
            break
        if over > 0 and air.narrow:
            turned_down -= over + 0.1
        elif over > 0:
            ceiling -= over + 0.3
        else:
            target += short
    return min(tries, key=lambda tried: tried[:2])[2]


def finish_within(track: Track, air: Air, workers: Workers, most_bytes: int) -> Finished | None:
    """Master and encode as well as `most_bytes` allow; None if even the lowest rate is too large."""
    if track.seconds * LEAST_KILOBITS * 1000 / 8 > most_bytes:
        return None
    kilobits = min(KILOBITS, most_bytes * 8 / 1000 / max(track.seconds, 0.1) - _CONTAINER)
    while True:
        finished = finish(track, air.within(max(kilobits, LEAST_KILOBITS)), workers)
        if len(finished.ogg) <= most_bytes:
            return finished
        if kilobits <= LEAST_KILOBITS:
            return None
        kilobits *= 0.97 * most_bytes / len(finished.ogg)


def _survey(track: Track, air: Air, workers: Workers) -> Survey:
    """Shape everything once and keep only what the meters say, so that the first try is right."""
    looked = list(workers.in_order(lambda read: Survey.of(_shaped(air, read)), track.pieces()))
    return Survey(
        np.concatenate([each.energies for each in looked]), np.concatenate([each.peaks for each in looked])
    )


def _encoded(track: Track, air: Air, workers: Workers, levels: tuple[float, float, float]) -> bytes:
    """Encode at gain, ceiling and last gain; several pieces are mastered while one is encoded."""
    work = partial(_mastered, air, levels)
    with Encoder(air.kilobits) as encoder:
        for done, data in enumerate(workers.in_order(work, track.pieces()), 1):
            encoder.write(data)
            air.step(done, len(track.segments))
        return encoder.finish()


def _shaped(air: Air, read: tuple[Segment, Wave], gain: float = 1.0, ceiling: float | None = None) -> Wave:
    segment, raw = read
    heard = shaped(raw * np.float32(segment.gain), air.preset, TELEPHONE if air.narrow else HIGHEST)
    if ceiling is not None:
        heard = limited(heard * np.float32(gain), ceiling)
    return heard[segment.before : segment.before + segment.samples]


def _mastered(air: Air, levels: tuple[float, float, float], read: tuple[Segment, Wave]) -> Wave:
    gain, ceiling, last = levels
    return _shaped(air, read, gain, ceiling) * np.float32(last)
