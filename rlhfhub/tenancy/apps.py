"""Who is who, and which walls stand between workspaces."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "rlhfhub.tenancy"
    label = "rlhfhub_tenancy"
