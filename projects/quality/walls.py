"""The walls (row-level policies and grants) of tallies, agreement, annotators' figures, monitors and alerts."""

from rlhfhub.tenancy.rules import ADD, MINE, READ, WS, Rule, Wall, seen_by_members, setting

# An annotator is told of an alert at a time of its own, so that no moment tells which item was keyed. What they are not
# granted: the evidence, and when the alert was opened and will lift itself.
_ABOUT_ME = (
    "told_at <= clock_timestamp() AND EXISTS (SELECT 1 FROM projects_enrollment_enrollment e "
    f"WHERE e.id = projects_quality_alert.enrollment_id AND e.annotator_id = {setting('person')}) AND {WS}"
)

WALLS: dict[str, Wall] = {
    "projects_quality_tally": seen_by_members(
        "SELECT, INSERT, UPDATE (facets, first, counted, answers, counted_answers, lead, votes, margin, decided, "
        "chose_first, updated_at)"
    ),
    "projects_quality_agreementsnapshot": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_quality_partagreement": seen_by_members("SELECT, INSERT, DELETE"),
    "projects_quality_annotatorfigures": seen_by_members("SELECT, INSERT, UPDATE"),
    "projects_quality_monitor": seen_by_members(
        "SELECT, INSERT, UPDATE (state, seen, level, since, at)"
    ),
    "projects_quality_score": seen_by_members(ADD),
    "projects_quality_alert": seen_by_members(
        "SELECT, INSERT, UPDATE (state, by, decided_by_id, decided_at, note, swapped_at)",
        annotator=Rule(
            "SELECT (id, workspace_id, project_id, enrollment_id, kind, state, told_at, swapped_at, reply, "
            "replied_at, by, decided_at, note), UPDATE (reply, replied_at)",
            _ABOUT_ME,
        ),
    ),
    "projects_quality_ownfigures": seen_by_members(
        "SELECT, INSERT, UPDATE (agreement, agreement_low, agreement_high, compared, shown_on)",
        annotator=Rule(READ, MINE),
    ),
    "projects_quality_stale": seen_by_members("SELECT, INSERT, DELETE"),
}
