"""Cleans up after a killed PostgreSQL, which leaves lock files with its process id and processes that are still ending.

PostgreSQL refuses to start if any process has the recorded id, even a zombie that process 1 of a container never reaps.
Removing the lock is safe only when no process of the old server works in the data directory any more, because that is
what the lock protects.
"""

import os
import time
from pathlib import Path

from rlhfhub.devtools.servers.places import ServerError

PROCESSES = Path("/proc")
PATIENCE = 15


def works_in(pid: int | str, data: Path) -> bool:
    """Return whether a running process works in the data directory, as all of PostgreSQL's processes do."""
    try:
        return (PROCESSES / str(pid) / "cwd").readlink() == data
    except OSError:
        # The process has ended, is a zombie, or belongs to another user.
        return False


def recorded_process(data: Path) -> int | None:
    """Return the process id in the server's lock file, or None."""
    try:
        return int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def living_server(data: Path) -> int | None:
    """Return the process id of the running server of this data directory. Ended processes and zombies do not count."""
    pid = recorded_process(data)
    if pid is None:
        return None
    if PROCESSES.exists():
        return pid if works_in(pid, data.resolve()) else None
    try:
        os.kill(pid, 0)
    except OSError:
        return None
    return pid


def clear(data: Path, sockets: Path) -> None:
    """Remove the lock files of an ended server, once the last of its processes has ended too."""
    if not PROCESSES.exists() or living_server(data) is not None:
        return
    deadline = time.monotonic() + PATIENCE
    while left := [
        entry.name for entry in PROCESSES.glob("[0-9]*") if works_in(entry.name, data.resolve())
    ]:
        if living_server(data) is not None:
            return
        if time.monotonic() > deadline:
            raise ServerError(
                f"processes of an earlier PostgreSQL still work in {data}: {', '.join(left)}"
            )
        time.sleep(0.05)
    for lock in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*.lock")):
        lock.unlink(missing_ok=True)
