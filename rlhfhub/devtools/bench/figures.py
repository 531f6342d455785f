"""Figures with their targets: what is printed, and what is kept."""

import json
import os
import platform
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Figure:
    """One measured value; `least` or `most` is what it should reach or stay under."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """`ok`, `short`, or nothing where no target is set."""
        if self.least is not None:
            return "ok" if self.value >= self.least else "short"
        if self.most is not None:
            return "ok" if self.value <= self.most else "short"
        return ""

    def line(self) -> str:
        """For the terminal."""
        target = f">= {self.least:g}" if self.least is not None else ""
        target = f"<= {self.most:g}" if self.most is not None else target
        return _row(self.name, f"{self.value:,.2f}", self.unit, target, self.verdict, self.note)


def _row(name: str, value: str, unit: str, target: str, verdict: str, note: str) -> str:
    return f"{name:<64} {value:>12} {unit:<8} {target:<8} {verdict:<6} {note}".rstrip()


@dataclass
class Report:
    """All figures of one run, printed as they come."""

    size: str
    begun: float = field(default_factory=time.time)
    figures: list[Figure] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, value: float, unit: str, **more: Any) -> Figure:
        """One more."""
        figure = Figure(name, float(value), unit, **more)
        self.figures.append(figure)
        self.say(figure.line())
        return figure

    def say(self, line: str) -> None:
        """Progress, at once."""
        print(line, flush=True)

    def find(self, name: str) -> float | None:
        """The value of an earlier figure."""
        return next((f.value for f in self.figures if f.name == name), None)

    def save(self, folder: Path) -> Path:
        """A JSON file named by the time of the run."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (time.strftime("%Y%m%d-%H%M%S", time.gmtime(self.begun)) + ".json")
        rows = [{**asdict(figure), "verdict": figure.verdict} for figure in self.figures]
        about = {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "machine": platform.machine(),
        }
        seconds = round(time.time() - self.begun, 1)
        whole = {
            "size": self.size,
            "seconds": seconds,
            "about": about,
            "figures": rows,
            "details": self.details,
        }
        path.write_text(json.dumps(whole, indent=1))
        return path

    def table(self) -> None:
        """Everything once more, together."""
        self.say("")
        self.say(_row("figure", "value", "unit", "target", "", ""))
        for figure in self.figures:
            self.say(figure.line())
        short = sum(figure.verdict == "short" for figure in self.figures)
        self.say(f"{len(self.figures)} figures, {short} short of their target")


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p95 and p99."""
    if not values:
        return {"p50": 0.0, "p95": 0.0, "p99": 0.0}
    found = np.percentile(values, (50, 95, 99))
    return {name: float(value) for name, value in zip(("p50", "p95", "p99"), found, strict=True)}
