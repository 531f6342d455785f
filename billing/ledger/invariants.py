"""Invariants of the ledger: it balances."""

from billing.ledger.models import FLOORED
from rlhfhub.invariants import Invariant, guards, register

_FLOORED = ", ".join(f"'{kind}'" for kind in FLOORED)

INVARIANTS = (
    Invariant(
        "M2",
        "a journal's postings sum to zero in each currency",
        """SELECT journal_id AS journal, currency, sum(amount_minor) AS total FROM billing_ledger_posting
           GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0""",
    ),
    Invariant(
        "M2",
        "a journal moves money: it has two postings or more",
        """SELECT j.id AS journal, j.kind, count(p.id) AS postings FROM billing_ledger_journal j
           LEFT JOIN billing_ledger_posting p ON p.journal_id = j.id GROUP BY j.id, j.kind HAVING count(p.id) < 2""",
    ),
    Invariant(
        "M2",
        "all balances of a currency sum to zero",
        """SELECT currency, sum(balance_minor) AS total FROM billing_ledger_account
           GROUP BY currency HAVING sum(balance_minor) <> 0""",
    ),
    Invariant(
        "M3",
        "no balance is negative where it may not be",
        f"""SELECT id AS account, kind, balance_minor FROM billing_ledger_account
            WHERE kind IN ({_FLOORED}) AND balance_minor < 0""",
    ),
    Invariant(
        "M5",
        "a balance is the sum of its postings",
        """SELECT a.id AS account, a.kind, a.balance_minor AS balance, COALESCE(p.total, 0) AS postings
           FROM billing_ledger_account a LEFT JOIN (
               SELECT account_id, sum(amount_minor) AS total FROM billing_ledger_posting GROUP BY account_id) p
             ON p.account_id = a.id WHERE a.balance_minor <> COALESCE(p.total, 0)""",
    ),
    Invariant(
        "M5",
        "a posting has the currency and the owner of its account, the workspace of its journal",
        """SELECT p.id AS posting FROM billing_ledger_posting p
           LEFT JOIN billing_ledger_account a ON a.id = p.account_id
           LEFT JOIN billing_ledger_journal j ON j.id = p.journal_id
           WHERE (p.currency, p.person_id, p.workspace_id) IS DISTINCT FROM (a.currency, a.person_id, j.workspace_id)
              OR (a.workspace_id IS NOT NULL AND a.workspace_id IS DISTINCT FROM p.workspace_id)""",
    ),
    Invariant(
        "M2",
        "a journal's cause names its kind, and it changes only the accounts of its kind, in their direction",
        """SELECT j.id AS journal, j.kind, j.cause, a.kind AS account, p.amount_minor AS amount
           FROM billing_ledger_journal j LEFT JOIN billing_ledger_posting p ON p.journal_id = j.id
           LEFT JOIN billing_ledger_account a ON a.id = p.account_id
           WHERE NOT starts_with(j.cause, j.kind || ':') OR NOT EXISTS (
               SELECT 1 FROM ledger_kinds() k WHERE k.kind = j.kind AND k.account_kind = a.kind
               AND (k.sign > 0) = (p.amount_minor > 0))""",
    ),
    Invariant(
        "M5",
        "an account has the owner of its kind: the platform, a workspace, a batch or a person",
        """SELECT id AS account, kind, workspace_id, batch_id, person_id FROM billing_ledger_account
           WHERE (workspace_id IS NOT NULL, batch_id IS NOT NULL, person_id IS NOT NULL) IS DISTINCT FROM
               CASE kind WHEN 'workspace_available' THEN (true, false, false)
                         WHEN 'batch_budget' THEN (true, true, false)
                         WHEN 'batch_reserve' THEN (true, true, false)
                         WHEN 'rejection_hold' THEN (true, true, false)
                         WHEN 'annotator_payable' THEN (false, false, true) ELSE (false, false, false) END
              OR kind NOT IN ('platform_cash', 'platform_revenue', 'workspace_available', 'batch_budget',
                              'batch_reserve', 'rejection_hold', 'annotator_payable')""",
    ),
    Invariant(
        "M5",
        "postings and journals are append-only, by their rules: the guards are in place",
        guards(
            ("made", "billing_ledger_journal"),
            ("empty", "billing_ledger_account"),
            ("posted", "billing_ledger_posting"),
            ("append_only", "billing_ledger_posting"),
            ("no_truncate", "billing_ledger_posting"),
            ("append_only", "billing_ledger_journal"),
            ("no_truncate", "billing_ledger_journal"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("billing.ledger", INVARIANTS)
