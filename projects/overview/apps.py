"""The pages that show the data of many rooms at once."""

from django.apps import AppConfig


class OverviewConfig(AppConfig):
    name = "projects.overview"
    label = "projects_overview"
