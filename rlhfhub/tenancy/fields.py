"""Columns that only some planes may read."""

from typing import Any

from django.db import models

from rlhfhub.tenancy.planes import Plane, standing

# Django's mark of a password that nothing matches.
UNREADABLE = "!"


class DoorField(models.CharField):
    """Text that is read at the door and by the owner alone: no other plane is granted its column.

    A query in any other plane selects `!` in its place, so that rows with such a column load there too.
    """

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        if standing().plane in {None, Plane.DOOR}:
            return sql, params
        return f"'{UNREADABLE}'", ()
