"""The ledger balances."""

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
        "M5",
        "postings and journals only grow: their guards stand",
        guards(
            ("posted", "billing_ledger_posting"),
            ("append_only", "billing_ledger_posting"),
            ("no_truncate", "billing_ledger_posting"),
            ("append_only", "billing_ledger_journal"),
            ("no_truncate", "billing_ledger_journal"),
        ),
    ),
)


def put_in_register() -> None:
    """Called when the apps are ready."""
    register("billing.ledger", INVARIANTS)
