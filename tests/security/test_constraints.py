"""Constraints of money that no other test violates: each refuses a row by itself, with the table's triggers away."""

import psycopg
import pytest

from tests.security.damage import ACCOUNT, FUNDING, POSTING, REPLACEMENT, copy, unguarded
from tests.security.world import World

BANKED, LINK = "billing_payouts_bankpayout", "billing_recipients_link"
BONUS, TOP_UP = "billing_bonuses_bonus", "billing_bonuses_topup"
CUSTOMER, DEPOSIT = "billing_deposits_customer", "billing_deposits_deposit"
DETAILS = "billing_recipients_bankdetails"
DIFFERENCE, ENTRY = "billing_reconciliation_difference", "billing_reconciliation_balanceentry"
DISPUTE, REFUND = "billing_deposits_dispute", "billing_deposits_refund"
EVENT, SWEEP = "billing_stripe_inboundevent", "billing_stripe_sweepcursor"
PAYOUT, REVERSAL = "billing_payouts_payout", "billing_payouts_reversal"
RECIPIENT, RUN = "billing_recipients_recipient", "billing_payouts_payoutrun"
RECONCILIATION, STRAY = "billing_reconciliation_run", "billing_deposits_straypayment"
READING, ASIDE = "billing_readings_reading", "billing_readings_readingfunding"
BUDGET = "billing_readings_readingbudget"
OTHERWISE = "CASE WHEN {0} IS NULL THEN now() END"
ENTRY_COLUMNS = (
    "id, transaction, type, category, source, currency, amount_minor, fee_minor, net_minor, "
    "happened_at, available_at"
)
BY_BANK = (
    """'{"way": "bank", "deposit_id": null, "attempt": 0, "refund_id": "", "transaction": "", "error": "", """
    """"state": "done", "ended_at": "2020-01-01"}'"""
)

#: For each constraint: its table, and a statement that it alone refuses.
REFUSED: dict[str, tuple[str, str]] = {
    "account_once": (ACCOUNT, copy(ACCOUNT, "true")),
    "balance_entry_net": (
        ENTRY,
        f"INSERT INTO {ENTRY} ({ENTRY_COLUMNS}) "
        "VALUES (gen_random_uuid(), 'txn_x', 'x', 'x', '', 'USD', 5, 1, 5, now(), now())",
    ),
    "bank_details_not_empty": (DETAILS, f"UPDATE {DETAILS} SET words = ''"),
    "bank_payout_status": (BANKED, f"UPDATE {BANKED} SET status = 'lost'"),
    "bonus_of_reading_once": (BONUS, copy(BONUS, "reading_id IS NOT NULL")),
    "bonus_of_top_up_once": (BONUS, copy(BONUS, "top_up_id IS NOT NULL")),
    "customer_of_stripe": (CUSTOMER, f"UPDATE {CUSTOMER} SET stripe_id = 'cus_same'"),
    "deposit_amount": (DEPOSIT, f"UPDATE {DEPOSIT} SET amount_minor = 0"),
    "deposit_paid": (DEPOSIT, f"UPDATE {DEPOSIT} SET paid_at = NULL WHERE state = 'paid'"),
    "deposit_payment_intent": (
        DEPOSIT,
        f"UPDATE {DEPOSIT} SET payment_intent = 'pi_same' WHERE state = 'paid'",
    ),
    "deposit_sent": (DEPOSIT, f"UPDATE {DEPOSIT} SET sent_at = NULL WHERE attempt > 0"),
    "deposit_session": (
        DEPOSIT,
        f"UPDATE {DEPOSIT} SET session_id = 'cs_same' WHERE session_id <> ''",
    ),
    "difference_differs": (
        DIFFERENCE,
        f"INSERT INTO {DIFFERENCE} (id, kind, subject, currency, stripe_minor, ledger_minor) "
        "VALUES (gen_random_uuid(), 'balance', 'x', 'USD', 5, 5)",
    ),
    "difference_open_once": (
        DIFFERENCE,
        f"INSERT INTO {DIFFERENCE} (id, kind, subject, currency, stripe_minor, ledger_minor) "
        "SELECT gen_random_uuid(), 'balance', 'x', 'USD', n, 0 FROM generate_series(1, 2) n",
    ),
    "dispute_amount": (DISPUTE, f"UPDATE {DISPUTE} SET amount_minor = 0"),
    "dispute_state": (DISPUTE, f"UPDATE {DISPUTE} SET closed_at = {OTHERWISE.format('closed_at')}"),
    "funding_done_is_whole": (
        FUNDING,
        f"UPDATE {FUNDING} SET slots = slots - 1 WHERE state <> 'running' AND slots > 0",
    ),
    "funding_for_alert": (
        FUNDING,
        f"UPDATE {FUNDING} SET alert_id = gen_random_uuid() WHERE purpose = 'plan'",
    ),
    "funding_plan_once": (FUNDING, copy(FUNDING, "purpose = 'plan'")),
    "funding_share_drawn": (
        FUNDING,
        f"UPDATE {FUNDING} SET share_up_to = CASE WHEN share_up_to IS NULL THEN 1 END",
    ),
    "inbound_event_once": (EVENT, copy(EVENT, "true")),
    "link_kind": (LINK, f"UPDATE {LINK} SET kind = 'other'"),
    "payout_reversal_once": (REVERSAL, f"UPDATE {REVERSAL} SET reversal = 'trr_same'"),
    "payout_reversal_says_why": (REVERSAL, f"UPDATE {REVERSAL} SET reason = ''"),
    "payout_reversal_state": (REVERSAL, f"UPDATE {REVERSAL} SET ended_at = NULL"),
    "payout_run_asked_once": (
        RUN,
        f"INSERT INTO {RUN} (id, kind, person_id) SELECT gen_random_uuid(), 'asked', person_id "
        f"FROM (SELECT person_id FROM {RECIPIENT} LIMIT 1) one CROSS JOIN generate_series(1, 2)",
    ),
    "payout_run_kind": (
        RUN,
        f"INSERT INTO {RUN} (id, kind, day) VALUES (gen_random_uuid(), 'command', '2020-01-01')",
    ),
    "payout_run_once_a_day": (
        RUN,
        f"INSERT INTO {RUN} (id, kind, day) "
        "SELECT gen_random_uuid(), 'scheduled', '2020-01-01' FROM generate_series(1, 2)",
    ),
    "payout_state": (PAYOUT, f"UPDATE {PAYOUT} SET ended_at = NULL WHERE transfer <> ''"),
    "payout_transfer_once": (
        PAYOUT,
        f"UPDATE {PAYOUT} SET transfer = 'tr_same' WHERE transfer <> ''",
    ),
    "posting_not_zero": (POSTING, f"UPDATE {POSTING} SET amount_minor = 0"),
    "posting_running": (POSTING, f"UPDATE {POSTING} SET running_minor = NULL"),
    "posting_running_once": (
        POSTING,
        f"UPDATE {POSTING} SET running_minor = 1000000000 WHERE amount_minor > 0 AND person_id IS NOT NULL",
    ),
    "recipient_account_once": (
        RECIPIENT,
        f"UPDATE {RECIPIENT} SET account = 'acct_same' WHERE account <> ''",
    ),
    "recipient_can_be_paid": (
        RECIPIENT,
        f"UPDATE {RECIPIENT} SET is_closed = true, can_be_paid = true WHERE account <> ''",
    ),
    "recipient_state": (RECIPIENT, f"UPDATE {RECIPIENT} SET account = '' WHERE account <> ''"),
    "recipient_transfers": (
        RECIPIENT,
        f"UPDATE {RECIPIENT} SET transfers = 'odd', can_be_paid = false",
    ),
    "replacement_once": (REPLACEMENT, copy(REPLACEMENT, "true")),
    "replacement_state": (
        REPLACEMENT,
        f"UPDATE {REPLACEMENT} SET state = CASE state WHEN 'made' THEN 'waiting' ELSE 'made' END",
    ),
    "reconciliation_ended": (
        RECONCILIATION,
        f"INSERT INTO {RECONCILIATION} (id, is_full, differences) "
        "VALUES (gen_random_uuid(), true, 3)",
    ),
    "refund_by_bank_confirmed": (REFUND, copy(REFUND, "way = 'stripe'", BY_BANK)),
    "refund_state": (REFUND, f"UPDATE {REFUND} SET ended_at = {OTHERWISE.format('ended_at')}"),
    "refund_taken_back": (REFUND, f"UPDATE {REFUND} SET take_back_reason = 'x'"),
    "refund_way": (REFUND, f"UPDATE {REFUND} SET deposit_id = NULL WHERE way = 'stripe'"),
    "stray_settled": (STRAY, f"UPDATE {STRAY} SET settled_at = {OTHERWISE.format('settled_at')}"),
    "sweep_source": (SWEEP, f"UPDATE {SWEEP} SET source = 'v9'"),
    "sweep_under_way": (SWEEP, f"UPDATE {SWEEP} SET until = now(), target = NULL"),
    "reading_budget_once": (BUDGET, copy(BUDGET, "true")),
    "reading_funding_moves": (ASIDE, f"UPDATE {ASIDE} SET readers = 0"),
    "reading_funding_of_batch": (ASIDE, copy(ASIDE, "batch_id IS NOT NULL")),
    "reading_once": (READING, copy(READING, "true")),
    "reading_pays": (READING, f"UPDATE {READING} SET amount_minor = 0"),
    "top_up_pays": (TOP_UP, f"UPDATE {TOP_UP} SET answers = 0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_by_itself(world: World, broken: psycopg.Connection, name: str) -> None:
    table, statement = REFUSED[name]
    with pytest.raises(psycopg.IntegrityError) as error, broken.transaction():
        for each in unguarded(table, statement):
            broken.execute(each)
    assert error.value.diag.constraint_name == name
