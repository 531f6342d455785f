"""`python -m rlhfhub.devtools.stop [--remove]`: stops what runs from this checkout, and can remove its data."""

import argparse
import contextlib
import fcntl
import os
import re
import shutil
import signal
import sys
from pathlib import Path

from rlhfhub.devtools.processes import say
from rlhfhub.devtools.servers import ServerError, places, postgres, valkey
from rlhfhub.devtools.waiting import wait_until

PATIENCE = 90


def main() -> int:
    """Stop the supervisor, then daemon servers, of the site and of the tests."""
    parser = argparse.ArgumentParser(prog="python -m rlhfhub.devtools.stop", description=__doc__)
    parser.add_argument(
        "--remove", action="store_true", help="remove the state directories as well"
    )
    remove = parser.parse_args().remove
    site = places.state_directory()
    try:
        for state in (site / "test", site):
            if state.exists():
                os.environ["RLHFHUB_STATE"] = str(state)
                stop_state(state)
                if remove:
                    remove_state(state)
    except ServerError as error:
        print(f"stop: {error}", file=sys.stderr)
        return 1
    return 0


def stop_state(state: Path) -> None:
    """Stop everything that works in one state directory."""
    if holder := supervisor_process(state):
        say(f"stopping process {holder}")
        os.kill(holder, signal.SIGTERM)
        try:
            wait_until(lambda: not supervisor_process(state), PATIENCE, "the site's end", 0.1)
        except TimeoutError as error:
            raise ServerError(f"{error}; end process {holder} by `kill -9 {holder}`") from None
    if (state / "valkey").exists() and valkey.stop():
        say(f"broker stopped ({state})")
    if any(places.database_home().glob("pg*/data")) and postgres.stop():
        say(f"PostgreSQL stopped ({state})")


def supervisor_process(state: Path) -> int | None:
    """Return the process id of this state directory's supervisor, or None."""
    with contextlib.suppress(FileNotFoundError), (state / "supervisor.lock").open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found = re.match(r"process (\d+)", handle.read())
            return int(found.group(1)) if found else None
    return None


def remove_state(state: Path) -> None:
    """Remove a state directory, and its database if that is elsewhere."""
    home = places.database_home()
    shutil.rmtree(state)
    if home != state:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
