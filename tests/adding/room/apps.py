"""The toy room as an app; only the test of a new table installs it."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "tests.adding.room"
    label = "adding_room"

    def ready(self) -> None:
        from tests.adding.room import invariants

        invariants.put_in_register()
