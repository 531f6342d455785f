"""The site under measure: the very processes `make run` starts, on a free port, on the benchmark's database."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from rlhfhub.devtools import environment, health
from rlhfhub.devtools.bench.ground import Ground
from rlhfhub.devtools.processes import Child
from rlhfhub.devtools.recipes import site_recipes

READY_SECONDS = 60


class Site:
    """Web, workers and scheduler."""

    def __init__(self, ground: Ground) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {**ground.environment, "PORT": str(self.port), "LOG_LEVEL": "INFO"}
        self.children: dict[str, Child] = {}
        for recipe in site_recipes(ground.state, self.port):
            self.children[recipe.name] = Child(recipe, settings, environment.checkout())

    def wait(self) -> None:
        """Return when it answers. Raises RuntimeError."""
        deadline = time.monotonic() + READY_SECONDS
        while not health.is_ready(self.url):
            dead = [name for name, child in self.children.items() if not child.is_alive()]
            if dead or time.monotonic() > deadline:
                web = self.children["web"]
                raise RuntimeError(f"the site does not answer:\n{web.last_lines()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End all of it."""
        for child in self.children.values():
            child.ask_to_stop()
        for child in self.children.values():
            child.stop()

    @contextlib.contextmanager
    def asleep(self) -> Iterator[None]:
        """Workers and scheduler take no processor inside the block."""
        groups = [child.process.pid for name, child in self.children.items() if name != "web"]
        for group in groups:
            os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            for group in groups:
                os.killpg(group, signal.SIGCONT)

    def forget_peak(self, name: str) -> None:
        """Begin a new measure of peak memory."""
        for pid in self._pids(name):
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak_mib(self, name: str) -> float:
        """The most resident memory any single process of `name` had since then."""
        return max((_peak_kib(pid) for pid in self._pids(name)), default=0) / 1024

    def cpu_seconds(self, name: str) -> float:
        """Processor time that `name` has used so far."""
        return sum(_cpu_ticks(pid) for pid in self._pids(name)) / os.sysconf("SC_CLK_TCK")

    def _pids(self, name: str) -> list[int]:
        leader = self.children[name].process.pid
        return [pid for pid in _all_pids() if _group(pid) == leader]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return -1


def _peak_kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def _cpu_ticks(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    return 0
