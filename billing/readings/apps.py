"""Readings: annotators are paid for reading a project's guidelines."""

from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "billing.readings"
    label = "billing_readings"

    def ready(self) -> None:
        from billing.readings import handlers, invariants, links, notices, panels

        handlers.register()
        invariants.put_in_register()
        links.register()
        notices.register()
        panels.register()
