"""Columns that only some planes may read."""

from typing import Any

from django.db import models

from rlhfhub.tenancy.planes import Plane, standing

# Django's mark of a password that matches nothing.
UNREADABLE = "!"


class DoorField(models.CharField):
    """Text that only the door plane and the owner may read: no other plane is granted its column.

    Queries in other planes select `!` instead of the column, so that they can still load its rows.
    """

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        if standing().plane in {None, Plane.DOOR}:
            return sql, params
        return f"'{UNREADABLE}'", ()
