"""The site itself: binds Celery and applies the walls after migrations."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    name = "rlhfhub"
    label = "rlhfhub_site"

    def ready(self) -> None:
        from rlhfhub import (
            celery,  # noqa: F401  binds the app in every process
            checks,  # noqa: F401
        )
        from rlhfhub.tenancy import walls

        post_migrate.connect(walls.apply_after_migrate, sender=self)
