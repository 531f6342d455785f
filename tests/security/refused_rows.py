"""Rows that a constraint of money's tables refuses by itself, with the table's triggers away."""

from tests.security.damage import ACCOUNT, FUNDING, JOURNAL, POSTING, REPLACEMENT, copy

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
CORRECTION, SEAL, TOTAL = (f"billing_ledger_{name}" for name in ("correction", "seal", "daytotal"))
MATCH = "billing_reconciliation_match"
OTHERWISE = "CASE WHEN {0} IS NULL THEN now() END"
ENTRY_COLUMNS = (
    "id, transaction, type, category, source, currency, amount_minor, fee_minor, net_minor, "
    "happened_at, available_at"
)
ASKED = (
    """'{"state": "asked", "reversal": "", "transaction": "", "decided_by_id": null, "sent_at": null, """
    """"ended_at": null}'"""
)
RUNNING = """'{"state": "running"}'"""
BY_BANK = (
    """'{"way": "bank", "deposit_id": null, "attempt": 0, "refund_id": "", "transaction": "", "error": "", """
    """"state": "done", "ended_at": "2020-01-01"}'"""
)

#: For each constraint and unique index, its table and a statement that only this constraint refuses.
ROWS: dict[str, tuple[str, str]] = {
    "account_keeps_none": (
        ACCOUNT,
        f"UPDATE {ACCOUNT} SET balance_minor = 0 WHERE kind = 'platform_cash'",
    ),
    "account_not_negative": (
        ACCOUNT,
        f"UPDATE {ACCOUNT} SET balance_minor = NULL WHERE kind = 'workspace_available'",
    ),
    "account_once": (ACCOUNT, copy(ACCOUNT, "true")),
    "account_owner": (
        ACCOUNT,
        f"UPDATE {ACCOUNT} SET person_id = gen_random_uuid() WHERE kind = 'workspace_available'",
    ),
    "balance_entry_net": (
        ENTRY,
        f"INSERT INTO {ENTRY} ({ENTRY_COLUMNS}) "
        "VALUES (gen_random_uuid(), 'txn_x', 'x', 'x', '', 'USD', 5, 1, 5, now(), now())",
    ),
    "bank_details_not_empty": (DETAILS, f"UPDATE {DETAILS} SET words = ''"),
    "bank_payout_status": (BANKED, f"UPDATE {BANKED} SET status = 'lost'"),
    "billing_deposits_dispute_dispute_id_key": (
        DISPUTE,
        f"UPDATE {DISPUTE} SET dispute_id = 'du_same'",
    ),
    "billing_deposits_straypayment_stripe_id_key": (
        STRAY,
        f"UPDATE {STRAY} SET stripe_id = 'pi_same'",
    ),
    "billing_ledger_journal_cause_key": (JOURNAL, f"UPDATE {JOURNAL} SET cause = 'same:cause'"),
    "billing_ledger_journal_reverses_id_key": (
        JOURNAL,
        f"UPDATE {JOURNAL} SET kind = 'reverse', reverses_id = (SELECT id FROM {JOURNAL} LIMIT 1)",
    ),
    "billing_ledger_seal_day_key": (SEAL, copy(SEAL, "true")),
    "billing_payouts_bankpayout_stripe_id_key": (
        BANKED,
        f"UPDATE {BANKED} SET stripe_id = 'po_same'",
    ),
    "billing_recipients_recipient_person_id_key": (
        RECIPIENT,
        copy(RECIPIENT, "true", """'{"account": "acct_other"}'"""),
    ),
    "billing_reconciliation_balanceentry_transaction_key": (ENTRY, copy(ENTRY, "true")),
    "billing_reconciliation_match_cause_key": (MATCH, copy(MATCH, "true")),
    "bonus_of_reading_once": (BONUS, copy(BONUS, "reading_id IS NOT NULL")),
    "bonus_of_top_up_once": (BONUS, copy(BONUS, "top_up_id IS NOT NULL")),
    "bonus_pays": (BONUS, f"UPDATE {BONUS} SET amount_minor = 0"),
    "bonus_says_why": (BONUS, f"UPDATE {BONUS} SET reason = '' WHERE top_up_id IS NULL"),
    "correction_by_two": (
        CORRECTION,
        f"UPDATE {CORRECTION} SET approved = true, decided_by_id = asked_by_id, decided_at = now()",
    ),
    "correction_decided": (CORRECTION, f"UPDATE {CORRECTION} SET decided_at = now()"),
    "correction_once": (CORRECTION, copy(CORRECTION, "true")),
    "customer_of_stripe": (CUSTOMER, f"UPDATE {CUSTOMER} SET stripe_id = 'cus_same'"),
    "customer_once": (CUSTOMER, copy(CUSTOMER, "true", """'{"stripe_id": "cus_other"}'""")),
    "day_total_once": (
        TOTAL,
        f"INSERT INTO {TOTAL} (id, account_id, seal_id, amount_minor) SELECT gen_random_uuid(), a.id, s.id, 1 "
        f"FROM (SELECT id FROM {ACCOUNT} LIMIT 1) a, {SEAL} s, generate_series(1, 2)",
    ),
    "deposit_amount": (DEPOSIT, f"UPDATE {DEPOSIT} SET amount_minor = 0"),
    "deposit_invoice": (
        DEPOSIT,
        f"UPDATE {DEPOSIT} SET method = 'invoice', session_id = '', billing_email = 'x@x.example', "
        "invoice_id = 'in_same'",
    ),
    "deposit_method": (DEPOSIT, f"UPDATE {DEPOSIT} SET billing_email = 'x@x.example'"),
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
    "deposit_state": (DEPOSIT, f"UPDATE {DEPOSIT} SET error = 'x' WHERE state = 'paid'"),
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
    "funding_purpose": (
        FUNDING,
        f"UPDATE {FUNDING} SET reserve_slots = 1 WHERE purpose = 'reserve'",
    ),
    "funding_repeats_of_reserve": (
        FUNDING,
        f"UPDATE {FUNDING} SET repeat_slots = reserve_slots + 1 WHERE purpose = 'plan'",
    ),
    "funding_running_once": (
        FUNDING,
        copy(FUNDING, "purpose = 'reserve'", RUNNING)
        + f"; UPDATE {FUNDING} SET state = 'running' WHERE purpose = 'reserve'",
    ),
    "funding_share_drawn": (
        FUNDING,
        f"UPDATE {FUNDING} SET share_up_to = CASE WHEN share_up_to IS NULL THEN 1 END",
    ),
    "funding_slots_of_items": (FUNDING, f"UPDATE {FUNDING} SET items = items + 1"),
    "funding_slots_paid": (
        FUNDING,
        f"UPDATE {FUNDING} SET state = 'running', slots = slots_paid + 1 WHERE purpose = 'plan'",
    ),
    "inbound_event_ended": (EVENT, f"UPDATE {EVENT} SET ended_at = now() WHERE state = 'waiting'"),
    "inbound_event_endpoint": (EVENT, f"UPDATE {EVENT} SET endpoint = 'other'"),
    "inbound_event_once": (EVENT, copy(EVENT, "true")),
    "journal_reverses": (JOURNAL, f"UPDATE {JOURNAL} SET kind = 'reverse'"),
    "link_kept_while_ready": (LINK, f"UPDATE {LINK} SET state = 'used'"),
    "link_kind": (LINK, f"UPDATE {LINK} SET kind = 'other'"),
    "payout_by_two": (PAYOUT, f"UPDATE {PAYOUT} SET reference = 'x' WHERE rail = 'stripe_connect'"),
    "payout_of_something": (PAYOUT, f"UPDATE {PAYOUT} SET amount_minor = 0"),
    "payout_open_once": (PAYOUT, copy(PAYOUT, "state = 'ready'")),
    "payout_reversal_by_two": (REVERSAL, f"UPDATE {REVERSAL} SET decided_by_id = asked_by_id"),
    "payout_reversal_once": (REVERSAL, f"UPDATE {REVERSAL} SET reversal = 'trr_same'"),
    "payout_reversal_open_once": (
        REVERSAL,
        "; ".join([copy(REVERSAL, "state = 'done'", ASKED)] * 2),
    ),
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
    "reading_budget_covers": (BUDGET, f"UPDATE {BUDGET} SET free_minor = -1"),
    "reading_budget_once": (BUDGET, copy(BUDGET, "true")),
    "reading_funding_moves": (ASIDE, f"UPDATE {ASIDE} SET readers = 0"),
    "reading_funding_of_batch": (ASIDE, copy(ASIDE, "batch_id IS NOT NULL")),
    "reading_once": (READING, copy(READING, "true")),
    "reading_pays": (READING, f"UPDATE {READING} SET amount_minor = 0"),
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
    "reconciliation_ended": (
        RECONCILIATION,
        f"INSERT INTO {RECONCILIATION} (id, is_full, differences) "
        "VALUES (gen_random_uuid(), true, 3)",
    ),
    "refund_amount": (REFUND, f"UPDATE {REFUND} SET amount_minor = 0"),
    "refund_by_bank_confirmed": (REFUND, copy(REFUND, "way = 'stripe'", BY_BANK)),
    "refund_by_two": (REFUND, f"UPDATE {REFUND} SET confirmed_by_id = gen_random_uuid()"),
    "refund_of_stripe": (REFUND, f"UPDATE {REFUND} SET refund_id = 're_same'"),
    "refund_refused": (REFUND, f"UPDATE {REFUND} SET refusal = 'x'"),
    "refund_state": (REFUND, f"UPDATE {REFUND} SET ended_at = {OTHERWISE.format('ended_at')}"),
    "refund_taken_back": (REFUND, f"UPDATE {REFUND} SET take_back_reason = 'x'"),
    "refund_way": (REFUND, f"UPDATE {REFUND} SET deposit_id = NULL WHERE way = 'stripe'"),
    "replacement_once": (REPLACEMENT, copy(REPLACEMENT, "true")),
    "replacement_state": (
        REPLACEMENT,
        f"UPDATE {REPLACEMENT} SET state = CASE state WHEN 'made' THEN 'waiting' ELSE 'made' END",
    ),
    "seal_whole": (SEAL, f"UPDATE {SEAL} SET digest = 'x'"),
    "stray_settled": (STRAY, f"UPDATE {STRAY} SET settled_at = {OTHERWISE.format('settled_at')}"),
    "sweep_source": (SWEEP, f"UPDATE {SWEEP} SET source = 'v9'"),
    "sweep_under_way": (SWEEP, f"UPDATE {SWEEP} SET until = now(), target = NULL"),
    "top_up_pays": (TOP_UP, f"UPDATE {TOP_UP} SET answers = 0"),
}
