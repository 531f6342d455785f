"""The walls of accounts, journals and postings.

Only a trigger changes an account, and nothing changes a posting; `ledger_kinds()` says which plane may post what.
"""

from rlhfhub.tenancy.rules import (
    ADD,
    ANNOTATOR,
    KEEPER,
    READ,
    STAFF,
    SYSTEM,
    WORKSPACE,
    WS,
    Rule,
    Wall,
    setting,
)

_OWN_PURSE = f"person_id = {setting('person')}"
_OF_NO_PERSON = f"{WS} AND person_id IS NULL"

WALLS: dict[str, Wall] = {
    "billing_ledger_account": {
        WORKSPACE: Rule(ADD, _OF_NO_PERSON),
        ANNOTATOR: Rule(READ, _OWN_PURSE),
        SYSTEM: Rule(ADD),
        STAFF: Rule(ADD),
        KEEPER: Rule("SELECT, UPDATE (balance_minor)"),
    },
    "billing_ledger_journal": {
        WORKSPACE: Rule(ADD, WS),
        SYSTEM: Rule(ADD),
        STAFF: Rule(ADD),
        KEEPER: Rule("SELECT (id, workspace_id, kind, cause, reverses_id, at)"),
    },
    "billing_ledger_posting": {
        WORKSPACE: Rule(ADD, _OF_NO_PERSON),
        ANNOTATOR: Rule(READ, _OWN_PURSE),
        SYSTEM: Rule(ADD),
        STAFF: Rule(ADD),
        KEEPER: Rule(READ),
    },
    "billing_ledger_seal": {
        SYSTEM: Rule("SELECT, INSERT, UPDATE (journals, digest, sealed_at)"),
        STAFF: Rule(READ),
    },
    "billing_ledger_daytotal": {SYSTEM: Rule(ADD), STAFF: Rule(READ)},
    "billing_ledger_correction": {
        STAFF: Rule("SELECT, INSERT, UPDATE (decided_by_id, decided_at, approved)")
    },
}
