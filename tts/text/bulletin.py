"""A bulletin is read with what people decided about it: their dictionary, and what of its frame is to be spoken."""

from dataclasses import dataclass

from tts.text.dictionary import Entry
from tts.text.furniture import furniture
from tts.text.read import read
from tts.text.reading import Reading


@dataclass(frozen=True, slots=True)
class Guide:
    """How people want one bulletin read.

    `dictionary` is in order of weight: what is for this bulletin alone comes first. `kept` are lines of the
    document's frame that are to be spoken after all.
    """

    dictionary: tuple[Entry, ...] = ()
    kept: tuple[str, ...] = ()


UNGUIDED = Guide()


def read_bulletin(text: str, guide: Guide = UNGUIDED) -> Reading:
    """Read a whole bulletin as `read` does, without the frame of the document."""
    return read(text, dictionary=guide.dictionary, left_out=furniture(text, kept=guide.kept))
