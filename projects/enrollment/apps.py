"""The app of enrollments: which annotator may work under which guideline version."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "projects.enrollment"
    label = "projects_enrollment"

    def ready(self) -> None:
        from projects.enrollment import invariants, notices, panels

        invariants.put_in_register()
        notices.register()
        panels.register()
