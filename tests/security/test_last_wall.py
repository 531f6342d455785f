"""The last wall: from no plane does the site's own login make money, work or names of nothing.

No request leads here; it is what the database itself refuses of plain SQL, by grant, column list, policy or trigger.
"""

import uuid
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from rlhfhub import checks
from rlhfhub.tenancy import inspection, logins
from rlhfhub.tenancy.planes import Plane
from tests.security.acts import annotation, decision, lease, note
from tests.security.eyes import Truth, attempt, in_plane
from tests.security.forgeries import FORGERIES
from tests.security.world import World

Login = psycopg.Connection
REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.CheckViolation,
    psycopg.errors.RestrictViolation,
)


@pytest.fixture
def facts(world: World, truth: Truth) -> dict[str, Any]:
    """What acts name: people, batches and accounts of A, and some of B."""
    a, b = world.a, world.b

    def purse(kind: str, where: str = "true", *values: Any) -> Any:
        return truth.row("billing_ledger_account", f"kind = '{kind}' AND {where}", *values)["id"]

    def row(table: str, where: str, *values: Any) -> Any:
        return truth.row(table, where, *values)["id"]

    held = truth.row(
        "projects_work_lease", "annotator_id = %s AND ended_at IS NULL", a.person.user.pk
    )
    return {
        "a": a.pk,
        "b": b.pk,
        "owner": a.tenant.owner.pk,
        "viewer": a.viewer.pk,
        "stranger": world.stranger.pk,
        "staff": world.staff.pk,
        "person": a.person.user.pk,
        "project": a.project.pk,
        "project_b": b.project.pk,
        "batch": a.batch.pk,
        "draft": a.draft_batch.pk,
        "funded": a.funded_batch.pk,
        "waiting": a.waiting[0].pk,
        "journal": uuid.uuid4(),
        "account": uuid.uuid4(),
        "old": row("billing_ledger_journal", "kind = 'fund' AND workspace_id = %s", a.pk),
        "free_a": purse("workspace_available", "workspace_id = %s", a.pk),
        "free_b": purse("workspace_available", "workspace_id = %s", b.pk),
        "budget": purse("batch_budget", "batch_id = %s", a.batch.pk),
        "cash": purse("platform_cash"),
        "revenue": purse("platform_revenue"),
        "lease": held["id"],
        "held_slot": held["slot_id"],
        "open_slot": row("projects_work_slot", "state = 'open' AND batch_id = %s", a.batch.pk),
    }


def standing(plane: Plane, facts: dict[str, Any], named: str = "") -> dict[str, uuid.UUID]:
    """The settings a request in the plane has; `named` is who acts."""
    tenant = {"workspace": facts["a"]} if plane in {Plane.WORKSPACE, Plane.ANNOTATOR} else {}
    project = {"project": facts["project"]} if plane is Plane.ANNOTATOR else {}
    return tenant | project | ({"person": facts[named]} if named else {})


def do(login: Login, plane: Plane, named: str, statements: Any, facts: dict[str, Any]) -> None:
    """Run the statements in the plane and take them back. Raises what the database raises."""
    with in_plane(login, plane, **standing(plane, facts, named)) as cursor, attempt(cursor):
        for statement in statements:
            cursor.execute(statement, facts)


@pytest.mark.parametrize(
    ("plane", "named", "act"), [f[1:] for f in FORGERIES], ids=[f[0] for f in FORGERIES]
)
def test_it_is_refused(
    site: Login, facts: dict[str, Any], plane: Plane, named: str, act: tuple[str, ...]
) -> None:
    with pytest.raises(REFUSED):
        do(site, plane, named, act, facts)


def test_what_is_so_may_be_said(site: Login, facts: dict[str, Any]) -> None:
    """The acts above are not refused for how they are written: the true ones go through."""
    for plane, named, act in (
        (Plane.WORKSPACE, "owner", decision("person", "%(owner)s")),
        (Plane.WORKSPACE, "", decision("person", "%(owner)s")),
        (Plane.WORKSPACE, "owner", note("workspace", "%(a)s", "%(owner)s")),
        (Plane.WORKSPACE, "", note("workspace", "%(a)s", "%(owner)s")),
        (Plane.STAFF, "staff", note("staff", "NULL", "%(staff)s")),
        (Plane.SYSTEM, "", note("system", "NULL", "NULL")),
        (Plane.DOOR, "", note("door", "NULL", "NULL")),
        (Plane.ANNOTATOR, "person", lease("'seed', 1")),
        (Plane.ANNOTATOR, "person", annotation("'seconds', 1")),
    ):
        do(site, plane, named, act, facts)


def test_a_callers_temporary_table_deceives_no_trigger(site: Login, facts: dict[str, Any]) -> None:
    """A trigger must not read a temporary table that its caller gave the name of a real one."""
    shadow = (
        "CREATE TEMPORARY TABLE projects_review_decision (annotation_id uuid)",
        "INSERT INTO pg_temp.projects_review_decision VALUES (%(waiting)s)",
        "UPDATE public.projects_work_annotation SET state = 'accepted' WHERE id = %(waiting)s",
    )
    with pytest.raises(REFUSED, match="only with a decision"):
        do(site, Plane.WORKSPACE, "", shadow, facts)


def test_every_trigger_finds_its_tables_by_a_path_of_its_own(world: World, truth: Truth) -> None:
    assert list(inspection.function_faults()) == []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION review_state_decided() RESET search_path")
        assert list(inspection.function_faults()) == [
            "review_state_decided could look into a caller's temporary table"
        ]
        transaction.set_rollback(True)


def test_the_trail_is_dated_by_the_database(site: Login, facts: dict[str, Any]) -> None:
    (statement,) = note("workspace", "%(a)s", "%(owner)s")
    with in_plane(site, Plane.WORKSPACE, workspace=facts["a"]) as cursor:
        cursor.execute(
            statement.replace("now())", "'2020-01-01') RETURNING at > now() - interval '1 day'"),
            facts,
        )
        assert cursor.fetchone() == (True,)


def test_large_objects_are_the_owners(world: World) -> None:
    """All of the functions that the server has for them, of whatever version it is; the check warns of it."""
    for login in (logins.SITE, *(plane.role for plane in Plane)):
        assert list(inspection.large_object_faults(login)) == []
    assert len(list(inspection.large_object_faults(logins.OWNER))) >= 20
    assert checks.large_objects_are_closed(databases=["default"]) == []


def test_the_check_warns_of_open_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "database", lambda url: {"USER": logins.OWNER})
    assert [found.id for found in checks.large_objects_are_closed(databases=["default"])] == [
        "rlhfhub.W002"
    ]


_ENROLL = """
    INSERT INTO projects_enrollment_enrollment
        (id, workspace_id, project_id, annotator_id, pseudonym, state, created_at)
    VALUES (gen_random_uuid(), %(b)s, %(project_b)s, %(person)s, 'A-FORGED', %(state)s, now())
"""


def test_nobody_becomes_active_without_the_guidelines(site: Login, facts: dict[str, Any]) -> None:
    ids = {"workspace": facts["b"], "person": facts["person"], "project": facts["project_b"]}
    activate = (
        "UPDATE projects_enrollment_enrollment SET state = 'active' WHERE pseudonym = 'A-FORGED'"
    )
    with in_plane(site, Plane.ANNOTATOR, **ids) as cursor:
        with pytest.raises(psycopg.errors.RestrictViolation), attempt(cursor):
            cursor.execute(_ENROLL, {**facts, "state": "active"})
        cursor.execute(_ENROLL, {**facts, "state": "onboarding"})
        with pytest.raises(psycopg.errors.RestrictViolation), attempt(cursor):
            cursor.execute(activate)
