"""Notices: what a person is told, in the page and by mail."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "rlhfhub.notices"
    label = "rlhfhub_notices"

    def ready(self) -> None:
        from rlhfhub.notices import invariants

        invariants.put_in_register()
