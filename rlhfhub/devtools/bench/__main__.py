"""`python -m rlhfhub.devtools.bench --size 1m`, as `make bench` calls it."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """manage.py's command, under the development settings unless others are named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rlhfhub.settings.development")
    execute_from_command_line(["manage.py", "bench", *sys.argv[1:]])


if __name__ == "__main__":
    main()
