"""The measured site: the same processes as `make run`, on a free port and with the benchmark's database."""

import contextlib
import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

from rlhfhub.devtools import health
from rlhfhub.devtools.bench.ground import Ground
from rlhfhub.devtools.processes import Child
from rlhfhub.devtools.recipes import site_recipes
from rlhfhub.devtools.waiting import wait_until

READY_SECONDS = 180


class Site:
    """Web, workers and scheduler."""

    def __init__(self, ground: Ground) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        settings = ground.environment | {"PORT": str(self.port), "LOG_LEVEL": "INFO"}
        self.children = {
            recipe.name: Child(recipe, settings) for recipe in site_recipes(ground.state, self.port)
        }

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *error: object) -> None:
        for child in self.children.values():
            child.ask_to_stop()
        for child in self.children.values():
            child.stop()
            if child.log:
                child.log.show_errors()

    def wait(self) -> None:
        """Wait until the site responds. Raises TimeoutError, at once when a process has ended."""

        def alive() -> bool:
            return all(child.is_alive() for child in self.children.values())

        wait_until(lambda: health.is_ready(self.url), READY_SECONDS, "the site's start", 0.1, alive)

    @contextlib.contextmanager
    def asleep(self) -> Iterator[None]:
        """Stop the workers and the scheduler inside the block, so that they take no processor time."""
        groups = [child.process.pid for name, child in self.children.items() if name != "web"]
        for group in groups:
            os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            for group in groups:
                os.killpg(group, signal.SIGCONT)

    def peak_mib(self, name: str) -> float:
        """Return the peak resident memory of any process of `name` so far, in MiB."""
        group = self.children[name].process.pid
        ours = re.compile(rf"^NSpgid:\s*{group}\n.*^VmHWM:\s*(\d+)", re.MULTILINE | re.DOTALL)
        peaks = [0]
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                peaks += map(int, ours.findall(status.read_text()))
        return max(peaks) / 1024
