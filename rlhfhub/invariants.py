"""What must always hold: rooms register their invariants, `manage.py verify_invariants` checks them all.

An invariant is found broken, never found true: its query or function gives one row for each violation.
They look as the owner, past all walls; a login that row-level security filters would find nothing wrong.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection

EXAMPLES = 5

# Gives each violation in words; it may read as many rows as it likes.
Search = Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """`number` is its name in DESIGN.md §7 (several may share one), `says` what holds when `broken` finds nothing.

    `broken` is SQL whose rows are the violations, or a function that yields them in words.
    """

    number: str
    says: str
    broken: str | Search


@dataclass(frozen=True, slots=True)
class Finding:
    """What one invariant's check found: how many violations, and the first few."""

    invariant: Invariant
    violations: int
    examples: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.violations


_registered: dict[str, tuple[Invariant, ...]] = {}


def register(room: str, invariants: Iterable[Invariant]) -> None:
    """Called from a room's AppConfig.ready(); registering again replaces."""
    _registered[room] = tuple(invariants)


def registered() -> list[Invariant]:
    """All invariants in the order of their numbers: work, money, tenancy, data."""
    every = [invariant for room in _registered.values() for invariant in room]
    return sorted(
        every, key=lambda one: ("WMTD".find(one.number[0]), int(one.number[1:]), one.says)
    )


def check(invariant: Invariant) -> Finding:
    """Look for violations of one invariant in the present transaction."""
    if callable(invariant.broken):
        found = iter(invariant.broken())
        examples = list(islice(found, EXAMPLES))
        return Finding(invariant, len(examples) + sum(1 for _ in found), examples)
    with connection.cursor() as cursor:
        # Counted and shown in one go: the examples are of the very rows that were counted.
        query = (
            f"SELECT count(*) OVER (), broken.* FROM ({invariant.broken}) broken LIMIT {EXAMPLES}"
        )
        cursor.execute(query)
        names = [column.name for column in cursor.description or ()][1:]
        rows = cursor.fetchall()
    examples = [" ".join(f"{n}={v}" for n, v in zip(names, row[1:], strict=True)) for row in rows]
    return Finding(invariant, rows[0][0] if rows else 0, examples)


def verify(numbers: Iterable[str] = ()) -> Iterator[Finding]:
    """Check the invariants with these numbers, or all of them."""
    wanted = set(numbers)
    for invariant in registered():
        if not wanted or invariant.number in wanted:
            yield check(invariant)


def sees_everything() -> bool:
    """Whether this login passes all walls, so that nothing found means nothing there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def guards(*triggers: tuple[str, str]) -> str:
    """SQL for the triggers (name, table) that are missing or switched off."""
    wanted = ", ".join(f"('{name}', '{table}')" for name, table in triggers)
    return f"""SELECT guard, of_table FROM (VALUES {wanted}) AS wanted (guard, of_table)
               WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgname = guard
                                 AND t.tgrelid = to_regclass(of_table) AND t.tgenabled = 'O')"""
