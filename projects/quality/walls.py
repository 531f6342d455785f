"""The walls of consensus and agreement."""

from rlhfhub.tenancy.rules import Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "projects_quality_consensus": seen_by_members(
        "SELECT, INSERT, UPDATE (first, tie, second, label, probability, updated_at)"
    ),
    "projects_quality_agreementsnapshot": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_quality_stale": seen_by_members("SELECT, INSERT, DELETE"),
}
