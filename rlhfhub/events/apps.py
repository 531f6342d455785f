"""Facts written with the change they tell of, and delivered to the rooms below."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "rlhfhub.events"
    label = "rlhfhub_events"

    def ready(self) -> None:
        from rlhfhub.events import watch
        from rlhfhub.web import panels

        panels.contribute("staff overview", watch.on_overview)
