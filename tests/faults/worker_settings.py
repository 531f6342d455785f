"""Settings of worker and scheduler: development's, with their own key prefix on the broker; sites must not mix."""

from rlhfhub.settings.development import *  # noqa: F403
from rlhfhub.settings.development import env

CELERY_BROKER_TRANSPORT_OPTIONS |= {"global_keyprefix": env("SITE_NAME") + ":"}  # type: ignore[name-defined]  # noqa: F405
