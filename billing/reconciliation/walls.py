"""The walls of reconciliation: workers write it, and staff read it."""

from rlhfhub.tenancy.rules import ADD, READ, STAFF, SYSTEM, Rule, Wall

_TABLE = "billing_reconciliation"

WALLS: dict[str, Wall] = {
    f"{_TABLE}_balanceentry": {
        SYSTEM: Rule("SELECT, INSERT, UPDATE (matched_at)"),
        STAFF: Rule(READ),
    },
    f"{_TABLE}_match": {SYSTEM: Rule(ADD), STAFF: Rule(READ)},
    f"{_TABLE}_run": {
        SYSTEM: Rule(
            "SELECT, INSERT, UPDATE (ended_at, entries, matched, differences, balances, error)"
        ),
        STAFF: Rule(READ),
    },
    f"{_TABLE}_difference": {
        SYSTEM: Rule("SELECT, INSERT, UPDATE (stripe_minor, ledger_minor, last_seen_at, ended_at)"),
        STAFF: Rule(READ),
    },
}
