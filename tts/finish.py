"""From the master to the file for air: shape, make loud, limit, encode, listen, and do it again if Opus overshot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from math import isfinite

import numpy as np

from tts.mastering import HIGHEST, TELEPHONE, Survey, limited, shaped
from tts.opus import KILOBITS, LEAST_KILOBITS, Encoder
from tts.presets import NARROW, Preset
from tts.qa import HIGHEST_PEAK, TOLERANCE, Hearing, Timing, listen
from tts.sound import FRAME, Wave
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

_TRIES, _MARGIN = 6, 0.5
"""How often at most it is encoded, and the dB a piece is held lower beyond what it went over."""

_CONTAINER = 0.6
"""Kilobits a second for the pages of Ogg, and what Opus takes beyond its rate."""


def finish(track: Track, air: Air, workers: Workers) -> Finished:
    """Master and encode; what could not be put right stands in `hearing.quality.faults`.

    What counts is the decoded sound: Opus overshoots peaks and takes a little loudness, at low rates much of both. So
    a further try holds those pieces lower in which the last one went over, and the best is kept: first the peak, then
    the loudness.
    """
    wanted, tolerance = air.preset.lufs, _NARROW_TOLERANCE if air.narrow else TOLERANCE
    target, eased = wanted + air.preset.loss, [0.0] * len(track.segments)
    survey = _survey(track, air, workers)
    tries: list[tuple[float, float, Finished]] = []
    for _ in range(_TRIES):
        ogg = _encoded(track, air, workers, survey.gain_for(target, air.preset.ceiling), eased)
        hearing = listen(
            ogg, lufs=wanted, tolerance=tolerance, timings=air.timings, clipped_before=track.clipped
        )
        over, short = hearing.quality.true_peak - HIGHEST_PEAK, wanted - hearing.quality.lufs
        tries.append((max(over, 0.0), abs(short), Finished(ogg, sha256(ogg).hexdigest(), hearing)))
        right = air.narrow or abs(short) <= 0.8 * tolerance
        if not isfinite(short) or (over <= 0 and right):
            break
        target += 0.0 if right else short / 2  # the gate of the meter may answer with a leap
        eased = _eased(track, eased, hearing.over)
    return min(tries, key=lambda tried: tried[:2])[2]


def _eased(track: Track, eased: Sequence[float], over: Mapping[int, float]) -> list[float]:
    """Add to what each segment is held lower, in dB, by how far it went over."""
    more = [0.0] * len(eased)
    for frame, peak in over.items():
        number = track.segment_at(frame * FRAME)
        more[number] = max(more[number], peak - HIGHEST_PEAK + _MARGIN)
    return [before + now for before, now in zip(eased, more, strict=True)]


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
    looked = list(workers.in_order(partial(_surveyed, air), track.pieces()))
    return Survey(
        np.concatenate([each.energies for each in looked]), np.concatenate([each.peaks for each in looked])
    )


def _encoded(track: Track, air: Air, workers: Workers, gain: float, eased: Sequence[float]) -> bytes:
    """Encode behind a gain; several pieces are mastered while one is encoded."""
    with Encoder(air.kilobits) as encoder:
        jobs = zip(track.pieces(), eased, strict=True)
        for done, data in enumerate(workers.in_order(partial(_mastered, air, gain), jobs), 1):
            encoder.write(data)
            air.step(done, len(track.segments))
        return encoder.finish()


def _shaped(air: Air, read: tuple[Segment, Wave]) -> Wave:
    segment, raw = read
    return shaped(raw * np.float32(segment.gain), air.preset, TELEPHONE if air.narrow else HIGHEST)


def _surveyed(air: Air, read: tuple[Segment, Wave]) -> Survey:
    return Survey.of(_own(read[0], _shaped(air, read)))


def _mastered(air: Air, gain: float, job: tuple[tuple[Segment, Wave], float]) -> Wave:
    read, eased = job
    # A lower ceiling costs no loudness, but a narrow wave is redrawn whatever its peaks were.
    ceiling, last = (
        air.preset.ceiling - (0 if air.narrow else eased),
        10 ** (-eased / 20) if air.narrow else 1.0,
    )
    return _own(read[0], limited(_shaped(air, read) * np.float32(gain), ceiling)) * np.float32(last)


def _own(segment: Segment, data: Wave) -> Wave:
    """Cut off the neighbours."""
    return data[segment.before : segment.before + segment.samples]
