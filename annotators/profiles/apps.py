"""Annotators as people: what they tell of themselves."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "annotators.profiles"
    label = "annotators_profiles"
