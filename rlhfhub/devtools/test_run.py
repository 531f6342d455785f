"""`python -m rlhfhub.devtools.test_run COMMAND…`: run a command (pytest) with embedded servers of its own.

They live in var/test, so that a running demo and a test run do not disturb each other, and stop with the command.
Named servers (DATABASE_OWNER_URL … in the environment) are used as they are. Where the servers run as daemons
already, they are left running.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

from rlhfhub.devtools import roles
from rlhfhub.devtools.cores import usable_cores
from rlhfhub.devtools.processes import die_with_parent
from rlhfhub.devtools.server_session import server_session
from rlhfhub.devtools.servers import ServerError, places

# Only an unplugged machine could lose anything by this, and a test database is nothing to lose.
TEST_SETTINGS = "fsync=off full_page_writes=off"
# `-n auto` alone counts the machine's cores: we may be allowed fewer, and where two threads share one it sees half.
MOST_WORKERS = 8


def main(command: Sequence[str]) -> int:
    """Start, run, stop; the status is the command's."""
    os.environ.setdefault("RLHFHUB_STATE", str(places.CHECKOUT / "var" / "test"))
    os.environ.setdefault("RLHFHUB_PG_SETTINGS", TEST_SETTINGS)
    os.environ.setdefault("PYTEST_XDIST_AUTO_NUM_WORKERS", str(min(usable_cores(), MOST_WORKERS)))
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with server_session():
            roles.make()
            return run(command)
    except ServerError as error:
        print(f"tests: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(command: Sequence[str]) -> int:
    """Run the command in the foreground."""
    parent = os.getpid()
    process = subprocess.Popen(command, preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal told the command as well: let it finish its report.
            process.send_signal(signal.SIGINT)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
