"""TenantKey: a composite foreign key, declared as a model constraint, that keeps two rows in the same workspace."""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class TenantKey(models.BaseConstraint):
    """`FOREIGN KEY (columns) REFERENCES table (to_columns)`, checked immediately.

    By default it pairs `(workspace_id, <column>)` with the target's `(workspace_id, id)`, so that a row of one
    workspace can never reference a row of another. `to` is the target's table name.
    """

    def __init__(
        self,
        *,
        name: str,
        to: str,
        column: str = "",
        columns: tuple[str, ...] = (),
        to_columns: tuple[str, ...] = ("workspace_id", "id"),
    ) -> None:
        super().__init__(name=name)
        self.to = to
        self.columns = columns or ("workspace_id", column)
        self.to_columns = to_columns

    def create_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Defer the statement to the end of the migration, when the target table and its unique key exist."""
        assert schema_editor is not None
        schema_editor.deferred_sql.append(self._sql(model, schema_editor))
        return ""

    def _sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor) -> str:
        quote = schema_editor.quote_name
        mine = ", ".join(map(quote, self.columns))
        theirs = ", ".join(map(quote, self.to_columns))
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY ({mine}) REFERENCES {quote(self.to)} ({theirs})"
        )

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self.create_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert schema_editor is not None
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: only the database checks this constraint."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return (
            path,
            tuple(args),
            {**kwargs, "to": self.to, "columns": self.columns, "to_columns": self.to_columns},
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TenantKey) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)
