"""Notices: what a person is told, in the page and by mail."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "rlhfhub.notices"
    label = "rlhfhub_notices"

    def ready(self) -> None:
        from rlhfhub.notices import invariants, selectors, watch
        from rlhfhub.tenancy.staff import site
        from rlhfhub.web import topbar

        invariants.put_in_register()
        site.warn_of(watch.warnings)
        topbar.register("unread", selectors.unread_of)
