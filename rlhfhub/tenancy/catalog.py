"""Digests of everything in the database's catalog that grants access: one for each table and function.

A digest covers names and never object ids, so a restored database has the same digests as the dumped one unless
something was changed. Partitions are left out, because they change daily and no plane may touch one; so are the
functions of extensions.
"""

import hashlib
from collections import defaultdict
from typing import Any

_WHO = "CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END"
_GRANT = f"concat_ws(' ', 'grant', {_WHO}, a.privilege_type, a.is_grantable)"
# After a restore the server prints a trigger's condition with other casts and brackets; remove them before comparing.
_CONDITION = (
    r"regexp_replace(pg_get_triggerdef(t.oid), '::[a-z]+( varying)?(\[\])?|[() ]', '', 'g')"
)
_FUNCTIONS = (
    "f.pronamespace = 'public'::regnamespace AND f.prokind IN ('f', 'p') AND NOT EXISTS (SELECT 1 FROM pg_depend d "
    "WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')"
)
_TABLES = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r','p','v','m','f','S') AND NOT c.relispartition"

# Rows of (name of the object, one line that describes it). An owner's rights on its own objects are left out.
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
    """Return the digest of each object by name: `table …`, `function …`, `schema public`, `default privileges`."""
    lines = defaultdict(list)
    cursor.execute(_STANDING)
    for name, line in cursor.fetchall():
        lines[name].append(line)
    return {name: _digest(granted) for name, granted in sorted(lines.items())}


def _digest(lines: list[str]) -> str:
    # 64 bits suffice to notice a change. The digest is no defense against somebody who could rewrite it as well.
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return the names of the objects that differ."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
