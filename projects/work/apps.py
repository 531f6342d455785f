"""Slots, leases, annotations: the desk."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "projects.work"
    label = "projects_work"
