"""Names of letters, and what counts as a Vietnamese syllable."""

import re
import unicodedata
from functools import lru_cache

NAMES = {
    "a": "a", "ă": "á", "â": "ớ", "b": "bê", "c": "xê", "d": "dê", "đ": "đê", "e": "e", "ê": "ê", "f": "ép",
    "g": "giê", "h": "hát", "i": "i", "j": "gi", "k": "ca", "l": "lờ", "m": "mờ", "n": "nờ", "o": "o", "ô": "ô",
    "ơ": "ơ", "p": "pê", "q": "quy", "r": "rờ", "s": "ét", "t": "tê", "u": "u", "ư": "ư", "v": "vê", "w": "vê kép",
    "x": "ích", "y": "y", "z": "dét",
}  # fmt: skip
"""Letters as they are called in points of a law: điểm d is «dê», điểm đ is «đê»."""

_ONSET = "ngh|ng|gh|gi|ch|kh|nh|ph|th|tr|qu|[bcdđghklmnprstvx]|"
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et
ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan oang
oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt
ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych
uyên uyêt uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y ych yêm yên yêng yêt yêu
yn ynh yp yt
"""
_SYLLABLE = re.compile(f"(?:{_ONSET})(?:{'|'.join(sorted(_RHYMES.split(), key=len, reverse=True))})")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0309\u0303\u0323"))
_VOWEL = re.compile("[aeiouyăâêôơư]")


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Tell whether `word` is spelled as one Vietnamese syllable, with or without a tone mark."""
    if len(word) > 7:
        return False
    bare = unicodedata.normalize("NFC", unicodedata.normalize("NFD", word.lower()).translate(_TONES))
    if bare in ("gi", "quôc"):
        return True
    return len(bare) > 1 and _SYLLABLE.fullmatch(bare) is not None


@lru_cache(maxsize=20_000)
def has_vowel(word: str) -> bool:
    """Tell whether a word can be pronounced at all."""
    return (
        _VOWEL.search(
            unicodedata.normalize("NFC", unicodedata.normalize("NFD", word.lower()).translate(_TONES))
        )
        is not None
    )


def spell(word: str) -> str:
    """Name the letters of `word` one by one; a letter without a name of its own keeps its sound."""
    return " ".join(NAMES.get(c, c) for c in word.lower() if c.isalpha())
