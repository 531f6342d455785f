"""For each invariant of payouts, and of the order in which money leaves a person's account, SQL that violates it."""

from tests.security.damage import ACCOUNT, JOURNAL, POSTING, copy, off, unguarded, without

PAYOUT = "billing_payouts_payout"
REVERSAL = "billing_payouts_reversal"

PAYOUTS: dict[str, list[str]] = {
    "a payout took its amount from what was owed, and a payout that failed gave it back": unguarded(
        PAYOUT, f"UPDATE {PAYOUT} SET amount_minor = amount_minor + 1 WHERE state = 'failed'"
    ),
    "a payout that was sent has exactly one transfer, of its amount, or left our bank, and no other has": unguarded(
        PAYOUT, f"UPDATE {PAYOUT} SET transfer = transfer || 'x' WHERE transfer <> ''"
    ),
    "each transfer and each money on its way is of one payout": unguarded(
        JOURNAL,
        f"INSERT INTO {JOURNAL} (id, kind, cause, fingerprint, note, at) "
        "VALUES (gen_random_uuid(), 'transfer', 'transfer:tr_twice', 'x', '', now())",
    ),
    "what is on its way to a person is the sum of their open payouts": [
        f"UPDATE {ACCOUNT} SET balance_minor = balance_minor + 1 WHERE kind = 'annotator_in_payout'"
    ],
    "a person has at most one open payout in a currency": [
        "DROP INDEX payout_open_once",
        *unguarded(PAYOUT, copy(PAYOUT, "state = 'ready'")),
    ],
    "what was paid by hand was entered by one member of staff and confirmed by another": [
        *without(PAYOUT, "payout_by_two"),
        *unguarded(
            PAYOUT,
            f"UPDATE {PAYOUT} SET confirmed_by_id = entered_by_id WHERE rail = 'by_hand' AND state = 'paid'",
        ),
    ],
    "a reversal that is done was agreed on by two, and its money was booked once, as owed to the person": unguarded(
        REVERSAL, f"UPDATE {REVERSAL} SET amount_minor = amount_minor + 1"
    ),
    "no more of a payout is taken back than it was": unguarded(
        REVERSAL, f"UPDATE {REVERSAL} SET amount_minor = 1000000000"
    ),
    "payouts go to people who can be paid, change along their edges and are booked: the triggers are enabled": off(
        "booked_when_ended", PAYOUT
    ),
    "a posting to a person's account has the sum of those of its sign up to it; no other has one": unguarded(
        POSTING,
        f"UPDATE {POSTING} SET running_minor = running_minor + 1000000000 WHERE running_minor > 0",
    ),
    "what became payable at once ends with a whole posting": [
        *without(ACCOUNT, "account_owner"),
        f"UPDATE {ACCOUNT} SET kind = 'annotator_pending' WHERE kind = 'annotator_payable'",
        *unguarded(
            POSTING,
            f"UPDATE {POSTING} SET running_minor = running_minor - 1000000000 WHERE running_minor < 0",
        ),
    ],
}
