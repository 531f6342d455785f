"""Exports: datasets with a manifest, whose membership is frozen before their rows are written."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "projects.exports"
    label = "projects_exports"

    def ready(self) -> None:
        from projects.exports import invariants, panels

        panels.register()
        invariants.put_in_register()
