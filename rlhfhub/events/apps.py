"""Events: facts are written in the transaction of the change they report, and delivered to later rooms."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "rlhfhub.events"
    label = "rlhfhub_events"

    def ready(self) -> None:
        from rlhfhub.events import watch
        from rlhfhub.tenancy.staff import site

        site.warn_of(watch.warnings)
