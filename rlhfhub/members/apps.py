"""The pages of an organization: workspaces, members, invitations, API keys. Their tables are tenancy's."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "rlhfhub.members"
    label = "rlhfhub_members"
