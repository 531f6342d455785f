"""The app of enrollments: which annotator may work under which guideline version."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "projects.enrollment"
    label = "projects_enrollment"

    def ready(self) -> None:
        from projects.enrollment import invariants, notices, panels, price_notices
        from projects.enrollment.states import notices as state_notices

        invariants.put_in_register()
        notices.register()
        price_notices.register()
        state_notices.register()
        panels.register()
