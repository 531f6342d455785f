"""Profiles: what annotators tell about themselves."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "annotators.profiles"
    label = "annotators_profiles"
