"""Rows that a trigger of money refuses, by the name that it gives as its constraint."""

from tests.security.damage import (
    ACCOUNT,
    BATCH,
    FUNDING,
    JOURNAL,
    POSTING,
    REPLACEMENT,
    SLOT,
    copy,
    unguarded,
)
from tests.security.refused_rows import (
    BONUS,
    CORRECTION,
    DISPUTE,
    EVENT,
    RECIPIENT,
    REFUND,
    REVERSAL,
)

JOURNAL_COLUMNS = "id, kind, fingerprint, note, cause, at, workspace_id, reverses_id, actor_id"
LINE_COLUMNS = "id, journal_id, account_id, workspace_id, person_id, amount_minor, currency, at"


def _journal(kind: str, **fields: str) -> str:
    values = {
        "cause": f"'{kind}:x'",
        "at": "statement_timestamp()",
        "workspace_id": "NULL",
        "reverses_id": "NULL",
        "actor_id": "NULL",
        **fields,
    }
    return (
        f"INSERT INTO {JOURNAL} ({JOURNAL_COLUMNS}) VALUES (gen_random_uuid(), '{kind}', 'x', '', "
        + ", ".join(values.values())
        + ")"
    )


def _lines(amount: str, currency: str = "p.currency", journal: str = "p.journal_id") -> str:
    """Insert the lines of a deposit again."""
    return (
        f"INSERT INTO {POSTING} ({LINE_COLUMNS}) SELECT gen_random_uuid(), {journal}, p.account_id, "
        f"p.workspace_id, p.person_id, {amount}, {currency}, p.at FROM {POSTING} p WHERE p.journal_id = "
        f"(SELECT journal_id FROM {CORRECTION} LIMIT 1)"
    )


def _values(**fields: str) -> str:
    return "jsonb_build_object(" + ", ".join(f"'{k}', {v}" for k, v in fields.items()) + ")"


NOW = {"asked_at": "statement_timestamp()", "next_at": "statement_timestamp()"}
ASKED = {
    "state": "'asked'",
    "reversal": "''",
    "transaction": "''",
    "decided_by_id": "NULL",
    "sent_at": "NULL",
    "ended_at": "NULL",
}
BEGUN = {"state": "'running'", "slots": "0"}
AGREED = f"UPDATE {CORRECTION} SET approved = true, decided_at = now(), decided_by_id = gen_random_uuid()"
#: The id of a bonus that the system would give, for which money is promised.
GIFT = "00000000-0000-7000-8000-000000000001"
PENDING = f"(SELECT * FROM {ACCOUNT} WHERE kind = 'annotator_pending') pending"
IN_WORKSPACE = (
    "SELECT set_config('rlhfhub.workspace', (SELECT id::text FROM rlhfhub_tenancy_workspace LIMIT 1), true), "
    "set_config('rlhfhub.person', gen_random_uuid()::text, true); SET LOCAL ROLE rlhfhub_workspace"
)

#: For each name: the statements, of which the last one is refused.
MADE: dict[str, list[str]] = {
    "account_empty": [
        f"INSERT INTO {ACCOUNT} (id, kind, currency, workspace_id, balance_minor) "
        "VALUES (gen_random_uuid(), 'workspace_available', 'USD', gen_random_uuid(), 5)"
    ],
    "batch_funded_by_run": [
        copy(
            BATCH,
            "funding = 'funded'",
            _values(
                status="'draft'",
                funding="'running'",
                opened_at="NULL",
                closed_at="NULL",
                number="999",
            ),
        )
    ],
    "bonus_given_by": [
        *unguarded(JOURNAL, _journal("promise", cause=f"'promise:{GIFT}'")),
        *unguarded(
            POSTING,
            f"INSERT INTO {POSTING} ({LINE_COLUMNS}) SELECT gen_random_uuid(), j.id, a.id, a.workspace_id, NULL, 40, "
            f"a.currency, j.at FROM {JOURNAL} j, {ACCOUNT} a WHERE j.cause = 'promise:{GIFT}' "
            "AND a.kind = 'workspace_promised'",
        ),
        f"CREATE TEMP TABLE gift ON COMMIT DROP AS SELECT * FROM {BONUS} WHERE reading_id IS NOT NULL LIMIT 1",
        f"UPDATE gift SET id = '{GIFT}', reading_id = NULL, amount_minor = 40",
        "GRANT SELECT ON gift TO rlhfhub_system",
        "SET LOCAL ROLE rlhfhub_system",
        f"INSERT INTO {BONUS} SELECT * FROM gift",
    ],
    "correction_decided_once": [f"UPDATE {CORRECTION} SET reason = 'another'"],
    "correction_of_kind": [
        copy(
            CORRECTION,
            "true",
            _values(journal_id=f"(SELECT id FROM {JOURNAL} WHERE kind = 'fund' LIMIT 1)"),
        )
    ],
    "correction_own_name": [
        copy(CORRECTION, "true", _values(decided_by_id="gen_random_uuid()")),
    ],
    "funding_begins": [
        copy(FUNDING, "purpose = 'reserve'", _values(items="0", slots_paid="0", slots="0"))
    ],
    "funding_paid": [
        copy(
            FUNDING,
            "purpose = 'reserve'",
            _values(
                **BEGUN,
                purpose="'top_up'",
                items="0",
                slots_paid="0",
                reserve_slots="5",
                alert_id="NULL",
            ),
        )
    ],
    "funding_reserve": [
        copy(
            FUNDING,
            "purpose = 'reserve'",
            _values(**BEGUN, items="1000000", slots_paid="1000000", overlap="1"),
        )
    ],
    "funding_terms": [
        copy(FUNDING, "purpose = 'reserve'", _values(**BEGUN, price_minor="r.price_minor + 1"))
    ],
    "inbound_event_edge": [
        f"UPDATE {EVENT} SET state = 'done', ended_at = now() WHERE state = 'dead'"
    ],
    "journal_at_once": [_lines("p.amount_minor")],
    "journal_balances": [copy(POSTING, "true")],
    "journal_kind": [_journal("unheard")],
    "journal_now": [_journal("unmatched", at="now() - interval '1 day'")],
    "journal_own_name": [
        IN_WORKSPACE,
        _journal(
            "fund",
            workspace_id="current_setting('rlhfhub.workspace')::uuid",
            actor_id="gen_random_uuid()",
        ),
    ],
    "journal_reversed_by_two": [
        _journal("reverse", reverses_id=f"(SELECT journal_id FROM {CORRECTION} LIMIT 1)")
    ],
    "payout_reversal_of_sent": [
        copy(
            REVERSAL,
            "true",
            _values(
                **ASKED,
                payout_id="(SELECT id FROM billing_payouts_payout WHERE state = 'ready' LIMIT 1)",
            ),
        )
    ],
    "payout_reversal_within": [copy(REVERSAL, "true", _values(**ASKED, amount_minor="1000000"))],
    "posting_of_account": [_lines("p.amount_minor", currency="'EUR'")],
    "posting_of_kind": [_lines("-p.amount_minor")],
    "posting_whole": [
        f"INSERT INTO {ACCOUNT} (id, kind, currency, workspace_id, person_id, balance_minor) "
        "SELECT gen_random_uuid(), 'annotator_pending', a.currency, w.id, a.person_id, 0 "
        f"FROM {ACCOUNT} a, rlhfhub_tenancy_workspace w WHERE a.kind = 'annotator_payable' LIMIT 1",
        f"UPDATE {ACCOUNT} SET balance_minor = 5 WHERE kind = 'annotator_pending'",
        _journal("cleared", workspace_id=f"(SELECT workspace_id FROM {PENDING})"),
        f"INSERT INTO {POSTING} ({LINE_COLUMNS}) SELECT gen_random_uuid(), j.id, a.id, j.workspace_id, a.person_id, "
        "CASE a.kind WHEN 'annotator_pending' THEN -5 ELSE 5 END, a.currency, j.at "
        f"FROM {JOURNAL} j, {ACCOUNT} a WHERE j.cause = 'cleared:x' "
        f"AND a.person_id = (SELECT person_id FROM {PENDING}) "
        "AND a.kind IN ('annotator_pending', 'annotator_payable')",
    ],
    "recipient_country": [copy(RECIPIENT, "true", _values(person_id="gen_random_uuid()"))],
    "refund_frozen": [
        *unguarded(DISPUTE, f"UPDATE {DISPUTE} SET state = 'open', closed_at = NULL"),
        copy(REFUND, "true", _values(**NOW)),
    ],
    "refund_of_deposit": [copy(REFUND, "true", _values(**NOW, amount_minor="1000000000"))],
    "replacement_edge": [
        f"UPDATE {REPLACEMENT} SET state = 'made', funding_id = (SELECT id FROM {FUNDING} LIMIT 1)"
    ],
    "replacement_of_rejected": [
        copy(
            REPLACEMENT,
            "true",
            _values(
                annotation_id="(SELECT a.id FROM projects_work_annotation a "
                "WHERE a.workspace_id = r.workspace_id AND a.state = 'accepted' LIMIT 1)"
            ),
        )
    ],
    "reverse_exactly": [
        AGREED,
        _journal(
            "reverse",
            workspace_id=f"(SELECT j.workspace_id FROM {JOURNAL} j JOIN {CORRECTION} c ON c.journal_id = j.id LIMIT 1)",
            reverses_id=f"(SELECT journal_id FROM {CORRECTION} LIMIT 1)",
            actor_id=f"(SELECT decided_by_id FROM {CORRECTION} LIMIT 1)",
        ),
        _lines(
            "-sign(p.amount_minor)",
            journal=f"(SELECT id FROM {JOURNAL} WHERE kind = 'reverse')",
        ),
    ],
    "slot_paid": [copy(SLOT, "state = 'open' AND kept_for_id IS NULL", """'{"number": 49}'""")],
}

#: Names that a test of the room's own expects.
ELSEWHERE: dict[str, str] = {
    "bonus_of_no_member": "bonuses/test_bonuses.py",
    "bonus_of_reading": "readings/test_setting_aside.py",
    "bonus_of_top_up": "bonuses/test_top_ups.py",
    "bonus_paid": "bonuses/test_bonuses.py",
    "debt_not_overpaid": "deposits/test_debts.py",
    "deposit_asked": "deposits/test_guards.py",
    "deposit_booked": "deposits/test_guards.py",
    "deposit_edge": "deposits/test_guards.py",
    "deposit_final": "deposits/test_guards.py",
    "dispute_booked": "deposits/test_guards.py",
    "dispute_edge": "deposits/test_guards.py",
    "link_edge": "recipients/test_asking.py",
    "payout_booked": "payouts/test_making.py",
    "payout_edge": "payouts/test_making.py",
    "payout_own_name": "payouts/test_by_hand.py",
    "payout_recipient": "payouts/test_making.py",
    "payout_reversal_booked": "payouts/test_reversal_rules.py",
    "payout_reversal_edge": "payouts/test_reversal_rules.py",
    "payout_reversal_own_name": "payouts/test_reversal_rules.py",
    "reading_budget_covers": "readings/test_setting_aside.py",
    "reading_funding_paid": "readings/test_setting_aside.py",
    "recipient_edge": "recipients/test_asking.py",
    "refund_asked": "deposits/test_guards.py",
    "refund_booked": "deposits/test_guards.py",
    "refund_edge": "deposits/test_guards.py",
    "refund_own_name": "deposits/test_guards.py",
    "refund_taken_back_by_two": "deposits/test_taken_back.py",
    "stray_settled_once": "deposits/test_guards.py",
    "top_up_paid": "bonuses/test_top_ups.py",
    "workspace_frozen": "bonuses/test_bonuses.py",
}
