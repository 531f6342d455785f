"""The site itself: binds Celery and applies the walls after migrations."""

import contextlib

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    name = "rlhfhub"
    label = "rlhfhub_site"

    def ready(self) -> None:
        from rlhfhub import checks  # noqa: F401
        from rlhfhub.celery import app
        from rlhfhub.tenancy import policies, stated
        from rlhfhub.walls_table import LATER, OUTSIDE, gathered

        # In every process, for services ring for tasks by their names.
        app.autodiscover_tasks(force=True)
        stated.state(gathered(), outside=OUTSIDE, later=LATER)
        post_migrate.connect(policies.apply_after_migrate, sender=self)
        # Where it cannot be made, Django's own check of FILE_UPLOAD_TEMP_DIR says so.
        with contextlib.suppress(OSError):
            settings.UPLOADS_DIR.mkdir(parents=True, exist_ok=True)
