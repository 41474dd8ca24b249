"""The voices that the package brings along."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.util import find_spec

from tts.engines import Voice
from tts.engines.vieneu.models import Model

LICENCE = "Apache-2.0"
"""Of the package, which brings the presets, as its metadata say. They name no licence, nor whose voices they are."""

_GENDERS = {"male": "nam", "female": "nữ"}


def installed() -> bool:
    """Whether the package is here. Imports nothing of it."""
    return find_spec("vieneu") is not None


@cache
def voices(model: Model) -> tuple[Voice, ...]:
    """Read the voices from the package's own file: the usual ones first, then those of the South."""
    raw = json.loads((files("vieneu") / "assets" / model.presets).read_text(encoding="utf-8"))
    found = [_voice(name, facts) for name, facts in raw["presets"].items()]
    return tuple(sorted(found, key=lambda voice: (_place(model, voice), voice.region != "Nam")))


def _place(model: Model, voice: Voice) -> int:
    return model.usual.index(voice.name) if voice.name in model.usual else len(model.usual)


def _voice(name: str, facts: Mapping[str, object]) -> Voice:
    """A description reads «Nữ · Nam · Phong cách tin tức»; Nano's presets have no other word of the region."""
    described = [part.strip() for part in str(facts.get("description", "")).split("·")]
    region = str(facts.get("region") or (described[1] if len(described) > 1 else ""))
    gender = _GENDERS.get(str(facts.get("gender")), "")
    told = [gender, f"miền {region}" if region else "", described[-1].lower() if len(described) > 2 else ""]
    label = f"{name} ({', '.join(filter(None, told))})" if any(told) else name
    return Voice(name, label, region, gender, LICENCE)
