#!/usr/bin/env python
"""Django's command line. Commands that change or verify the whole database use the owner login."""

import os
import sys

OWNER_COMMANDS = {
    *("migrate", "makemigrations", "verify_invariants", "walls", "dbshell", "create_staff"),
    # They make staff, and keys for annotators who have no place yet.
    *("seed_demo", "simulate"),
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rlhfhub.settings.development")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["RLHFHUB_LOGIN"] = "owner"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
