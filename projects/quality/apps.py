"""Agreement and consensus while the work runs."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "projects.quality"
    label = "projects_quality"

    def ready(self) -> None:
        from projects.quality import handlers, panels

        handlers.register()
        panels.register()
