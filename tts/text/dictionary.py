"""What people decided about how a written form is said: it comes before every rule."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from re import Match

from tts.text.reading import Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """`written`, as it stands in a text (case counts, any white space is one), is said as `spoken`: words only.

    `whose` names the dictionary it is from, in Vietnamese, for the audit trail.
    """

    written: str
    spoken: str
    whose: str


def rules_of(entries: Sequence[Entry], text: str) -> list[Rule]:
    """Make the rules by which the entries that occur in `text` are read: longer forms first, then earlier entries."""
    flat = " ".join(text.split())
    known: dict[str, Entry] = {}
    for entry in entries:
        form = " ".join(entry.written.split())
        if form and form in flat:
            known.setdefault(form, entry)
    return [_rule(form, known[form]) for form in sorted(known, key=len, reverse=True)]


def _rule(form: str, entry: Entry) -> Rule:
    def say(_match: Match[str]) -> str:
        return entry.spoken.lower()

    before = r"(?<!\w)" if re.match(r"\w", form) else ""
    after = r"(?!\w)" if re.search(r"\w$", form) else ""
    words = r"[^\S\n]{1,9}".join(re.escape(word) for word in form.split())
    return Rule(f"từ điển {entry.whose}", re.compile(f"{before}{words}{after}"), say)
