"""The app of batches, their items and imports."""

from django.apps import AppConfig


class ItemsConfig(AppConfig):
    name = "projects.items"
    label = "projects_items"

    def ready(self) -> None:
        from projects.items import invariants
        from projects.items.keys import lost_rules

        invariants.put_in_register()
        lost_rules.register()
