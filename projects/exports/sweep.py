"""Takes away what killed workers left in storage: folders that no row names."""

import uuid
from itertools import islice
from pathlib import Path

from projects.exports import storage
from projects.exports.models import Export
from rlhfhub.tenancy import planes

QUIET = 3600.0
"""Seconds without a byte written. A worker at work is heard of far more often."""
_AT_ONCE = 1000


def leftovers() -> int:
    """Remove the folders of attempts that came to nothing. Returns how many.

    What this database knows nothing of is left alone: it may be the work of another site.
    """
    removed = 0
    folders = storage.export_folders()
    while some := list(islice(folders, _AT_ONCE)):
        named = _named([export_id for export_id, _ in some])
        for export_id, folder in some:
            for made in _unnamed(folder, named.get(export_id)):
                storage.discard(made)
                removed += 1
    return removed


def _named(export_ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The folder each export's row names; empty while it is unfinished, or when it failed."""
    with planes.as_system():
        return dict(Export.objects.filter(pk__in=export_ids).values_list("id", "folder"))


def _unnamed(folder: Path, named: str | None) -> list[Path]:
    if named is None:
        return []
    # The folders are looked at after the row: one that it names meanwhile was written to just now.
    quiet = storage.quiet_attempts(folder, seconds=QUIET)
    return [made for made in quiet if made.name != named]
