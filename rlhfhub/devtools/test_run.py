"""`python -m rlhfhub.devtools.test_run COMMAND…`: runs a command (pytest) with its own embedded servers.

They use var/test, so that a running demo and a test run do not disturb each other, and stop with the command. Servers
that the environment names (DATABASE_OWNER_URL …) are used instead. Servers that already run as daemons stay running.
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

# Faster and less durable: a power failure could only lose test databases.
TEST_SETTINGS = "fsync=off full_page_writes=off"
# Set the workers of `-n auto`, which would ignore a container's quota and count only half of hyper-threaded cores.
MOST_WORKERS = 8


def main(command: Sequence[str]) -> int:
    """Start the servers, run the command, and stop them. Returns the command's status."""
    os.environ.setdefault("RLHFHUB_STATE", str(places.CHECKOUT / "var" / "test"))
    os.environ.setdefault("RLHFHUB_PG_SETTINGS", TEST_SETTINGS)
    os.environ.setdefault("PYTEST_XDIST_AUTO_NUM_WORKERS", str(min(usable_cores(), MOST_WORKERS)))
    # With it, each process of the run would compile all modules and rewrite all asserts of the tests again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
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
            # Ctrl-C reached the command too: let it finish its report.
            process.send_signal(signal.SIGINT)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
