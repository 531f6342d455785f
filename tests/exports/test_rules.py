"""The database's own rules for exports and their rows, which bind even the tables' owner."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from projects.exports.models import Export
from projects.plan.models import Project
from tests.exports.made import run_export
from tests.factories import Tenant

ANOTHER_ROW = """
    INSERT INTO projects_exports_exportrow
        (workspace_id, export_id, number, item_id, responses, counts, undecided, annotations)
    SELECT %s, %s, number + 100, item_id, responses, counts, undecided, annotations
    FROM projects_exports_exportrow LIMIT 1
"""
ANOTHER_EXPORT = """
    INSERT INTO projects_exports_export
        (id, workspace_id, project_id, number, dataset, include_undecided, forms, state, rows, rows_written, counts,
         sha256, folder, error, attempts, created_at)
    SELECT %s, workspace_id, project_id, 100, dataset, include_undecided, forms, %s, 0, 0, '{}', '', '', '', 0, now()
    FROM projects_exports_export LIMIT 1
"""


@pytest.fixture
def export(accepted: Tenant, project: Project) -> Export:
    return run_export(accepted, project)


def run(statement: str, *values: Any) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def refused(statement: str, *values: Any, words: str) -> None:
    with pytest.raises(IntegrityError, match=words):
        run(statement, *values)


@pytest.mark.parametrize("state", list(Export.State))
@pytest.mark.slow
def test_rows_come_only_while_their_export_is_being_frozen(export: Export, state: str) -> None:
    other = uuid.uuid4()
    run(ANOTHER_EXPORT, other, state)
    if state == "freezing":
        assert run(ANOTHER_ROW, export.workspace_id, other) == 1
    else:
        refused(ANOTHER_ROW, export.workspace_id, other, words="being frozen")


def test_rows_belong_to_an_export_of_their_workspace(export: Export, workspace_b: Tenant) -> None:
    other = uuid.uuid4()
    run(ANOTHER_EXPORT, other, "freezing")
    refused(ANOTHER_ROW, workspace_b.pk, other, words="being frozen")
    refused(ANOTHER_ROW, export.workspace_id, uuid.uuid4(), words="being frozen")


def test_one_stray_row_among_many_is_found(export: Export) -> None:
    other = uuid.uuid4()
    run(ANOTHER_EXPORT, other, "freezing")
    mixed = ANOTHER_ROW.replace("%s, %s,", "%s, unnest(%s::uuid[]),").replace("LIMIT 1", "LIMIT 2")
    refused(mixed, export.workspace_id, [other, export.pk], words="being frozen")


@pytest.mark.slow
def test_a_number_is_given_once(export: Export) -> None:
    other = uuid.uuid4()
    run(ANOTHER_EXPORT, other, "freezing")
    run(ANOTHER_ROW, export.workspace_id, other)
    refused(ANOTHER_ROW, export.workspace_id, other, words="projects_exports_exportrow_pkey")


def test_an_export_is_never_deleted_and_a_finished_one_never_changed(export: Export) -> None:
    refused("DELETE FROM projects_exports_export WHERE id = %s", export.pk, words="append-only")
    refused(
        "UPDATE projects_exports_export SET attempts = 9 WHERE id = %s",
        export.pk,
        words="never changes",
    )
    refused(
        "DELETE FROM projects_exports_exportrow WHERE export_id = %s",
        export.pk,
        words="append-only",
    )
