"""What all REST endpoints share: authentication, errors, pages, idempotency."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "rlhfhub.api"
    label = "rlhfhub_api"
