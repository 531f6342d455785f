"""Roles of members and what each may do."""

from django.db import models


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    REVIEWER = "reviewer", "Reviewer"
    BILLING = "billing", "Billing"
    VIEWER = "viewer", "Viewer"


class Capability(models.TextChoices):
    """What a role allows. Code asks `member.may(Capability.EDIT)`, a template `can.edit`."""

    VIEW = "view"
    EDIT = "edit"
    REVIEW = "review"
    EXPORT = "export"
    # SPEND: fund batches and see the free balance. MONEY: see the whole ledger.
    SPEND = "spend"
    MONEY = "money"
    MEMBERS = "members"


_C = Capability
CAPABILITIES: dict[str, frozenset[Capability]] = {
    Role.OWNER: frozenset(Capability),
    Role.MANAGER: frozenset({_C.VIEW, _C.EDIT, _C.REVIEW, _C.EXPORT, _C.SPEND}),
    Role.REVIEWER: frozenset({_C.VIEW, _C.REVIEW}),
    Role.BILLING: frozenset({_C.VIEW, _C.SPEND, _C.MONEY}),
    Role.VIEWER: frozenset({_C.VIEW}),
}


def may(role: str, capability: Capability) -> bool:
    """Return whether a member with `role` has `capability`. An unknown role has none."""
    return capability in CAPABILITIES.get(role, frozenset())
