"""Datasets with a manifest, frozen first and streamed after."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "projects.exports"
    label = "projects_exports"

    def ready(self) -> None:
        from projects.exports import invariants, panels

        panels.register()
        invariants.put_in_register()
