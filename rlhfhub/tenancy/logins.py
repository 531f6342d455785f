"""The database's roles: the owner, the site's login, which owns nothing, and one role for each plane.

`manage.py create_roles` runs this as the server's administrator; repeating it is safe.
"""

import psycopg
from psycopg import sql

from rlhfhub.tenancy.planes import Plane

OWNER = "rlhfhub_owner"
SITE = "rlhfhub_app"
# Selects from pg_proc the functions that make, read, change or remove large objects.
LARGE_OBJECTS = "pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_.*|loread|lowrite)$'"


def create(admin: psycopg.Connection, *, owner_password: str = "", site_password: str = "") -> None:
    """Make or repair all roles on the server of `admin` (a superuser's connection in autocommit mode)."""
    for plane in Plane:
        _role(admin, plane.role, "NOLOGIN NOINHERIT NOBYPASSRLS", "")
    _role(admin, OWNER, "LOGIN CREATEDB BYPASSRLS", owner_password)
    _role(admin, SITE, "LOGIN NOINHERIT NOCREATEDB NOBYPASSRLS", site_password)
    for plane in Plane:
        role = sql.Identifier(plane.role)
        admin.execute(sql.SQL("GRANT {} TO {}").format(role, sql.Identifier(OWNER)))
        if plane is not Plane.KEEPER:
            admin.execute(sql.SQL("GRANT {} TO {}").format(role, sql.Identifier(SITE)))
    for role_name, setting, value in LIMITS:
        admin.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(role_name), sql.Identifier(setting), sql.Literal(value)
            )
        )


# Limits how long a statement or a forgotten transaction of the site can hold a snapshot.
LIMITS = (
    (SITE, "statement_timeout", "60s"),
    (SITE, "idle_in_transaction_session_timeout", "60s"),
    (SITE, "lock_timeout", "10s"),
    (SITE, "search_path", "public"),
    (SITE, "jit", "off"),
)


def _role(admin: psycopg.Connection, name: str, attributes: str, password: str) -> None:
    exists = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    verb = "ALTER" if exists else "CREATE"
    statement = sql.SQL("{} ROLE {} {}").format(
        sql.SQL(verb), sql.Identifier(name), sql.SQL(attributes)
    )
    if password:
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
    admin.execute(statement)


def close_large_objects(admin: psycopg.Connection) -> None:
    """Let only the owner use large objects, which no policy guards, in the database that `admin` is connected to.

    By default PostgreSQL lets every login make and read them. This needs a superuser and must be done in each database;
    a database made from a template copies the template's grants.
    """
    named = admin.execute(
        sql.SQL("SELECT oid::regprocedure::text FROM pg_proc WHERE {}").format(
            sql.SQL(LARGE_OBJECTS)
        )
    ).fetchall()
    for (function,) in named:
        # The text comes from the server's catalog: it is the name of one of its functions.
        admin.execute(
            sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.SQL(function))
        )
        admin.execute(
            sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(
                sql.SQL(function), sql.Identifier(OWNER)
            )
        )


def create_database(admin: psycopg.Connection, name: str) -> bool:
    """Make the database `name` for the owner. Returns False when it exists."""
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return False
    admin.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
            sql.Identifier(name), sql.Identifier(OWNER)
        )
    )
    return True
