#!/usr/bin/env python
"""Django's command line. Commands that change or verify the whole database use the owner login.

In development it finds the servers that `make servers`, `make run` or `make demo` started.
"""

import contextlib
import os
import sys

OWNER_COMMANDS = {
    *("migrate", "makemigrations", "verify_invariants", "walls", "dbshell", "create_staff"),
    "platform",
    # They make staff, and keys for annotators who are not enrolled yet.
    *("seed_demo", "simulate"),
}


DEVELOPMENT = "rlhfhub.settings.development"


def main() -> None:
    if os.environ.setdefault("DJANGO_SETTINGS_MODULE", DEVELOPMENT) == DEVELOPMENT:
        use_running_servers()
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["RLHFHUB_LOGIN"] = "owner"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def use_running_servers() -> None:
    """Without server programs, servers are named in the environment, or a command needs none."""
    from rlhfhub.devtools import environment
    from rlhfhub.devtools.servers import ServerError

    with contextlib.suppress(ServerError):
        environment.use_running_servers()


if __name__ == "__main__":
    main()
