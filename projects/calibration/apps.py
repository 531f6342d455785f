"""Calibration: rounds of keyed items, which annotators must pass before they work on a project's data."""

from django.apps import AppConfig


class CalibrationConfig(AppConfig):
    name = "projects.calibration"
    label = "projects_calibration"

    def ready(self) -> None:
        from projects.calibration import gate, handlers, invariants, notices, panels
        from projects.calibration.services import attempts, retiring

        attempts.register()
        retiring.register()
        gate.register()
        handlers.register()
        invariants.put_in_register()
        notices.register()
        panels.register()
