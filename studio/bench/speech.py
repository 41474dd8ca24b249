"""`loa bench speech`: how long a page takes to be read and to become a finished sound, and how much memory."""

import os
import random
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from sea_g2p import Normalizer

from studio.bench.figures import Figure, percentile
from studio.bench.processes import beside
from tts.engines import Engine, Samples, load
from tts.errors import SpeechError
from tts.opus import encode
from tts.script import Words, readable
from tts.sound import at_our_rate, join
from tts.speak import compose
from tts.text.read import read
from tts.text.sentences import paragraphs

READ_MS, SHARE, GROWTH = 50.0, 0.03, 1.1
Result = TypeVar("Result")
CHILD_S = 600.0
"""How long a child of the benchmark may take."""
REFUSED = 1_000_000
"""Characters of a text that nobody would listen to."""

_SENTENCES = (
    "Căn cứ Nghị định số {a}/2024/NĐ-CP ngày {d}/{m}/2024 của Chính phủ, Ủy ban nhân dân xã thông báo tới bà con.",
    "Người điều khiển xe máy có nồng độ cồn bị phạt từ {a}.000.000 đồng đến {b}.000.000 đồng theo khoản {d} Điều {m}.",
    "Thời gian: từ {m}h30 ngày {d}/{m}/2026 đến 17h00 cùng ngày, tại nhà văn hóa ấp {m}.",
    "Đối tượng gồm {b} hộ nghèo, {a} hộ cận nghèo, đạt {m},{d} % so với kế hoạch của UBND tỉnh.",
    "Mọi thắc mắc xin liên hệ số 0290 38{a} 2{b} hoặc gọi ngay 113 khi thấy dấu hiệu lừa đảo.",
    "Bà con tuyệt đối không cung cấp mã OTP, số tài khoản và mật khẩu cho người lạ dưới mọi hình thức.",
)


@dataclass(frozen=True)
class Sizes:
    """How large a benchmark is."""

    characters: int = 3_800
    rounds: int = 3
    seed: int = 1


def a_page(characters: int, seed: int) -> str:
    """Write so many characters of a commune's legal text, three sentences a paragraph."""
    chance = random.Random(seed)  # noqa: S311
    text = ""
    while len(text) < characters:
        facts = {"a": chance.randint(10, 99), "b": chance.randint(100, 999), "d": chance.randint(1, 28)}
        paragraph = chance.sample(_SENTENCES, 3)
        text += " ".join(paragraph).format(m=chance.randint(6, 12), **facts) + "\n"
    return text[:characters].rsplit(" ", 1)[0]


def speech(sizes: Sizes) -> Iterator[Figure]:
    """Read, speak with eSpeak, speak with an engine that costs nothing, and weigh. Raises SpeechError."""
    page = a_page(sizes.characters, sizes.seed)
    yield _read(page, sizes)
    yield from _spoken(page, sizes)
    yield from _around(page, sizes)
    yield from _memory(sizes)


def _read(page: str, sizes: Sizes) -> Figure:
    base = Normalizer()
    base.normalize(page)
    read(page)
    took = 1000 * _median(lambda: read(page), 5 * sizes.rounds)
    return Figure(
        what=f"a page of {len(page)} characters read, median",
        value=took,
        unit="ms",
        floor=1000 * _median(lambda: base.normalize(page), 5 * sizes.rounds),
        goal=f"≤ {READ_MS:g} ms",
        holds=took <= READ_MS,
    )


def _spoken(page: str, sizes: Sizes) -> Iterator[Figure]:
    """Beside the barest: eSpeak, one sentence after the other, and the encoder; neither mastered nor listened to."""
    espeak = load("espeak")
    sentences = [sentence for paragraph in paragraphs(readable(Words(page)).spoken) for sentence in paragraph]

    def barely() -> float:
        sound = join([at_our_rate(said.data, said.rate) for said in map(espeak.speak, sentences)])
        encode(sound)
        return sound.seconds

    spoken, wall, processor = _timed(lambda: compose([Words(page)]), sizes)
    seconds, bare_wall, bare_processor = _timed(barely, sizes)
    what = f"the page to finished Opus with espeak, {spoken.seconds:.0f} s long"
    yield _share(f"{what}, on {_cores()} cores", wall / spoken.seconds, bare_wall / seconds)
    yield Figure(
        what=f"{what}, processor time",
        value=processor / spoken.seconds,
        unit="s/s",
        floor=bare_processor / seconds,
    )


def _around(page: str, sizes: Sizes) -> Iterator[Figure]:
    """The same sentences from memory, as if an engine took no time, beside their bare encoding."""
    kept = _Replayed(load("espeak"))
    words = Words(page, engine=kept)
    compose([words])
    spoken, wall, _ = _timed(lambda: compose([words]), sizes)
    sound = join([at_our_rate(said.data, said.rate) for said in kept.said.values()])
    _, bare, _ = _timed(lambda: encode(sound), sizes)
    yield _share(
        f"everything around an engine, {spoken.seconds:.0f} s of speech, on {_cores()} cores",
        wall / spoken.seconds,
        bare / sound.seconds,
    )


class _Replayed:
    """Says again what another engine once said."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name, self.manner = engine.name, replace(engine.manner, side_by_side=True)
        self.voices, self.lacks, self.version = engine.voices, engine.lacks, engine.version
        self.said: dict[str, Samples] = {}

    def speak(self, sentence: str, *, voice: str | None = None, take: int = 0) -> Samples:
        """Answer from memory what has been said once."""
        if sentence not in self.said:
            self.said[sentence] = self._engine.speak(sentence, voice=voice, take=take)
        return self.said[sentence]


def _memory(sizes: Sizes) -> Iterator[Figure]:
    """What a process of its own needs at most: for a text, for one ten times as long, for one that is refused."""
    # A page ten times as long would be refused.
    little = round(0.4 * sizes.characters)
    short, long = (a_page(length, sizes.seed) for length in (little, 10 * little))
    base, _, seconds = _in_a_child(short)
    much, _, longer = _in_a_child(long)
    yield Figure(
        what=f"memory at most, a sound of {longer:.0f} s beside one of {seconds:.0f} s",
        value=much,
        unit="MB",
        floor=base,
        goal=f"≤ {GROWTH:g} times",
        holds=much <= GROWTH * base,
    )
    weight, took, _ = _in_a_child(a_page(REFUSED, sizes.seed))
    yield Figure(
        what=f"memory at most, a text of {REFUSED / 1e6:g} MB refused in {1000 * took:.0f} ms",
        value=weight,
        unit="MB",
        floor=base,
        goal=f"≤ {GROWTH:g} times",
        holds=weight <= GROWTH * base,
    )


def _in_a_child(text: str) -> tuple[float, float, float]:
    with beside(_speak_and_weigh, text) as pipe:
        if not pipe.poll(CHILD_S):
            raise TimeoutError("a child of the benchmark does not answer")
        told: tuple[float, float, float] = pipe.recv()
        return told


def _speak_and_weigh(text: str, pipe: Connection) -> None:
    """Speak with the engine of the tests; tell MB at most, seconds it took, seconds of sound (0 if refused)."""
    begun = time.perf_counter()
    try:
        seconds = compose([Words(text, "tone")]).seconds
    except SpeechError:
        seconds = 0.0
    took = time.perf_counter() - begun
    # Not ru_maxrss: that begins with what the parent had when it forked.
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    pipe.send((peak / 1024, took, seconds))


def _share(what: str, value: float, floor: float) -> Figure:
    return Figure(
        what=what,
        value=value,
        unit="s/s",
        floor=floor,
        goal=f"≤ {SHARE:g} of playing time",
        holds=value <= SHARE,
    )


def _timed(act: Callable[[], Result], sizes: Sizes) -> tuple[Result, float, float]:
    """Do it `rounds` times; returns the last result, and median seconds by the wall clock and of all processors."""
    walls, processors = [], []
    for _ in range(sizes.rounds):
        begun, used = time.perf_counter(), _processor()
        result = act()
        walls.append(time.perf_counter() - begun)
        processors.append(_processor() - used)
    return result, percentile(walls, 50), percentile(processors, 50)


def _median(act: Callable[[], object], times: int) -> float:
    walls = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        walls.append(time.perf_counter() - begun)
    return percentile(walls, 50)


def _processor() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _cores() -> int:
    return len(os.sched_getaffinity(0))
