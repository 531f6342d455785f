"""Base models: a tenant row has a UUIDv7 key, its workspace, and a manager that refuses to work without a scope."""

from typing import Any

from django.db import models
from django_scopes import ScopedManager

from rlhfhub.ground.ids import uuid7


class Row(models.Model):
    """A row with a UUIDv7 key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class TenantRow(Row):
    """A row of one workspace. Reading it outside `scope(workspace=…)` raises ScopeError.

    Its foreign keys to other tenant rows have no database constraint made by Django. A TenantKey in Meta.constraints
    keeps both ends in the same workspace instead.
    """

    workspace = models.ForeignKey(
        "rlhfhub_tenancy.Workspace",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    objects = ScopedManager(workspace="workspace")  # type: ignore[django-manager-missing]

    class Meta:
        abstract = True


def tenant_fk(to: str | type[models.Model], *, held_by: str = "", **kwargs: Any) -> Any:
    """Return a foreign key that is enforced by a TenantKey of the model and not by Django's own constraint.

    If the model declares no TenantKey for it, `held_by` states what keeps both ends in one workspace: a trigger, a
    wider key, or the statement that writes the row. The invariant T3 checks such rows too.
    """
    kwargs.setdefault("related_name", "+")
    kwargs.setdefault("db_index", False)
    link: Any = models.ForeignKey(to, on_delete=models.PROTECT, db_constraint=False, **kwargs)
    link.held_by = held_by
    return link
