"""What engines would take for something other than words."""

import re
import unicodedata

# To VieNeu «[cười]» is a laugh, «<|emotion_1|>» too, and «<en>» English; others read SSML.
_MARKUP = re.compile(r"[\[\]<>|]+")


def plain(sentence: str) -> str:
    """Return the words and their punctuation only, NFC, single spaces."""
    return " ".join(_MARKUP.sub(" ", unicodedata.normalize("NFC", sentence)).split())
