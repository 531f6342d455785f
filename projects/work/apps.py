"""The work room: slots, leases and annotations, and the desk, which is the annotator's page."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "projects.work"
    label = "projects_work"

    def ready(self) -> None:
        from projects.work import invariants

        invariants.put_in_register()
