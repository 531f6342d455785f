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

        # Load the tasks in every process, because services enqueue them by name.
        app.autodiscover_tasks(force=True)
        stated.state(gathered(), outside=OUTSIDE, later=LATER)
        post_migrate.connect(policies.apply_after_migrate, sender=self)
        # If the directory cannot be made, Django's own check of FILE_UPLOAD_TEMP_DIR reports it.
        with contextlib.suppress(OSError):
            settings.UPLOADS_DIR.mkdir(parents=True, exist_ok=True)
