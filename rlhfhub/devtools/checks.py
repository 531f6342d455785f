"""`python -m rlhfhub.devtools.checks`: runs Django's own checks with development and production settings."""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping

from rlhfhub.devtools import environment

# The addresses only have to be set: no server is contacted.
ADDRESSES = {
    "DATABASE_URL": "postgresql://rlhfhub_app@127.0.0.1:1/rlhfhub",
    "DATABASE_OWNER_URL": "postgresql://rlhfhub_owner@127.0.0.1:1/rlhfhub",
    "CELERY_BROKER_URL": "amqp://127.0.0.1:1/",
    "CACHE_URL": "redis://127.0.0.1:1/0",
}


def main() -> int:
    """Run all checks. Returns 1 if one fails."""
    production = ADDRESSES | {
        "DJANGO_SETTINGS_MODULE": "rlhfhub.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "hub.example",
    }
    nothing = {
        "DJANGO_SETTINGS_MODULE": "rlhfhub.settings.production",
        "SECRET_KEY": "",
        "ALLOWED_HOSTS": "",
    }
    test = ADDRESSES | {"DJANGO_SETTINGS_MODULE": "rlhfhub.settings.test"}
    passed = [
        report(
            "no migration is missing", manage(test, "makemigrations", "--check", "--dry-run") == 0
        ),
        report(
            "production is sound",
            manage(production, "check", "--deploy", "--fail-level", "WARNING") == 0,
        ),
        report(
            "production refuses to start without secrets", manage(nothing, "check", quiet=True) != 0
        ),
    ]
    return 0 if all(passed) else 1


def manage(variables: Mapping[str, str], *arguments: str, quiet: bool = False) -> int:
    """Run one of manage.py's commands and return its exit status."""
    output = subprocess.DEVNULL if quiet else None
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore:Got an error checking a consistent migration history",
            "manage.py",
            *arguments,
        ],
        env=os.environ | dict(variables),
        cwd=environment.checkout(),
        stdout=output,
        stderr=output,
        check=False,
    )
    return done.returncode


def report(what: str, passed: bool) -> bool:
    """Print the result of a check, and return whether it passed."""
    print(f"{'ok' if passed else 'FAILED'}: {what}", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
