"""The wall of decisions."""

from rlhfhub.tenancy.rules import ADD, ANY, Rule, Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "projects_review_decision": seen_by_members(ADD, system=Rule(ADD, ANY)),
}
