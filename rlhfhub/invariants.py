"""Invariants: rooms register what must always hold, and `manage.py verify_invariants` checks all of it.

An invariant's query or function returns one row for each violation. Checks run as the owner, who bypasses all walls: a
login that row-level security filters would not see violations.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection

EXAMPLES = 5

# A function that yields each violation in words.
Search = Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that must always hold.

    `number` is its name in DESIGN.md §7 (several may share one); `says` states it in words; `broken` is SQL whose rows
    are the violations, or a function that yields them in words.
    """

    number: str
    says: str
    broken: str | Search


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one invariant's check: how many violations, and the first few."""

    invariant: Invariant
    violations: int
    examples: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.violations


_registered: dict[str, tuple[Invariant, ...]] = {}


def register(room: str, invariants: Iterable[Invariant]) -> None:
    """Register a room's invariants, replacing earlier ones of it. Called from the room's AppConfig.ready()."""
    _registered[room] = tuple(invariants)


def registered() -> list[Invariant]:
    """Return all invariants ordered by their numbers: work, money, tenancy, data."""
    every = [invariant for room in _registered.values() for invariant in room]
    return sorted(
        every, key=lambda one: ("WMTD".find(one.number[0]), int(one.number[1:]), one.says)
    )


def check(invariant: Invariant) -> Finding:
    """Look for violations of one invariant in the current transaction."""
    if callable(invariant.broken):
        found = iter(invariant.broken())
        examples = list(islice(found, EXAMPLES))
        return Finding(invariant, len(examples) + sum(1 for _ in found), examples)
    with connection.cursor() as cursor:
        # Count and read examples in one statement, so that both see the same rows.
        query = (
            f"SELECT count(*) OVER (), broken.* FROM ({invariant.broken}) broken LIMIT {EXAMPLES}"
        )
        cursor.execute(query)
        names = [column.name for column in cursor.description or ()][1:]
        rows = cursor.fetchall()
    examples = [" ".join(f"{n}={v}" for n, v in zip(names, row[1:], strict=True)) for row in rows]
    return Finding(invariant, rows[0][0] if rows else 0, examples)


def verify(numbers: Iterable[str] = ()) -> Iterator[Finding]:
    """Check the invariants with these numbers, or all of them. Yields: one finding for each."""
    wanted = set(numbers)
    for invariant in registered():
        if not wanted or invariant.number in wanted:
            yield check(invariant)


def sees_everything() -> bool:
    """Return whether this login bypasses all walls. Otherwise violations could be hidden from it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def guards(*triggers: tuple[str, str]) -> str:
    """Return SQL that selects which of the triggers (name, table) are missing or disabled."""
    wanted = ", ".join(f"('{name}', '{table}')" for name, table in triggers)
    return f"""SELECT guard, of_table FROM (VALUES {wanted}) AS wanted (guard, of_table)
               WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgname = guard
                                 AND t.tgrelid = to_regclass(of_table) AND t.tgenabled = 'O')"""
