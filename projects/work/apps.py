"""Slots, leases, annotations: the desk."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "projects.work"
    label = "projects_work"

    def ready(self) -> None:
        from projects.work import invariants

        invariants.put_in_register()
