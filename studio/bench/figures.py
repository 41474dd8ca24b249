"""What a benchmark says, as a table for people and as JSON for machines."""

import math
import os
import platform
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, computed_field
from rich.table import Table


class Figure(BaseModel):
    """One measured figure, beside what the barest program doing the same work needs."""

    model_config = ConfigDict(frozen=True)

    what: str
    value: float
    unit: str
    floor: float | None = None
    goal: str = ""
    holds: bool | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ratio(self) -> float | None:
        """Value over floor; null where there is no floor."""
        return round(self.value / self.floor, 2) if self.floor else None


def table(figures: Iterable[Figure]) -> Table:
    """The figures for a terminal."""
    drawn = Table(title="loa bench", title_justify="left")
    for heading in ("what", "value", "floor", "ratio", "goal", "holds"):
        drawn.add_column(heading, justify="left" if heading in {"what", "goal"} else "right")
    for figure in figures:
        floor = "" if figure.floor is None else f"{figure.floor:.4g} {figure.unit}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        holds = {True: "yes", False: "NO", None: ""}[figure.holds]
        drawn.add_row(figure.what, f"{figure.value:.4g} {figure.unit}", floor, ratio, figure.goal, holds)
    return drawn


def machine() -> str:
    """The machine in one line: cores, processor, system, Python."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} cores, {model}, {system}, Python {platform.python_version()}"


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that `percent` of the values do not exceed (nearest rank). Raises IndexError for no values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
