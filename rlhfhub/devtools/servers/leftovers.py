"""What a killed PostgreSQL leaves behind: lock files that name the dead, and processes that still die.

PostgreSQL takes any process under the recorded id for a living server, also a zombie that process 1 of a container
never reaps, and then refuses to start. Removing its lock is only safe when none of the old server's processes works
in the data directory any more: that is what the lock protects.
"""

import os
import time
from pathlib import Path

from rlhfhub.devtools.servers.places import ServerError

PROCESSES = Path("/proc")
PATIENCE = 15


def works_in(pid: int | str, data: Path) -> bool:
    """Whether a living process has the data directory as its own, as all of PostgreSQL's processes do."""
    try:
        return (PROCESSES / str(pid) / "cwd").readlink() == data
    except OSError:
        # Gone, a zombie, or another user's.
        return False


def recorded_process(data: Path) -> int | None:
    """The process id in the server's lock file."""
    try:
        return int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def living_server(data: Path) -> int | None:
    """The process id of the server of this data directory; the dead and the undead do not count."""
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
    """Remove the lock files of a server that is gone, once the last of its processes is gone too."""
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
