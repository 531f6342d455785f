"""The pool of a project: the batch, never funded or opened, of its keyed items and of repeats."""

import uuid

from django.db import IntegrityError, connection, transaction

from projects.items.models import Batch, Item
from projects.plan.models import Project

NUMBER = 0
NAME = "Keyed items"
# Before the external ids of items in the pool, so that they differ from those of the items that they are copies of.
KEYED = "key:"


def pool_of(project: Project) -> Batch:
    """Return the project's pool, which is made on first use. Workspace plane, inside a transaction."""
    found: Batch | None = Batch.pools.filter(project=project).first()
    if found:
        return found
    try:
        with transaction.atomic():
            made: Batch = Batch.pools.create(
                workspace_id=project.workspace_id,
                project=project,
                number=NUMBER,
                name=NAME,
                is_pool=True,
                overlap=1,
            )
            return made
    except IntegrityError:  # another request has just made it
        return Batch.pools.get(project=project)


_COPY = """
    INSERT INTO projects_items_item (id, workspace_id, project_id, batch_id, seq, external_id, prompt, responses, context,
        metadata, sha256, content_key, repeat_of_id, created_at)
    SELECT %(id)s, i.workspace_id, i.project_id, b.id, b.items_count, %(external_id)s, i.prompt, i.responses, i.context,
           i.metadata, i.sha256, i.content_key, %(repeat_of)s, clock_timestamp()
    FROM projects_items_item i, counted b WHERE i.id = %(item)s
"""
