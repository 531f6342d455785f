"""`manage.py walls`: prints the walls for review; `--check` compares the database with them, `--apply` applies them."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from rlhfhub.tenancy import owners, policies, rights
from rlhfhub.tenancy.rules import Wall
from rlhfhub.tenancy.stated import STATED


class Command(BaseCommand):
    help = "Prints who may do what with each table, and the functions that run with more rights than their caller's."
    # No system checks: this command must run when something is wrong.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--check",
            action="store_true",
            help="list what differs in the database; exits with 1 if anything does",
        )
        what.add_argument(
            "--apply",
            action="store_true",
            help="apply them in any case, and accept what they do not state (triggers, functions) as it is now",
        )

    def handle(self, *args: Any, check: bool, apply: bool, **options: Any) -> None:
        if apply:
            self._apply()
        if apply or check:
            self._check()
        else:
            for line in _table():
                self.stdout.write(line)

    def _apply(self) -> None:
        if foreign := rights.foreign():
            for stray in foreign:
                self.stdout.write(str(stray))
            raise CommandError(
                f"{len(foreign)} objects do not belong to the owner; {owners.MENDED_BY}"
            )
        for name in policies.apply(accept=True, always=True).found:
            self.stdout.write(f"{name} had been changed")

    def _check(self) -> None:
        faults = list(rights.every_fault())
        for fault in faults:
            self.stdout.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in the walls", returncode=1)
        self.stdout.write(self.style.SUCCESS("The database's walls are as stated."))


def _table() -> Iterator[str]:
    for room in STATED.rooms:
        yield f"--- {room.file}"
        for table, wall in room.walls.items():
            yield table
            yield from _rules(wall)
    yield from (f"{table}: no plane may use it: {why}" for table, why in STATED.outside.items())
    yield ""
    yield "Walls and doors that name a table of a later room"
    yield from (f"{name} names {table}: {why}" for (name, table), why in STATED.later.items())
    yield ""
    yield "Functions that run with their owner's rights, and who may call them"
    with connection.cursor() as cursor:
        cursor.execute(_DEFINERS)
        for function, owner, callers in cursor.fetchall():
            yield f"{function}\n    of {owner}, {callers}"


def _rules(wall: Wall) -> Iterator[str]:
    for plane, rule in wall.items():
        yield f"    {plane.value:<10} {rule.privileges}"
        yield f"    {'':<10}   of {rule.rows or 'every row'}"


_DEFINERS = """
    SELECT f.oid::regprocedure::text, pg_get_userbyid(f.proowner),
        CASE WHEN f.prorettype = 'trigger'::regtype THEN 'a trigger''s on ' || COALESCE(
            (SELECT string_agg(DISTINCT t.tgrelid::regclass::text, ', ') FROM pg_trigger t
             JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgfoid = f.oid AND NOT c.relispartition), 'no table')
        ELSE 'called by ' || COALESCE(
            (SELECT string_agg(CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END, ', '
                               ORDER BY a.grantee::regrole::text)
             FROM aclexplode(COALESCE(f.proacl, acldefault('f', f.proowner))) a WHERE a.grantee <> f.proowner),
            'nobody') END
    FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef ORDER BY 1
"""
