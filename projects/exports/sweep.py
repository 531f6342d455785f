"""Remove what killed workers left in storage: folders of attempts that no export's row names."""

import uuid
from itertools import islice
from pathlib import Path

from projects.exports import storage
from projects.exports.models import Export
from rlhfhub.tenancy import planes

IDLE_SECONDS = 3600.0
"""Seconds without a file change after which a folder is taken for abandoned. A worker writes far more often."""
_AT_ONCE = 1000


def leftovers() -> int:
    """Remove the folders of failed attempts.

    Folders of exports that this database does not know are kept, because they may belong to another site.

    Returns: how many folders were removed.
    """
    removed = 0
    folders = storage.export_folders()
    while chunk := list(islice(folders, _AT_ONCE)):
        named = _named([export_id for export_id, _ in chunk])
        for export_id, folder in chunk:
            for made in _unnamed(folder, named.get(export_id)):
                storage.discard(made)
                removed += 1
    return removed


def _named(export_ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The folder that each export's row names; an empty text while it is unfinished, or if it failed."""
    with planes.as_system():
        return dict(Export.objects.filter(pk__in=export_ids).values_list("id", "folder"))


def _unnamed(folder: Path, named: str | None) -> list[Path]:
    if named is None:
        return []
    # The row was read before the folders are. A folder that the row names only since then has just been written to,
    # so it is not idle.
    quiet = storage.idle_attempts(folder, seconds=IDLE_SECONDS)
    return [made for made in quiet if made.name != named]
