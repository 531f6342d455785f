"""The walls of decisions, returns and flags."""

from rlhfhub.tenancy.rules import ADD, ANY, READ, Rule, Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "projects_review_decision": seen_by_members(ADD, system=Rule(ADD, ANY)),
    "projects_review_return": seen_by_members(READ),
    "projects_review_flag": seen_by_members("SELECT, INSERT, UPDATE (weight)"),
}
