"""Child processes of the supervisor: their output is logged, their errors are shown, and none is left running."""

import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rlhfhub.devtools.servers.places import CHECKOUT

PR_SET_PDEATHSIG = 1
LARGEST_LOG = 20 * 1024 * 1024
LONGEST_LINE = 220
SERIOUS = re.compile(r"\b(ERROR|CRITICAL|FATAL|PANIC|Traceback)\b")
MOST_LINES = 20
QUIET_SECONDS = 60

# Loaded here, because no library may be loaded between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int, parent: int | None = None) -> None:
    """Let the kernel send this process a signal when its parent ends in any way (Linux)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal_number)
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def catches(process: int, number: int) -> bool:
    """Return whether a process has its own handler for a signal. Always False on other systems than Linux."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", status, re.MULTILINE)
    return bool(caught and int(caught[1], 16) >> (number - 1) & 1)


@dataclass(frozen=True)
class Recipe:
    """How to start a process and how to ask it to stop."""

    name: str
    command: Sequence[str]
    # None: the output goes to the terminal.
    log: Path | None
    stop_signal: int = signal.SIGTERM
    patience: float = 15
    # Called before each start.
    prepare: Callable[[], object] | None = None
    # Waits until the started process serves. Its argument is a function that returns whether the process still runs.
    ready: Callable[[Callable[[], bool]], None] | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    # None: the site's environment.
    environment: Mapping[str, str] | None = None
    directory: Path = CHECKOUT


class Child:
    """A running process started from a recipe."""

    def __init__(self, recipe: Recipe, environment: Mapping[str, str]) -> None:
        self.recipe = recipe
        self.log = Log(recipe.name, recipe.log) if recipe.log else None
        self._asked = False
        if recipe.prepare:
            recipe.prepare()
        parent = os.getpid()
        with self.log.path.open("ab") if self.log else contextlib.nullcontext() as output:
            self.process = subprocess.Popen(
                list(recipe.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(recipe.environment or environment),
                cwd=recipe.directory,
                # A session of its own, so that Ctrl-C reaches only the supervisor, which stops all children in order.
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(recipe.stop_signal, parent),
                **recipe.identity,
            )

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the recipe's stop signal, once."""
        if self.is_alive() and not self._asked:
            self._asked = True
            self.process.send_signal(self.recipe.stop_signal)

    def stop(self, patience: float | None = None) -> None:
        """Ask the process to stop, wait, and kill its process group if it does not stop in time."""
        self.ask_to_stop()
        try:
            self.process.wait(self.recipe.patience if patience is None else patience)
        except subprocess.TimeoutExpired:
            say(f"{self.recipe.name} did not stop in time and is killed")
        # Kill the group after a normal end too: a grandchild may have outlived its parent.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Log:
    """The file a child writes its output to. Errors in it are shown on the terminal."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self._start = self._read = path.stat().st_size
        self._quiet_until = 0.0

    def show_errors(self) -> None:
        """Print the errors since the last call; after too many, print none for a minute."""
        errors = [shown for line in self._new_lines() if (shown := notable(line))]
        if time.monotonic() < self._quiet_until:
            return
        for shown in errors[:MOST_LINES]:
            say(f"{self.name} | {shown[:LONGEST_LINE]}")
        if len(errors) > MOST_LINES:
            say(f"{self.name} | … more in {self.path}")
            self._quiet_until = time.monotonic() + QUIET_SECONDS

    def _new_lines(self) -> list[str]:
        """Return the new complete lines. A log that has grown too large is moved aside."""
        with self.path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        if self._read > LARGEST_LOG:
            shutil.copy(self.path, self.path.with_suffix(".log.1"))
            # Writers append, so they continue at the new end.
            os.truncate(self.path, 0)
            self._start = self._read = 0
        return whole.decode(errors="replace").splitlines()

    def last_lines(self, count: int = 15) -> str:
        """Return the last lines written since this child's start."""
        written = self.path.read_bytes()[self._start :].decode(errors="replace")
        return "\n".join(written.splitlines()[-count:])


def notable(line: str) -> str | None:
    """Return what the terminal shows of a log line: an error, or a structured line's event; None for other lines."""
    with contextlib.suppress(ValueError):
        if isinstance(entry := json.loads(line), dict):
            level = str(entry.get("level", "")).lower()
            shown = f"{level}: {entry.get('event', '')} {entry.get('request_id', '')}".strip()
            return shown if level in {"error", "critical"} else None
    return line if SERIOUS.search(line) else None


def say(line: str) -> None:
    """Print one line and flush it. A closed terminal is ignored."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)
