"""The walls of funding runs, which members read and make and whose slots only a trigger counts, and of replacements."""

from rlhfhub.tenancy.rules import Rule, Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "billing_funding_funding": seen_by_members(
        "SELECT, INSERT, UPDATE (next_seq, items_done, state, finished_at)",
        keeper=Rule("SELECT, UPDATE (slots)"),
    ),
    "billing_funding_replacement": seen_by_members("SELECT, INSERT, UPDATE (state, funding_id)"),
}
