"""How fast an engine is on this machine, measured by letting it speak, and how long a page of a bulletin will take."""

from collections.abc import Callable
from dataclasses import dataclass

from tts.engines import Engine
from tts.speak import speak

PAGE = 3_800
"""Characters of an A4 page of a bulletin."""

SAMPLE = (
    "Ủy ban nhân dân xã thông báo đến toàn thể bà con về việc cấp căn cước cho trẻ em từ đủ sáu tuổi đến dưới mười "
    "bốn tuổi. Cha, mẹ hoặc người giám hộ đưa các cháu đến trụ sở công an xã, trong giờ hành chính, từ thứ hai đến "
    "thứ sáu hằng tuần; khi đi mang theo giấy khai sinh và căn cước của người giám hộ. "
    "Người dân không phải nộp lệ phí khi cấp căn cước lần đầu. "
    "Mọi thắc mắc xin liên hệ tổ công tác lưu động tại nhà văn hóa ấp để được hướng dẫn cụ thể."
)
"""What is said to measure: law as it is read out, long sentences and short ones."""

_FIRST = "Bà con chú ý lắng nghe thông báo."


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured, in seconds, and what follows from it."""

    engine: str
    voice: str
    start: float
    """Until it was ready: loading its weights and saying a short sentence."""
    spent: float
    """Work on the sample, from its text to the file for air."""
    heard: float
    """What the sample lasts."""
    characters: int = len(SAMPLE)

    @property
    def share(self) -> float:
        """Work for a second that is heard; above 1 it is slower than it speaks."""
        return self.spent / self.heard

    @property
    def page(self) -> float:
        """Work for a page, once it is ready."""
        return self.spent * PAGE / self.characters

    @property
    def page_heard(self) -> float:
        """What a page lasts on air."""
        return self.heard * PAGE / self.characters


def measure(engine: Engine, *, voice: str | None = None, clock: Callable[[], float]) -> Speed:
    """Speak the sample once it has warmed up; `clock` gives seconds. Raises SpeechError."""
    begun = clock()
    engine.speak(_FIRST, voice=voice)
    ready = clock()
    spoken = speak(SAMPLE, engine=engine, voice=voice)
    done = clock()
    return Speed(engine.name, spoken.voice, ready - begun, done - ready, spoken.seconds)
