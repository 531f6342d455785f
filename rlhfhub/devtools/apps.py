"""The commands of development: seed_demo and simulate. Installed by no production settings."""

from django.apps import AppConfig


class DevtoolsConfig(AppConfig):
    name = "rlhfhub.devtools"
    label = "rlhfhub_devtools"
