"""An operation, and what is counted of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

Case = dict[str, Any]
Effects = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that moves money, of which any number of cases can be made.

    `act` is killed; `recover` does what its caller and the scheduled tasks do then; `rows` is SQL that counts each
    effect on a case, and `stripe` counts those at Stripe.
    """

    name: str
    begin: Callable[[], Case]
    act: Callable[[Case], Any]
    recover: Callable[[Case], Any]
    rows: dict[str, str]
    stripe: Callable[[Case], Effects] = lambda case: {}

    def effects(self, case: Case) -> Effects:
        """Return what is there of the case now."""
        connection.close()
        found: Effects = {}
        with connection.cursor() as cursor:
            for name, statement in self.rows.items():
                cursor.execute(f"SELECT {statement}", case)
                found[name] = cursor.fetchone()[0]
        return found | self.stripe(case)


def journals(cause: str, of: str) -> str:
    """Return what counts the journals of a cause, which is an expression of the one row that `of` selects."""
    return f"(SELECT count(*) FROM billing_ledger_journal j WHERE j.cause = {cause}) {of}"
