"""What every tenant row has: a key of ours, its workspace, and a manager that refuses to work unscoped."""

from typing import Any

from django.db import models
from django_scopes import ScopedManager

from rlhfhub.ground.ids import uuid7


class Row(models.Model):
    """A row with a UUIDv7 key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class TenantRow(Row):
    """A row of one workspace. Reading it outside `scope(workspace=…)` raises ScopeError.

    Its foreign keys to other tenant rows carry no constraint of Django's; a TenantKey in Meta.constraints
    holds both ends to the same workspace instead.
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
    """A foreign key whose constraint is the TenantKey that the model declares.

    Where it declares none, `held_by` says what holds both ends to one workspace instead: a trigger, a wider key, or
    the statement that writes the row. The invariant T3 looks at such rows too.
    """
    kwargs.setdefault("related_name", "+")
    kwargs.setdefault("db_index", False)
    link: Any = models.ForeignKey(to, on_delete=models.PROTECT, db_constraint=False, **kwargs)
    link.held_by = held_by
    return link
