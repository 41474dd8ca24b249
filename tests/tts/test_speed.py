"""How long a page will take, measured by speaking."""

from collections.abc import Iterator

import pytest

from tts.engines import Engine, Manner, Samples, Voice, load
from tts.errors import EngineError
from tts.speed import PAGE, SAMPLE, measure


class Slow:
    """The tone engine on a machine where a sentence takes three seconds, and the first one sixty."""

    name, manner = "slow", Manner()

    def __init__(self) -> None:
        self.now, self._tone, self._loaded = 0.0, load("tone"), False

    def voices(self) -> tuple[Voice, ...]:
        return self._tone.voices()

    def lacks(self) -> str:
        return ""

    def version(self) -> str:
        return "1"

    def speak(self, sentence: str, *, voice: str | None = None, take: int = 0) -> Samples:
        self.now += 3.0 if self._loaded else 60.0
        self._loaded = True
        return self._tone.speak(sentence, voice=voice)


def test_loading_counts_apart_and_a_page_is_reckoned_by_its_characters() -> None:
    engine = Slow()
    found = measure(engine, clock=lambda: engine.now)
    sentences = 4
    assert (found.engine, found.voice) == ("slow", "low")
    assert (found.start, found.spent) == (60.0, 3.0 * sentences)
    assert found.page == pytest.approx(3.0 * sentences * PAGE / len(SAMPLE))
    assert found.share == pytest.approx(found.spent / found.heard)


def test_a_page_lasts_about_as_long_as_it_is_read(ticks: Iterator[float]) -> None:
    engine: Engine = load("espeak")
    found = measure(engine, clock=lambda: next(ticks))
    assert 200 < found.page_heard < 400
    assert (found.start, found.spent) == (1.0, 1.0)


@pytest.fixture
def ticks() -> Iterator[float]:
    return iter(range(9))


def test_a_voice_that_is_not_there_is_said() -> None:
    with pytest.raises(EngineError, match="Không có giọng"):
        measure(load("tone"), voice="nobody", clock=lambda: 0.0)
