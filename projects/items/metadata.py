"""A project's declared metadata keys, and the table of their values, by which items can be searched."""

import uuid
from collections.abc import Sequence

from django.db import connection

from projects.items.models import Batch, MetadataValue
from projects.plan.models import Project
from rlhfhub.events import outbox
from rlhfhub.ground import locks
from rlhfhub.ground.refusals import invalid
from rlhfhub.tenancy import audit

KEYS_DECLARED = "items.metadata_keys_declared"
MOST_KEYS = 8
MOST_KEY_CHARS = 60
VALUE_CHARS = 200
# A million items take longer than the minute that other requests may use.
_TIMEOUT = "SET LOCAL statement_timeout = '20min'"
# Imports into the project take the same lock: otherwise an item imported meanwhile would get no values of new keys.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"

_INSERT = f"""
    INSERT INTO projects_items_metadatavalue (id, workspace_id, project_id, item_id, key, value)
    SELECT rlhfhub_uuid7(), i.workspace_id, i.project_id, i.id, k.key, left(i.metadata ->> k.key, {VALUE_CHARS})
    FROM {{items}} i CROSS JOIN unnest(%(keys)s::text[]) AS k(key)
    WHERE i.metadata ->> k.key IS NOT NULL
"""  # noqa: S608  of constants only
_OF_PROJECT = """(
    SELECT * FROM projects_items_item WHERE project_id = %(project)s
    AND batch_id IN (SELECT id FROM projects_items_batch WHERE project_id = %(project)s AND NOT is_pool))"""
# The items of the latest upload have the highest seq of their batch.
_NEWEST_OF_BATCH = """(
    SELECT * FROM projects_items_item WHERE batch_id = %(batch)s ORDER BY seq DESC LIMIT %(newest)s)"""


def store_values(*, batch: Batch, newest: int) -> None:
    """Store the values of the declared keys for the `newest` items of a batch. The caller holds the import lock.

    A pool's items have none: only items of the project's data are searched.
    """
    if batch.is_pool:
        return
    keys = Project.objects.values_list("metadata_keys", flat=True).get(pk=batch.project_id)
    if not keys or not newest:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT.format(items=_NEWEST_OF_BATCH),
            {"keys": keys, "batch": batch.pk, "newest": newest},
        )


def declare_keys(*, project: Project, keys: Sequence[str], actor_id: uuid.UUID | None) -> Project:
    """Replace the project's metadata keys. Store the values of added keys for all items; delete those of removed keys.

    Declaring the same keys again does nothing. Workspace plane, inside a transaction.

    Raises: Refused for more than 8 keys, a repeated key, and a key that is empty or has more than 60 characters.
    """
    _check(keys)
    with connection.cursor() as cursor:
        cursor.execute(_TIMEOUT)
        cursor.execute(_ONE_AT_A_TIME, [str(project.pk), locks.IMPORTS_OF_A_PROJECT])
        project = Project.objects.select_for_update().get(pk=project.pk)
        added = [key for key in keys if key not in project.metadata_keys]
        removed = [key for key in project.metadata_keys if key not in keys]
        MetadataValue.objects.filter(project=project, key__in=removed).delete()
        if added:
            cursor.execute(
                _INSERT.format(items=_OF_PROJECT), {"keys": added, "project": project.pk}
            )
    project.metadata_keys = list(keys)
    project.save(update_fields=["metadata_keys"])
    if added or removed:
        data = {"added": added, "removed": removed}
        audit.note("project.metadata_keys", project.pk, actor_id=actor_id, data=data)
        outbox.emit(kind=KEYS_DECLARED, workspace_id=project.workspace_id, subject_id=project.pk)
    return project


def _check(keys: Sequence[str]) -> None:
    if len(keys) > MOST_KEYS:
        raise invalid(
            "keys", f"At most {MOST_KEYS} keys can be declared, and these are {len(keys)}."
        )
    if len(set(keys)) < len(keys):
        raise invalid("keys", "A key is given twice. Give each key once.")
    for key in keys:
        if not key.strip() or len(key) > MOST_KEY_CHARS or "\x00" in key:
            words = f"A key must have 1 to {MOST_KEY_CHARS} characters, not only spaces and none of them NUL."
            raise invalid("keys", words)
