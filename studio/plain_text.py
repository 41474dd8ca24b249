"""One spelling for the same text. Pure."""

import unicodedata

_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
_BULLETS = dict.fromkeys(map(ord, "\uf0b7\uf0a7\uf02d\uf0d8\uf076"), "-")  # what Word's lists paste as


def plain(text: str) -> str:
    """Spell the same text the same way: NFC, plain line ends, no hidden signs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", text.translate(_UNSEEN).translate(_BULLETS))
