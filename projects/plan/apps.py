"""The app of projects, their forms and guidelines."""

from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "projects.plan"
    label = "projects_plan"

    def ready(self) -> None:
        from projects.plan import invariants

        invariants.put_in_register()
