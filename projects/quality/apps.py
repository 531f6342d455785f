"""Agreement and consensus while the work runs."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "projects.quality"
    label = "projects_quality"
