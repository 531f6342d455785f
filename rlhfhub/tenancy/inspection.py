"""Compares the database's grants, policies and functions with what the site states.

Each function yields one sentence for each fault, and nothing when there is none.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.db import connection

from rlhfhub.tenancy.logins import LARGE_OBJECTS
from rlhfhub.tenancy.owners import OF_THE_OWNER
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.policies import SEARCH_PATH
from rlhfhub.tenancy.rules import Rule, Wall
from rlhfhub.tenancy.stated import STATED

_PRIVILEGES = re.compile(r"(SELECT|INSERT|UPDATE|DELETE)(?: \(([^)]*)\))?")
_SETTING = re.compile(r"rlhfhub\.(\w+)'")


def real_tables() -> list[str]:
    """Return the names of the database's tables, without partitions."""
    return [
        row[0]
        for row in _rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
        )
    ]


def wall_faults() -> Iterator[str]:
    """Yield what is missing, added or changed in the database's grants and policies."""
    walls, outside = STATED.walls, STATED.outside
    tables = real_tables()
    for table in tables:
        if table in walls:
            yield from _faults_of(table, walls[table])
        elif table not in outside:
            yield f"{table}: has no wall and is not in OUTSIDE"
    yield from (f"{table}: missing" for table in sorted(walls.keys() - set(tables)))
    # Tables in OUTSIDE must be open to no role; nor may partitions, which their parent's policy does not guard.
    for table, role in _rows(_OPEN_ASIDE, [[*walls], _roles()]):
        yield f"{table}: open to {role} without a policy"


_OPEN_ASIDE = """
    SELECT DISTINCT c.relname, COALESCE(r.rolname, 'everybody') FROM pg_class c, aclexplode(c.relacl) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT c.relname = ANY(%s) AND (a.grantee = 0 OR r.rolname = ANY(%s))
"""


def _faults_of(table: str, wall: Wall) -> Iterator[str]:
    flags = _rows(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", [table]
    )
    if flags != [(True, True)]:
        yield f"{table}: row-level security is not forced"
    policies = {row[0]: row[1:] for row in _rows(_POLICIES, [table])}
    for plane, rule in wall.items():
        found = policies.pop(plane.value, None)
        if found is None:
            yield f"{table}: no policy for {plane}"
        else:
            yield from (
                f"{table}: policy for {plane} {fault}"
                for fault in _policy_faults(plane, rule, found)
            )
    yield from (f"{table}: unknown policy {name}" for name in policies)
    wanted = {
        grant for plane, rule in wall.items() for grant in _grants(plane.role, rule.privileges)
    }
    found_grants = {tuple(row) for row in _rows(_GRANTS, [table, _roles(), table, _roles()])}
    yield from (
        f"{table}: missing grant {grant}" for grant in sorted(wanted - found_grants, key=str)
    )
    yield from (
        f"{table}: unexpected grant {grant}" for grant in sorted(found_grants - wanted, key=str)
    )


_POLICIES = """
    SELECT polname, polpermissive, polcmd, (SELECT array_agg(rolname::text) FROM pg_roles WHERE oid = ANY(polroles)),
           pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
    FROM pg_policy WHERE polrelid = %s::regclass
"""
_GRANTS = """
    SELECT COALESCE(r.rolname, 'everybody'), a.privilege_type, NULL
    FROM pg_class c, aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.oid = %s::regclass AND (a.grantee = 0 OR r.rolname = ANY(%s))
    UNION ALL
    SELECT COALESCE(r.rolname, 'everybody'), a.privilege_type, t.attname
    FROM pg_attribute t, aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE t.attrelid = %s::regclass AND (a.grantee = 0 OR r.rolname = ANY(%s))
"""


def _policy_faults(plane: Plane, rule: Rule, found: tuple[Any, ...]) -> Iterator[str]:
    permissive, command, roles, using, check = found
    if not permissive or command != "*" or roles != [plane.role]:
        yield "does not cover all commands of this plane"
    # PostgreSQL returns the expression rewritten, so compare only the settings that it reads.
    wanted = set(_SETTING.findall(rule.rows or ""))
    for expression in (using, check):
        if (expression == "true") != (rule.rows is None) or set(
            _SETTING.findall(expression)
        ) != wanted:
            yield f"lets other rows through: {expression}"


def _grants(role: str, privileges: str) -> Iterator[tuple[str, str, str | None]]:
    for privilege, columns in _PRIVILEGES.findall(privileges):
        for column in columns.split(",") if columns else (None,):
            yield role, privilege, column.strip() if column else None


def login_faults(login: str) -> Iterator[str]:
    """Yield the reasons why `login` could bypass the walls: an attribute, ownership, or a role it may become."""
    found = _rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = %s",
        [login],
    )
    if not found:
        yield f"there is no login {login}"
        return
    words = ("is a superuser", "bypasses row-level security", "may make roles", "may replicate")
    yield from (f"{login} {word}" for word, is_so in zip(words, found[0], strict=True) if is_so)
    allowed = {login, *(plane.role for plane in Plane if plane is not Plane.KEEPER)}
    reach = [row[0] for row in _rows(_REACHABLE, [login])]
    yield from (f"{login} may become {role}" for role in reach if role not in allowed)
    yield from (f"{role} owns {what}" for what, role in _rows(_OWNED, {"r": [*allowed]}))
    inherits = _rows(
        "SELECT pg_has_role(%s, r, 'USAGE'), r FROM unnest(%s::text[]) r", [login, _roles()]
    )
    yield from (f"{login} inherits from {role}" for yes, role in inherits if yes)


_REACHABLE = """
    WITH RECURSIVE reach AS (
        SELECT oid FROM pg_roles WHERE rolname = %s
        UNION SELECT m.roleid FROM pg_auth_members m JOIN reach ON reach.oid = m.member
    ) SELECT rolname FROM reach JOIN pg_roles USING (oid) ORDER BY rolname
"""
_OWNED = """
    SELECT 'relation ' || relname, pg_get_userbyid(relowner) FROM pg_class WHERE pg_get_userbyid(relowner) = ANY(%(r)s)
      AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'function ' || proname, pg_get_userbyid(proowner) FROM pg_proc
    WHERE pg_get_userbyid(proowner) = ANY(%(r)s)
    UNION ALL SELECT 'schema ' || nspname, pg_get_userbyid(nspowner) FROM pg_namespace
    WHERE pg_get_userbyid(nspowner) = ANY(%(r)s) AND nspname NOT LIKE 'pg_temp%%' AND nspname NOT LIKE 'pg_toast%%'
    UNION ALL SELECT 'database ' || datname, pg_get_userbyid(datdba) FROM pg_database
    WHERE pg_get_userbyid(datdba) = ANY(%(r)s)
"""


def large_object_faults(login: str) -> Iterator[str]:
    """Yield the functions for large objects that `login` may call. No policy guards large objects."""
    yield from (f"{login} may call {function}" for (function,) in _rows(_LARGE, [login]))


_LARGE = f"""
    SELECT oid::regprocedure FROM pg_proc
    WHERE {LARGE_OBJECTS} AND has_function_privilege(%s, oid, 'EXECUTE') ORDER BY 1
"""  # noqa: S608  of constants only


def function_faults() -> Iterator[str]:
    """Yield unsafe functions.

    These are SECURITY DEFINER functions with another owner than expected or callable by everybody, and definer and
    trigger functions on whose search path a caller's temporary table could replace a real one.
    """
    for name, owner, definer, trigger, public, path in _rows(_WATCHED):
        if definer and owner != Plane.KEEPER.role and name not in OF_THE_OWNER:
            yield f"{name} runs as {owner}"
        # Nobody can call a trigger function directly.
        if public and not trigger:
            yield f"{name} may be called by everybody"
        if path != PINNED:
            yield f"{name} could look into a caller's temporary table"


PINNED = f"search_path={SEARCH_PATH}"
_WATCHED = """
    SELECT proname, pg_get_userbyid(proowner), prosecdef, prorettype = 'trigger'::regtype,
           EXISTS (SELECT 1 FROM aclexplode(COALESCE(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0),
           (SELECT c FROM unnest(proconfig) c WHERE c LIKE 'search_path=%')
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND (prosecdef OR prorettype = 'trigger'::regtype)
"""


def _roles() -> list[str]:
    return [plane.role for plane in Plane]


def _rows(query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
