"""Users, workspaces, keys, and the walls between workspaces."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class TenancyConfig(AppConfig):
    name = "rlhfhub.tenancy"
    label = "rlhfhub_tenancy"

    def ready(self) -> None:
        from rlhfhub.tenancy import invariants, wire

        invariants.put_in_register()
        connection_created.connect(wire.own_lock)
