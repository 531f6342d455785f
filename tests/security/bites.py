"""Searches for holes in the walls, as functions of a login. On a broken wall each must find something."""

import json
import uuid
from typing import Any

import psycopg

from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.stated import STATED
from tests.security.eyes import Cursor, Truth, attempt, in_plane, readable_keys, tables_for
from tests.security.world import Side, World

# Tables that are not a workspace's alone, and the rows of them that belong to a workspace.
OF_WORKSPACE = {
    "rlhfhub_tenancy_workspace": "id = %s",
    "rlhfhub_tenancy_user": "id IN (SELECT user_id FROM rlhfhub_tenancy_membership WHERE workspace_id = %s)",
    # Annotators' own accounts are not the workspace's, although their postings name it.
    "billing_ledger_account": "workspace_id = %s AND person_id IS NULL",
    "billing_ledger_posting": "workspace_id = %s AND person_id IS NULL",
}
EVERYBODYS = {
    "django_content_type",
    "annotators_profiles_terms",
    "annotators_profiles_payoutcountry",
}
# Triggers allow no other change than the one that is meant, and run before any policy.
BY_TRIGGER = {
    "projects_work_annotation",
    "billing_funding_replacement",
    "projects_review_bulkaccept",
    "projects_review_bulkanswer",
    "projects_review_sampleanswer",
}
# Rows that no trigger protects: only the policy does.
UNGUARDED = {
    "projects_plan_guidelineversion": "published_at IS NULL",
    "projects_exports_export": "state = 'queued'",
}


def workspace_tables(privilege: str = "SELECT", only: str = "") -> list[str]:
    """Return the tables on which the workspace plane has the privilege, except those that everybody may read.

    With `only`, no other table is returned. Searches take it too, for tests that ask about one table at a time.
    """
    known = [t for t in tables_for(Plane.WORKSPACE, privilege) if t not in EVERYBODYS]
    return [t for t in known if t == only] if only else known


def other_workspaces_rows(
    login: psycopg.Connection, truth: Truth, a: Side, only: str = ""
) -> list[str]:
    """Return the tables in which workspace A can read other rows than its own."""
    faults = []
    with in_plane(login, Plane.WORKSPACE, workspace=a.pk) as plane:
        for table in workspace_tables(only=only):
            own = truth.rows(table, OF_WORKSPACE.get(table, "workspace_id = %s"), a.pk)
            if readable_keys(plane, table) != own:
                faults.append(table)
    return faults


def writes_for_others(
    login: psycopg.Connection, truth: Truth, a: Side, b: Side, only: str = ""
) -> list[str]:
    """Return the tables in which workspace A can insert, update or delete a row of B."""
    faults = []
    with in_plane(login, Plane.WORKSPACE, workspace=a.pk) as plane:
        for table in workspace_tables("INSERT", only):
            if inserts(plane, table, insertable(table, another_row(truth, table, b))):
                faults.append(f"INSERT {table}")
        for table in workspace_tables("DELETE", only):
            if touches(plane, f"DELETE FROM {table} WHERE workspace_id = %s", b.pk):
                faults.append(f"DELETE {table}")
        for table in workspace_tables("UPDATE", only):
            column = writable_column(table)
            key = "id" if table == "rlhfhub_tenancy_workspace" else "workspace_id"
            if touches(plane, f"UPDATE {table} SET {column} = {column} WHERE {key} = %s", b.pk):
                faults.append(f"UPDATE {table}")
    return faults


def moves_away(login: psycopg.Connection, a: Side, b: Side) -> list[str]:
    """Return the tables in which workspace A can give its rows to B."""
    faults = []
    with in_plane(login, Plane.WORKSPACE, workspace=a.pk) as plane:
        for table in workspace_tables("UPDATE"):
            where = UNGUARDED.get(table, "true")
            if table != "rlhfhub_tenancy_workspace" and touches(
                plane, f"UPDATE {table} SET workspace_id = %s WHERE {where}", b.pk
            ):
                faults.append(table)
    return faults


def writable_column(table: str) -> str:
    """A column that the workspace plane may update."""
    _, _, columns = STATED.walls[table][Plane.WORKSPACE].privileges.partition("UPDATE (")
    if columns:
        return columns.split(",")[0].rstrip(")").strip()
    return "name" if table == "rlhfhub_tenancy_workspace" else "workspace_id"


def another_row(truth: Truth, table: str, side: Side) -> dict[str, Any]:
    """Return a copy of one of the side's rows, with a new id if the table has one."""
    row = truth.row(table, OF_WORKSPACE.get(table, "workspace_id = %s"), side.pk)
    return {**row, "id": uuid.uuid4()} if "id" in row else row


def insertable(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of the row that the workspace plane may insert."""
    _, _, columns = STATED.walls[table][Plane.WORKSPACE].privileges.partition("INSERT (")
    granted = [name.strip() for name in columns.partition(")")[0].split(",")] if columns else row
    return {name: row[name] for name in granted}


def inserts(cursor: Cursor, table: str, row: dict[str, Any]) -> bool:
    """Whether the policies let this row in (a constraint may still refuse it)."""
    try:
        with attempt(cursor):
            insert(cursor, table, row)
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.IntegrityError:
        return True
    return True


def insert(cursor: Cursor, table: str, row: dict[str, Any]) -> None:
    """Insert the row unchanged."""
    columns = ", ".join(row)
    cursor.execute(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s::jsonb)",
        [json.dumps(row, default=str)],
    )


def touches(cursor: Cursor, statement: str, *values: Any) -> bool:
    """Whether the statement changes a row, or would but for a constraint."""
    try:
        with attempt(cursor):
            return cursor.execute(statement, values).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False
    except (psycopg.errors.IntegrityError, psycopg.errors.RaiseException):
        return True


def desk_sees_too_much(
    login: psycopg.Connection, truth: Truth, world: World, only: str = ""
) -> list[str]:
    """Return the tables in which an annotator of A, at the desk, can read more than their own rows."""
    a, person = world.a, world.a.person.user.pk
    project, enrollment = a.project.pk, a.person.enrollment.pk
    own = {
        "projects_items_item": (
            "id = (SELECT item_id FROM projects_work_lease WHERE id = %s)",
            [a.leases[0]["id"]],
        ),
        "projects_work_lease": ("annotator_id = %s AND workspace_id = %s", [person, a.pk]),
        "projects_work_annotation": ("annotator_id = %s AND workspace_id = %s", [person, a.pk]),
        "projects_work_draft": ("annotator_id = %s AND workspace_id = %s", [person, a.pk]),
        "projects_work_cursor": ("annotator_id = %s AND workspace_id = %s", [person, a.pk]),
        "projects_work_slot": (
            "project_id = %s AND (holder_id = %s OR state = 'open')",
            [project, person],
        ),
        "projects_enrollment_enrollment": ("id = %s", [enrollment]),
        "projects_enrollment_eligibility": ("enrollment_id = %s", [enrollment]),
        "projects_enrollment_clearance": ("enrollment_id = %s", [enrollment]),
        "projects_enrollment_guidelineacceptance": ("enrollment_id = %s", [enrollment]),
        "projects_enrollment_enrollmentchange": (
            "annotator_id = %s AND workspace_id = %s",
            [person, a.pk],
        ),
        "projects_enrollment_enrollmentreply": (
            "annotator_id = %s AND workspace_id = %s",
            [person, a.pk],
        ),
        "projects_quality_alert": ("enrollment_id = %s", [enrollment]),
        "projects_quality_ownfigures": ("enrollment_id = %s", [enrollment]),
        "projects_review_decision": ("annotator_id = %s AND workspace_id = %s", [person, a.pk]),
        "projects_review_return": ("annotator_id = %s AND workspace_id = %s", [person, a.pk]),
        "projects_review_appeal": ("annotator_id = %s AND workspace_id = %s", [person, a.pk]),
        "projects_plan_project": ("id = %s", [project]),
        "projects_plan_form": ("project_id = %s", [project]),
        "projects_plan_guidelineversion": (
            "project_id = %s AND published_at IS NOT NULL",
            [project],
        ),
        "projects_items_batch": ("project_id = %s AND NOT is_pool", [project]),
        "rlhfhub_tenancy_user": ("id = %s", [person]),
        "rlhfhub_tenancy_workspace": ("id = %s", [a.pk]),
        # Also what the site tells, such as that a payout was sent.
        "rlhfhub_notices_notice": (
            "person_id = %s AND (workspace_id = %s OR workspace_id IS NULL)",
            [person, a.pk],
        ),
        "rlhfhub_tenancy_apikey": ("annotator_id = %s AND workspace_id = %s", [person, a.pk]),
        "projects_plan_requirement": ("project_id = %s", [project]),
        "annotators_profiles_profile": ("user_id = %s", [person]),
        "annotators_profiles_acceptance": ("user_id = %s", [person]),
        "billing_recipients_recipient": ("person_id = %s", [person]),
        "billing_recipients_link": ("person_id = %s", [person]),
        "billing_payouts_payoutrun": ("person_id = %s", [person]),
        "billing_payouts_bankpayout": ("person_id = %s", [person]),
        "billing_payouts_payout": ("person_id = %s", [person]),
        "billing_payouts_reversal": (
            "payout_id IN (SELECT id FROM billing_payouts_payout WHERE person_id = %s)",
            [person],
        ),
        "billing_readings_reading": ("annotator_id = %s AND workspace_id = %s", [person, a.pk]),
        "billing_recipients_bankdetails": ("person_id = %s", [person]),
        "billing_ledger_account": ("person_id = %s", [person]),
        "billing_ledger_posting": ("person_id = %s", [person]),
    }
    readable = set(tables_for(Plane.ANNOTATOR)) - EVERYBODYS
    faults = [f"{table}: not stated here" for table in sorted(readable ^ own.keys())]
    ids = {"workspace": a.pk, "person": person, "project": project}
    with in_plane(login, Plane.ANNOTATOR, **ids) as plane:
        for table in [only] if only else STATED.walls:
            found = readable_keys(plane, table)
            if table not in own:
                faults += [table] if found is not None and table not in EVERYBODYS else []
            elif found != truth.rows(table, own[table][0], *own[table][1]):
                faults.append(table)
    return faults
