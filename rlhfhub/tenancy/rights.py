"""Checks access rights besides the tables' walls: roles, owners, and changes that no migration made.

Each function yields one sentence for each fault, and nothing when there is none.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from rlhfhub.ground.dsn import database
from rlhfhub.tenancy import catalog, inspection, owners, policies
from rlhfhub.tenancy.logins import OWNER, SITE
from rlhfhub.tenancy.planes import Plane


def every_fault() -> Iterator[str]:
    """Yield every fault of the walls and of the roles that could bypass them, each once."""
    yield from faults_of_walls()
    yield from inspection.login_faults(database(settings.DATABASE_URL)["USER"])


def faults_of_walls() -> Iterator[str]:
    """Yield what differs from the stated walls, and what else has changed since the walls were applied."""
    named = [*inspection.wall_faults(), *inspection.function_faults(), *stray_faults()]
    yield from named
    yield from role_faults()
    known = " ".join(named)
    for fault in record_faults():
        # Skip "table x" and "function f(int)" if an inspection reported them more exactly ("x: …", "f runs as …").
        thing = fault.partition(":")[0].partition("(")[0].split()[-1]
        if thing not in known:
            yield fault


def faults() -> Iterator[str]:
    """Yield faults of roles and owners, and what was changed by no migration since the walls were applied."""
    yield from role_faults()
    yield from stray_faults()
    yield from record_faults()


def stray_faults() -> Iterator[str]:
    """Yield each object with the wrong owner, and the command that repairs it."""
    with connection.cursor() as cursor:
        found = owners.strays(cursor)
    for stray in found:
        mend = owners.MENDED_BY if stray.is_foreign else "manage.py walls --apply"
        yield f"{stray} ({mend})"


def foreign() -> list[owners.Stray]:
    """Return the objects of an unknown login, which the site's owner can neither use nor repair."""
    with connection.cursor() as cursor:
        return [stray for stray in owners.strays(cursor) if stray.is_foreign]


def record_faults() -> Iterator[str]:
    """Yield what has changed since the walls were applied."""
    with connection.cursor() as cursor:
        record = policies.recorded(cursor)
        if record.fingerprint != policies.fingerprint():
            yield "the walls were applied by another version, or not at all: run migrate"
            return
        stands = catalog.digests(cursor)
    for name in catalog.differing(record.stood, stands):
        if name not in stands:
            yield f"{name}: gone since the walls were applied"
        elif name not in record.stood:
            yield f"{name}: new since the walls were applied"
        else:
            yield f"{name}: changed since the walls were applied"


def role_faults() -> Iterator[str]:
    """Yield what `create_roles` has to make or repair. Roles belong to the server, so a dump does not contain them."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, {"planes": [plane.role for plane in Plane], "owner": OWNER})
        yield from (f"{role} {fault} (manage.py create_roles)" for role, fault in cursor.fetchall())
        cursor.execute(_KEEPERS, {"keeper": Plane.KEEPER.role, "owner": OWNER, "site": SITE})
        yield from (f"{role} may become {Plane.KEEPER.role}" for (role,) in cursor.fetchall())


_ROLES = """
    SELECT role, fault FROM unnest(%(planes)s::text[]) role LEFT JOIN pg_roles ON rolname = role, LATERAL (VALUES
        (rolname IS NULL, 'is missing'), (rolcanlogin, 'may log in'), (rolsuper, 'is a superuser'),
        (rolbypassrls, 'bypasses row-level security'), (rolcreaterole, 'may make roles')) found (is_so, fault)
    WHERE is_so
    UNION ALL
    SELECT %(owner)s, 'is missing, or sees no further than the policies'
    WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %(owner)s AND (rolbypassrls OR rolsuper))
    ORDER BY role, fault
"""
# Roles that may make roles are left out: they could give themselves the keeper's rights anyway.
_KEEPERS = """
    SELECT m.rolname FROM pg_auth_members JOIN pg_roles m ON m.oid = member JOIN pg_roles k ON k.oid = roleid
    WHERE k.rolname = %(keeper)s AND m.rolname NOT IN (%(owner)s, %(site)s) AND NOT m.rolcreaterole
    ORDER BY 1
"""
