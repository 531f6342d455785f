"""The walls of decisions, returns, appeals, limits and flags. An annotator never sees who reviews."""

from rlhfhub.tenancy.rules import ADD, ANY, MINE, READ, Rule, Wall, seen_by_members

_MY_DECISION = (
    "SELECT (id, workspace_id, annotation_id, annotator_id, stage, verdict, by, reason, rule, note, "
    "decided_at, appeal_by)"
)
_MY_RETURN = (
    "SELECT (id, workspace_id, annotation_id, annotator_id, note, returned_at, revise_by, answered_at, "
    "lapsed_at), UPDATE (answered_at)"
)

WALLS: dict[str, Wall] = {
    "projects_review_decision": seen_by_members(
        ADD, annotator=Rule(_MY_DECISION, MINE), system=Rule(ADD, ANY), staff=Rule(ADD)
    ),
    "projects_review_return": seen_by_members(
        ADD,
        annotator=Rule(_MY_RETURN, MINE),
        system=Rule("SELECT, UPDATE (lapsed_at)", ANY),
    ),
    "projects_review_appeal": seen_by_members(READ, annotator=Rule(ADD, MINE)),
    "projects_review_rejectlimit": seen_by_members(
        READ,
        keeper=Rule("SELECT, INSERT, UPDATE (rejected, stopped_at)"),
        staff=Rule("SELECT, UPDATE (allowed, stopped_at)"),
    ),
    "projects_review_flag": seen_by_members("SELECT, INSERT, UPDATE (weight)"),
}
