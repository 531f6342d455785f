"""The walls of the tables of exports and their rows."""

from rlhfhub.tenancy.rules import ADD, Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "projects_exports_export": seen_by_members(
        "SELECT, INSERT, UPDATE (state, rows, rows_written, counts, manifest, sha256, folder, error, attempts, "
        "forms, frozen_at, beat_at, finished_at)"
    ),
    "projects_exports_exportrow": seen_by_members(ADD),
}
