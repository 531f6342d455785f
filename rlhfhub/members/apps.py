"""The pages of workspaces, members, invitations and API keys. Their tables belong to tenancy."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "rlhfhub.members"
    label = "rlhfhub_members"
