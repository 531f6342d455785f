"""Decisions on submitted work, by a person or by the clock."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "projects.review"
    label = "projects_review"

    def ready(self) -> None:
        from projects.review import invariants

        invariants.put_in_register()
