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
        "M3",
        "no balance is negative where it may not be",
        f"""SELECT id AS account, kind, balance_minor FROM billing_ledger_account
            WHERE kind IN ({_FLOORED}) AND COALESCE(balance_minor, -1) < 0""",
    ),
    Invariant(
        "M3",
        "a workspace repays no more than it owes",
        """SELECT a.id AS account, sum(p.amount_minor) AS overpaid FROM billing_ledger_account a
           JOIN billing_ledger_posting p ON p.account_id = a.id
           WHERE a.kind = 'workspace_receivable' GROUP BY a.id HAVING sum(p.amount_minor) > 0""",
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
        "a journal's fingerprint is that of its postings",
        """SELECT id AS journal, cause FROM billing_ledger_journal WHERE fingerprint <> ledger_fingerprint(id)""",
    ),
    Invariant(
        "M5",
        "a sealed day has the journals that it had when it was sealed, and follows on the day before",
        """SELECT s.day, s.journals AS sealed, d.journals AS found FROM (
               SELECT *, lag(digest) OVER (ORDER BY day) AS before, lag(day) OVER (ORDER BY day) AS previous
               FROM billing_ledger_seal WHERE sealed_at IS NOT NULL) s
           CROSS JOIN LATERAL ledger_digest(s.day, COALESCE(s.before, '')) d
           WHERE (s.journals, s.digest) <> (d.journals, d.digest) OR s.previous <> s.day - 1""",
    ),
    Invariant(
        "M5",
        "a day's total of an account is the sum of that day's postings",
        """SELECT s.day, p.account_id AS account FROM billing_ledger_seal s CROSS JOIN LATERAL (
               SELECT account_id, sum(amount) AS total FROM (
                   SELECT p.account_id, p.amount_minor AS amount FROM billing_ledger_posting p
                   JOIN billing_ledger_account a ON a.id = p.account_id AND a.balance_minor IS NULL
                   WHERE p.at >= s.day::timestamp AT TIME ZONE 'UTC'
                     AND p.at < (s.day + 1)::timestamp AT TIME ZONE 'UTC'
                   UNION ALL SELECT t.account_id, -t.amount_minor FROM billing_ledger_daytotal t
                   WHERE t.seal_id = s.id) both_sides
               GROUP BY account_id HAVING sum(amount) <> 0) p
           WHERE s.sealed_at IS NOT NULL""",
    ),
    Invariant(
        "M5",
        "a reversal was agreed on by two members of staff, and moves the same money back",
        """SELECT j.id AS journal, j.cause FROM billing_ledger_journal j
           LEFT JOIN billing_ledger_correction c ON c.journal_id = j.reverses_id AND c.approved
           WHERE j.kind = 'reverse' AND (c.id IS NULL OR c.asked_by_id = c.decided_by_id
               OR ledger_moved(j.id, -1) IS DISTINCT FROM ledger_moved(j.reverses_id, 1))""",
    ),
    Invariant(
        "M5",
        "a posting has the currency and the owner of its account, the workspace and the moment of its journal",
        """SELECT p.id AS posting FROM billing_ledger_posting p
           LEFT JOIN billing_ledger_account a ON a.id = p.account_id
           LEFT JOIN billing_ledger_journal j ON j.id = p.journal_id
           WHERE (p.currency, p.person_id, p.workspace_id, p.at)
                 IS DISTINCT FROM (a.currency, a.person_id, j.workspace_id, j.at)
              OR (a.workspace_id IS NOT NULL AND a.workspace_id IS DISTINCT FROM p.workspace_id)""",
    ),
    Invariant(
        "M2",
        "a journal's cause names its kind, and it changes only the accounts of its kind, in their direction",
        """SELECT j.id AS journal, j.kind, j.cause, a.kind AS account, p.amount_minor AS amount
           FROM billing_ledger_journal j LEFT JOIN billing_ledger_posting p ON p.journal_id = j.id
           LEFT JOIN billing_ledger_account a ON a.id = p.account_id
           WHERE NOT starts_with(j.cause, j.kind || ':') OR j.kind <> 'reverse' AND NOT EXISTS (
               SELECT 1 FROM ledger_kinds() k WHERE k.kind = j.kind AND k.account_kind = a.kind
               AND (k.sign > 0) = (p.amount_minor > 0))""",
    ),
    Invariant(
        "M5",
        "an account has the owner of its kind: the platform, a workspace, a batch or a person",
        """SELECT id AS account, kind, workspace_id, batch_id, person_id FROM billing_ledger_account
           WHERE (workspace_id IS NOT NULL, batch_id IS NOT NULL, person_id IS NOT NULL) IS DISTINCT FROM CASE
               WHEN starts_with(kind, 'workspace_') THEN (true, false, false)
               WHEN starts_with(kind, 'batch_') OR kind = 'rejection_hold' THEN (true, true, false)
               WHEN kind = 'annotator_pending' THEN (true, false, true)
               WHEN starts_with(kind, 'annotator_') THEN (false, false, true) ELSE (false, false, false) END
              OR kind NOT IN (SELECT account_kind FROM ledger_kinds())""",
    ),
    Invariant(
        "M5",
        "a posting to a person's account has the sum of those of its sign up to it; no other has one",
        """SELECT id AS posting, account_id AS account, running_minor, total FROM (
               SELECT id, account_id, running_minor, CASE WHEN person_id IS NOT NULL THEN sum(amount_minor) OVER (
                          PARTITION BY account_id, amount_minor > 0 ORDER BY abs(running_minor)) END AS total
               FROM billing_ledger_posting WHERE person_id IS NOT NULL OR running_minor IS NOT NULL) p
           WHERE running_minor IS DISTINCT FROM total""",
    ),
    Invariant(
        "M5",
        "what became payable at once ends with a whole posting",
        """SELECT p.id AS posting, p.account_id AS account FROM billing_ledger_posting p
           JOIN billing_ledger_account a ON a.id = p.account_id
           WHERE a.kind = 'annotator_pending' AND p.amount_minor < 0 AND NOT EXISTS (
               SELECT FROM billing_ledger_posting c
               WHERE c.account_id = p.account_id AND c.running_minor = -p.running_minor)""",
    ),
    Invariant(
        "M5",
        "postings and journals are append-only, by their rules: the guards are in place",
        guards(
            ("made", "billing_ledger_journal"),
            ("empty", "billing_ledger_account"),
            ("counted", "billing_ledger_posting"),
            ("posted", "billing_ledger_posting"),
            ("append_only", "billing_ledger_posting"),
            ("no_truncate", "billing_ledger_posting"),
            ("append_only", "billing_ledger_journal"),
            ("no_truncate", "billing_ledger_journal"),
            ("sealed", "billing_ledger_seal"),
            ("append_only", "billing_ledger_daytotal"),
            ("decided", "billing_ledger_correction"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("billing.ledger", INVARIANTS)
