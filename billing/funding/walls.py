"""The walls of funding runs and replacements. Only a trigger counts the slots of a run."""

from rlhfhub.tenancy.rules import Rule, Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "billing_funding_funding": seen_by_members(
        "SELECT, INSERT, UPDATE (next_seq, items_done, state, finished_at)",
        keeper=Rule("SELECT, UPDATE (slots)"),
    ),
    "billing_funding_replacement": seen_by_members("SELECT, INSERT, UPDATE (state, funding_id)"),
}
