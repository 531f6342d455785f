"""The Django app that carries the shared templates' tags and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """What all pages share; it has no tables."""

    name = "rlhfhub.web"
    label = "rlhfhub_web"
    verbose_name = "Web"
