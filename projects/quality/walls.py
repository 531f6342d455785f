"""The walls (row-level policies and grants) of tallies, agreement and annotators' figures."""

from rlhfhub.tenancy.rules import Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "projects_quality_tally": seen_by_members(
        "SELECT, INSERT, UPDATE (facets, first, counted, answers, counted_answers, lead, votes, margin, decided, "
        "chose_first, updated_at)"
    ),
    "projects_quality_agreementsnapshot": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_quality_partagreement": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_quality_annotatorfigures": seen_by_members("SELECT, INSERT, UPDATE"),
    "projects_quality_stale": seen_by_members("SELECT, INSERT, DELETE"),
}
