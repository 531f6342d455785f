"""Links between tenant rows, and what keeps both ends in one workspace."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

from rlhfhub.tenancy.base import TenantRow
from rlhfhub.tenancy.keys import TenantKey


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key from one tenant table to another.

    `has_key` is true if a TenantKey enforces it; `held_by` is what the model states enforces it instead.
    """

    table: str
    column: str
    target: str
    primary_key: tuple[str, ...]
    has_key: bool
    held_by: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


def links() -> Iterator[Link]:
    """Yield every link between tenant tables of the installed apps."""
    for model in apps.get_models():
        if not issubclass(model, TenantRow):
            continue
        keys = [key for key in model._meta.constraints if isinstance(key, TenantKey)]
        with_key = {column for key in keys for column in key.columns}
        for field in model._meta.concrete_fields:
            if target := _target(field):
                yield Link(
                    table=model._meta.db_table,
                    column=str(field.column),
                    target=target._meta.db_table,
                    primary_key=tuple(str(part.column) for part in model._meta.pk_fields),
                    has_key=field.column in with_key,
                    held_by=getattr(field, "held_by", ""),
                )


def _target(field: Any) -> type[TenantRow] | None:
    if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantRow):
        return field.related_model
    return None


def rows_across() -> Iterator[str]:
    """Yield rows that a link without a TenantKey connects to another workspace's row or to a missing one."""
    for link in links():
        if link.has_key:
            continue
        keys = ", ".join(f"r.{column}" for column in link.primary_key)
        query = (
            f"SELECT concat_ws(' ', {keys}) FROM {link.table} r "  # noqa: S608  the models' own names
            f"LEFT JOIN {link.target} t ON t.id = r.{link.column} "
            f"WHERE r.{link.column} IS NOT NULL AND t.workspace_id IS DISTINCT FROM r.workspace_id LIMIT 100"
        )
        with connection.cursor() as cursor:
            cursor.execute(query)
            yield from (f"{link} of {row[0]}" for row in cursor.fetchall())
