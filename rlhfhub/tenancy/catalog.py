"""What stands in the database's catalog that lets anybody see or do anything: one digest for each table and function.

Names alone enter a digest, never object ids: a restored database has the digests of the dumped one unless
something else stands in it. Partitions are left out, for they come and go by the day (no plane may touch one), and
the functions of extensions.
"""

import hashlib
from collections import defaultdict
from typing import Any

_WHO = "CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END"
_GRANT = f"concat_ws(' ', 'grant', {_WHO}, a.privilege_type, a.is_grantable)"
# A restore parses a trigger's condition anew, and then the server writes its casts and brackets otherwise.
_CONDITION = (
    r"regexp_replace(pg_get_triggerdef(t.oid), '::[a-z]+( varying)?(\[\])?|[() ]', '', 'g')"
)
_FUNCTIONS = (
    "f.pronamespace = 'public'::regnamespace AND f.prokind IN ('f', 'p') AND NOT EXISTS (SELECT 1 FROM pg_depend d "
    "WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')"
)
_TABLES = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r','p','v','m','f','S') AND NOT c.relispartition"

# (name of the object, one line that tells of it); an owner's own rights are not told.
_STANDING = f"""
    SELECT 'table ' || c.relname, concat_ws(' ', c.relkind, 'of', pg_get_userbyid(c.relowner), c.relrowsecurity,
           c.relforcerowsecurity) FROM pg_class c WHERE {_TABLES}
    UNION ALL
    SELECT 'table ' || c.relname, {_GRANT} FROM pg_class c, aclexplode(c.relacl) a
    WHERE {_TABLES} AND a.grantee <> c.relowner
    UNION ALL
    SELECT 'table ' || c.relname, concat_ws(' ', {_GRANT}, 'of column', t.attname)
    FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
    WHERE {_TABLES} AND a.grantee <> c.relowner
    UNION ALL
    SELECT 'table ' || c.relname, concat_ws(' ', 'policy', p.polname, p.polpermissive, p.polcmd,
           (SELECT string_agg(CASE r WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(r) END, ',' ORDER BY r::regrole::text)
            FROM unnest(p.polroles) r),
           'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE {_TABLES}
    UNION ALL
    SELECT 'table ' || c.relname, concat_ws(' ', t.tgenabled, {_CONDITION})
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE {_TABLES} AND NOT t.tgisinternal
    UNION ALL
    SELECT 'table ' || c.relname, concat_ws(' ', r.ev_enabled, pg_get_ruledef(r.oid))
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE {_TABLES}
    UNION ALL
    SELECT 'function ' || f.oid::regprocedure,
           concat_ws(' ', 'of', pg_get_userbyid(f.proowner), pg_get_functiondef(f.oid))
    FROM pg_proc f WHERE {_FUNCTIONS}
    UNION ALL
    SELECT 'function ' || f.oid::regprocedure, {_GRANT}
    FROM pg_proc f, aclexplode(COALESCE(f.proacl, acldefault('f', f.proowner))) a
    WHERE {_FUNCTIONS} AND a.grantee <> f.proowner
    UNION ALL
    SELECT 'schema public', {_GRANT}
    FROM pg_namespace n, aclexplode(COALESCE(n.nspacl, acldefault('n', n.nspowner))) a
    WHERE n.nspname = 'public' AND a.grantee <> n.nspowner
    UNION ALL
    SELECT 'default privileges', concat_ws(' ', pg_get_userbyid(d.defaclrole), d.defaclnamespace::regnamespace,
           d.defaclobjtype, {_GRANT}) FROM pg_default_acl d, aclexplode(d.defaclacl) a
"""  # noqa: S608  every piece is a constant of this file


def digests(cursor: Any) -> dict[str, str]:
    """A digest for each object by its name: `table …`, `function …`, `schema public`, `default privileges`."""
    lines = defaultdict(list)
    cursor.execute(_STANDING)
    for name, line in cursor.fetchall():
        lines[name].append(line)
    return {name: _digest(told) for name, told in sorted(lines.items())}


def _digest(lines: list[str]) -> str:
    # To tell a change, not to withstand who could change both: 64 bits are plenty.
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """The names of what is not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
