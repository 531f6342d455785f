"""Profiles: what annotators tell about themselves, the terms they accept, and where they can be paid."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProfilesConfig(AppConfig):
    name = "annotators.profiles"
    label = "annotators_profiles"

    def ready(self) -> None:
        from annotators.profiles import beginning, documents, invariants, notices

        beginning.register()
        notices.register()
        invariants.put_in_register()
        post_migrate.connect(documents.publish_after_migrate, sender=self)
