"""What else the machine does: a benchmark beside other work measures that work too, and should say so."""

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from rlhfhub.devtools.bench.ground import DATABASE
from rlhfhub.devtools.bench.site import Site

QUIET = 0.4
_SERVER = ("checkpointer", "background writer", "walwriter", "autovacuum", "io worker")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """Processor seconds: ours by part, and everybody else's."""

    seconds: float
    ours: dict[str, float]
    others: float


class Machine:
    """Processor time from here on, by whom."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.at = time.monotonic()
        self.busy, self.ours = _busy(), self._ours()

    def _ours(self) -> dict[str, float]:
        spent = {name: self.site.cpu_seconds(name) for name in self.site.children}
        workers = sum(seconds for name, seconds in spent.items() if name.startswith("worker"))
        return {"web": spent["web"], "worker": workers, "database": _database()}

    def spent(self, client_seconds: float) -> Spent:
        """What was spent since the beginning; the client's part its own process knows best."""
        ours = {name: now - self.ours[name] for name, now in self._ours().items()}
        ours["client"] = client_seconds
        others = max(0.0, _busy() - self.busy - sum(ours.values()))
        return Spent(time.monotonic() - self.at, ours, others)


def _busy() -> float:
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    # The fourth and fifth are idle time and waiting for a disk.
    return (sum(ticks) - ticks[3] - ticks[4]) / _TICKS


def _database() -> float:
    """Processor seconds of the server's processes that serve this database, or all of them.

    What ended meanwhile is with the parent of the others: the server's first process.
    """
    total = 0
    parents: set[str] = set()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError):
            if not entry.name.isdigit():
                continue
            title = (entry / "cmdline").read_text()
            if title.startswith("postgres: ") and any(
                word in title for word in (DATABASE, *_SERVER)
            ):
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                total += int(fields[11]) + int(fields[12])
                parents.add(fields[1])
    for parent in parents:
        fields = Path(f"/proc/{parent}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[13]) + int(fields[14])
    return total / _TICKS
