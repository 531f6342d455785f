"""Embedded defaults: one machine, loopback only, a secret made on first use and kept in the state directory."""

import secrets

from rlhfhub.settings.base import *  # noqa: F403
from rlhfhub.settings.base import INSTALLED_APPS, STATE_DIR, env

INSTALLED_APPS = [*INSTALLED_APPS, "rlhfhub.devtools"]


def _local_secret() -> str:
    path = STATE_DIR / "secret_key"
    if not path.exists():
        STATE_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = env("SECRET_KEY", default="") or _local_secret()
ACCOUNT_EMAIL_VERIFICATION = env("ACCOUNT_EMAIL_VERIFICATION", default="none")
