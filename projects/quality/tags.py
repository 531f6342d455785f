"""Tags: the common values of the metadata keys that a project declared, each with its items. Workspace plane."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection

from projects.plan.models import Project
from projects.stats.ratings import Codes

#: Agreement is kept for so many values of a key, those with the most items, and for none with fewer items than this.
MOST_VALUES, LEAST_ITEMS = 12, 5

_VALUES = """
    SELECT key, value, array_agg(item_id::text) FROM projects_items_metadatavalue
    WHERE item_id = ANY(%s::uuid[]) AND key = ANY(%s) GROUP BY key, value HAVING count(*) >= %s
"""


@dataclass(frozen=True, eq=False)
class Tag:
    """A value of a metadata key, and the numbers of the items that have it."""

    key: str
    value: str
    items: Codes


def tags_of(project: Project, items: Sequence[str]) -> list[Tag]:
    """Return the tags of these items (ids in text form), by key, the most common first.

    The numbers of a tag's items are positions in `items`.
    """
    if not project.metadata_keys or not items:
        return []
    number = {item: at for at, item in enumerate(items)}
    by_key: dict[str, list[Tag]] = defaultdict(list)
    with connection.cursor() as cursor:
        ids = [uuid.UUID(item) for item in items]
        cursor.execute(_VALUES, [ids, project.metadata_keys, LEAST_ITEMS])
        for key, value, found in cursor.fetchall():
            by_key[key].append(Tag(key, value, np.array([number[item] for item in found])))
    return [
        tag
        for key in project.metadata_keys
        for tag in sorted(by_key[key], key=lambda tag: (-len(tag.items), tag.value))[:MOST_VALUES]
    ]
