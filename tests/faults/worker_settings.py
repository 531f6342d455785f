"""Worker and beat as in development, with names of their own on the broker, that sites side by side do not meet."""

from rlhfhub.settings.development import *  # noqa: F403
from rlhfhub.settings.development import env

CELERY_BROKER_TRANSPORT_OPTIONS |= {"global_keyprefix": env("SITE_NAME") + ":"}  # type: ignore[name-defined]  # noqa: F405
