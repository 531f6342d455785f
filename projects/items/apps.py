"""Batches of items and how they are imported."""

from django.apps import AppConfig


class ItemsConfig(AppConfig):
    name = "projects.items"
    label = "projects_items"
