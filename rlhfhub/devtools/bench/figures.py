"""Figures with their targets, printed at once and saved in a file."""

import json
import math
import os
import platform
import time
from pathlib import Path
from typing import Any


class Report:
    """All figures of one run."""

    def __init__(self, size: str) -> None:
        self.about = {"size": size, "machine": f"{platform.machine()}, {os.cpu_count()} cores"}
        self.begun = time.time()
        self.figures: list[dict[str, Any]] = []

    def add(
        self, name: str, value: float, unit: str, least: float = 0, most: float = math.inf, note: str = ""
    ) -> None:  # fmt: skip
        """Print a figure and add it to the report. `least` or `most` is its target."""
        target = f">= {least:g}" if least else f"<= {most:g}" if most < math.inf else ""
        verdict = target and ("ok" if least <= value <= most else "missed")
        print(
            f"{name:<76} {value:>11,.2f} {unit:<8} {target:<8} {verdict:<6} {note}".rstrip(),
            flush=True,
        )
        figure = {"name": name, "value": value, "unit": unit, "target": target, "verdict": verdict}
        self.figures.append(figure | {"note": note})

    def compare(
        self, name: str, unit: str, ours: float, plain: float, way: str, least: float
    ) -> None:
        """Add the site's rate, the rate of the plain `way` to do the same, and their ratio."""
        self.add(name, ours, unit)
        self.add(f"{name.partition(': ')[0]}: {way}", plain, unit)
        self.add(f"{name} / {way}", ours / plain, "ratio", least=least)

    def save(self, folder: Path) -> Path:
        """Write a JSON file named by the time of the run, and return its path."""
        path = folder / time.strftime("%Y%m%d-%H%M%S.json", time.gmtime(self.begun))
        seconds = round(time.time() - self.begun, 1)
        whole = self.about | {"seconds": seconds, "figures": self.figures}
        path.write_text(json.dumps(whole, indent=1))
        return path
