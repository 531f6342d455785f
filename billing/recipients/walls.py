"""The walls of recipients: people read their own; workspaces read none of it. Nobody but a link's person reads it."""

from rlhfhub.tenancy.rules import ANNOTATOR, READ, STAFF, SYSTEM, Rule, Wall, setting

_MINE = f"person_id = {setting('person')}"
_SEEN = (
    "transfers, reasons, requirements, is_closed, can_be_paid, bank_name, bank_last4, bank_status, "
    "looked_at, look_at"
)

WALLS: dict[str, Wall] = {
    "billing_recipients_recipient": {
        ANNOTATOR: Rule(
            "SELECT, INSERT (id, person_id, name, email), UPDATE (state, name, email, look_at)",
            _MINE,
        ),
        SYSTEM: Rule(
            "SELECT, UPDATE (state, attempt, tries, sent_at, next_at, account, error_code, error_words, "
            f"{_SEEN})"
        ),
        STAFF: Rule(READ),
    },
    "billing_recipients_link": {
        ANNOTATOR: Rule("SELECT, INSERT (id, person_id, kind), UPDATE (state, url)", _MINE),
        SYSTEM: Rule(
            "SELECT (id, person_id, kind, state, expires_at, tries, next_at, created_at), "
            "UPDATE (state, url, expires_at, tries, next_at, error)"
        ),
    },
    "billing_recipients_bankdetails": {
        ANNOTATOR: Rule("SELECT, INSERT (id, person_id, words)", _MINE),
        SYSTEM: Rule("SELECT (id, person_id)"),
        STAFF: Rule(READ),
    },
}
