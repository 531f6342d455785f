"""`python -m rlhfhub.devtools.servers start|stop|status|env`: the embedded servers as daemons.

`env` prints lines for a shell: `set -a; eval "$(python -m rlhfhub.devtools.servers env)"; set +a`.
"""

import argparse
import sys

from rlhfhub.devtools import environment
from rlhfhub.devtools.servers import ServerError, postgres, valkey


def main() -> int:
    """Run the command. `status` exits with 0 if everything runs."""
    parser = argparse.ArgumentParser(prog="python -m rlhfhub.devtools.servers", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status", "env"])
    action = parser.parse_args().action
    try:
        return {"start": start, "stop": stop, "status": status, "env": show}[action]()
    except ServerError as error:
        print(f"servers: {error}", file=sys.stderr)
        return 1


def start() -> int:
    """Start the embedded servers and print where they are."""
    if environment.uses_embedded_database():
        postgres.start()
    if environment.uses_embedded_broker():
        valkey.start()
    return show()


def stop() -> int:
    """Stop the embedded servers."""
    for name, stopped in (("broker", valkey.stop()), ("PostgreSQL", postgres.stop())):
        print(f"{name} {'stopped' if stopped else 'was not running'}")
    return 0


def status() -> int:
    """Print which servers run."""
    running = {
        "PostgreSQL": postgres.is_ready(postgres.find()),
        "broker": valkey.answers(valkey.find()),
    }
    for name, up in running.items():
        print(f"{name} {'runs' if up else 'does not run'}")
    return 0 if all(running.values()) else 1


def show() -> int:
    """Print the environment of the site."""
    sys.stdout.write(environment.as_shell_lines(environment.server_addresses()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
