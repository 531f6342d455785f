"""The wall of funding runs: members read and make them; only a trigger counts their slots."""

from rlhfhub.tenancy.rules import Rule, Wall, seen_by_members

WALLS: dict[str, Wall] = {
    "billing_funding_funding": seen_by_members(
        "SELECT, INSERT, UPDATE (next_seq, items_done, state, finished_at)",
        keeper=Rule("SELECT, UPDATE (slots)"),
    ),
}
