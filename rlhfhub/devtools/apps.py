"""The development commands seed_demo and simulate. Production settings do not install this app."""

from django.apps import AppConfig


class DevtoolsConfig(AppConfig):
    name = "rlhfhub.devtools"
    label = "rlhfhub_devtools"
