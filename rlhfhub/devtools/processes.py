"""A child process of the supervisor: its output kept in a log, its death noticed, no orphan left behind."""

import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
LARGEST_LOG = 20 * 1024 * 1024
LONGEST_LINE = 220
WORTH_A_LOOK = re.compile(r"\b(ERROR|CRITICAL|FATAL|PANIC|Traceback)\b")
WORSE = re.compile(r"error|critical", re.IGNORECASE)
LINES_PER_MINUTE = 20

# Loaded before any fork: nothing may be loaded between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int, parent: int | None = None) -> None:
    """Let the kernel send this process a signal when its parent ends, however it ends (Linux)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal_number)
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def catches(process: int, number: int) -> bool:
    """Whether a process has a handler of its own for a signal (Linux; elsewhere no)."""
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
    log: Path
    stop_signal: int = signal.SIGTERM
    patience: float = 15
    # Waits until the started process serves; takes a function that says whether it still lives.
    ready: Callable[[Callable[[], bool]], None] | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    clean: bool = False


class Child:
    """A running process made from a recipe."""

    def __init__(self, recipe: Recipe, environment: Mapping[str, str], directory: Path) -> None:
        self.recipe = recipe
        self.born = time.monotonic()
        self._stopping = False
        parent = os.getpid()
        self.process = subprocess.Popen(
            list(recipe.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=directory,
            # A session of its own: Ctrl-C in the terminal reaches the supervisor, who stops all in order.
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(recipe.stop_signal, parent),
            **recipe.identity,
        )
        assert self.process.stdout is not None
        self._log = LogKeeper(recipe.name, recipe.log)
        self._reader = threading.Thread(
            target=self._log.follow, args=(self.process.stdout,), daemon=True
        )
        self._reader.start()

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the polite signal, once."""
        if self.is_alive() and not self._stopping:
            self._stopping = True
            self._log.quiet = True
            self.process.send_signal(self.recipe.stop_signal)

    def stop(self, patience: float | None = None) -> None:
        """Ask, wait, and end the whole process group when it does not listen."""
        self.ask_to_stop()
        try:
            self.process.wait(self.recipe.patience if patience is None else patience)
        except subprocess.TimeoutExpired:
            say(f"{self.recipe.name} did not stop in time and is killed")
        # Also after a polite end: a grandchild may have outlived its parent.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(2)

    def last_lines(self, count: int = 15) -> str:
        """The end of its log."""
        self._reader.join(0.5)
        with contextlib.suppress(OSError):
            return "\n".join(self.recipe.log.read_text(errors="replace").splitlines()[-count:])
        return ""


class LogKeeper:
    """Writes a child's lines to its log; errors also go to the terminal, shortened and never as a flood."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self.quiet = False
        self._minute = 0.0
        self._shown = 0
        path.parent.mkdir(parents=True, exist_ok=True)

    def follow(self, stream: IO[bytes]) -> None:
        """Read until the child closes its output."""
        log = self._open()
        for raw in stream:
            if log.tell() > LARGEST_LOG:
                log.close()
                log = self._open()
            log.write(raw)
            log.flush()
            self._perhaps_show(raw.decode(errors="replace").rstrip())
        log.close()

    def _open(self) -> IO[bytes]:
        with contextlib.suppress(FileNotFoundError):
            if self.path.stat().st_size > LARGEST_LOG:
                self.path.replace(self.path.with_suffix(".log.1"))
        return self.path.open("ab")

    def _perhaps_show(self, line: str) -> None:
        shown = notable(line)
        if self.quiet or shown is None:
            return
        now = time.monotonic()
        if now - self._minute > 60:
            self._minute, self._shown = now, 0
        self._shown += 1
        if self._shown <= LINES_PER_MINUTE:
            say(f"{self.name} | {shown[:LONGEST_LINE]}")
        elif self._shown == LINES_PER_MINUTE + 1:
            say(f"{self.name} | … more in {self.path}")


def notable(line: str) -> str | None:
    """What of a log line the terminal should show: errors only, of structured lines their event."""
    if line.startswith("{"):
        # A line a request comes by here: what says neither word need not be parsed.
        if not WORSE.search(line):
            return None
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if str(entry.get("level", "")).lower() not in {"error", "critical"}:
                return None
            return (
                f"{entry['level']}: {entry.get('event', '')} {entry.get('request_id', '')}".strip()
            )
    return line if WORTH_A_LOOK.search(line) else None


def say(line: str) -> None:
    """One line to the terminal at once, also where the output is a file; a closed terminal is no reason to fail."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)
