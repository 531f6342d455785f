"""Who is who, and which walls stand between workspaces."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "rlhfhub.tenancy"
    label = "rlhfhub_tenancy"

    def ready(self) -> None:
        from rlhfhub.tenancy import invariants

        invariants.put_in_register()
