"""The walls of payouts: people read their own and ask for one; workspaces read none of it."""

from rlhfhub.tenancy.rules import ANNOTATOR, KEEPER, READ, STAFF, SYSTEM, Rule, Wall, setting

_MINE = f"person_id = {setting('person')}"

WALLS: dict[str, Wall] = {
    "billing_payouts_payoutrun": {
        ANNOTATOR: Rule("SELECT, INSERT (id, kind, person_id)", _MINE),
        SYSTEM: Rule("SELECT, INSERT (id, kind, day, currency), UPDATE (after, made_at)"),
        STAFF: Rule(READ),
    },
    "billing_payouts_payout": {
        ANNOTATOR: Rule(READ, _MINE),
        SYSTEM: Rule(
            "SELECT, INSERT (id, run_id, person_id, currency, amount_minor), "
            "UPDATE (state, attempt, tries, sent_at, next_at, looks, looked_at, transfer, error_code, error_words, "
            "ended_at, bank_look_at)"
        ),
        STAFF: Rule(
            "SELECT, UPDATE (state, attempt, sent_at, ended_at, reference, entered_by_id, confirmed_by_id)"
        ),
        KEEPER: Rule(
            "SELECT (id, person_id, currency, amount_minor, rail, state, created_at, ended_at)"
        ),
    },
    "billing_payouts_reversal": {
        ANNOTATOR: Rule(
            "SELECT (id, payout_id, amount_minor, reason, state, ended_at)",
            f"state = 'done' AND payout_id IN (SELECT id FROM billing_payouts_payout WHERE {_MINE})",
        ),
        SYSTEM: Rule(
            "SELECT, UPDATE (state, attempt, tries, sent_at, next_at, looks, looked_at, reversal, transaction, "
            "error_code, error_words, ended_at)"
        ),
        STAFF: Rule("SELECT, INSERT, UPDATE (state, decided_by_id, next_at, ended_at)"),
        KEEPER: Rule("SELECT (payout_id, state, transaction)"),
    },
    "billing_payouts_bankpayout": {
        ANNOTATOR: Rule(READ, _MINE),
        SYSTEM: Rule(
            "SELECT, INSERT, UPDATE (status, amount_minor, arrives_at, failure_code, looked_at)"
        ),
        STAFF: Rule(READ),
        KEEPER: Rule("SELECT (person_id, status, arrives_at, created_at)"),
    },
}
