"""Development defaults: one machine, loopback only, and a secret that is made on first use in the state directory."""

import contextlib
import os
import secrets

from rlhfhub.settings.base import *  # noqa: F403
from rlhfhub.settings.base import INSTALLED_APPS, STATE_DIR, env

INSTALLED_APPS = [*INSTALLED_APPS, "rlhfhub.devtools"]


def _local_secret() -> str:
    path = STATE_DIR / "secret_key"
    if not path.exists():
        STATE_DIR.mkdir(parents=True, exist_ok=True)
        mine = path.with_name(f".{path.name}.{os.getpid()}")
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_urlsafe(64))
        # Several processes may start at once; the link is atomic, so the first one's complete secret stays.
        with contextlib.suppress(FileExistsError):
            os.link(mine, path)
        mine.unlink()
    return path.read_text()


# Hashed file names as in production, but without compression, which takes most of collectstatic's time.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
SECRET_KEY = env("SECRET_KEY", default="") or _local_secret()
ACCOUNT_EMAIL_VERIFICATION = env("ACCOUNT_EMAIL_VERIFICATION", default="none")

# As fast as `manage.py simulate --demo` lets its annotators work (DEMO_SPEED).
PROGRAM_SPEED = 250.0
