"""The walls of deposits: members ask for them, and only the system plane says what became of them."""

from rlhfhub.tenancy.rules import ADD, ANY, READ, STAFF, SYSTEM, Rule, Wall, seen_by_members

_OUTCOME = (
    "customer_id, attempt, sent_at, missed_at, state, error, session_id, page_url, invoice_id, invoice_status, "
    "invoice_number, invoice_url, pdf_url, due_at, part_minor, bank_details, cancel_asked_at, payment_intent, charge, "
    "paid_by, received_minor, paid_at, receipt_url, transaction, fee_minor, available_at, cleared_at, settled_in, "
    "next_at, looked_at"
)

WALLS: dict[str, Wall] = {
    "billing_deposits_customer": seen_by_members(
        READ, system=Rule("SELECT, INSERT, UPDATE (stripe_id)", ANY)
    ),
    "billing_deposits_deposit": seen_by_members(
        "SELECT, INSERT, UPDATE (next_at, cancel_asked_at)",
        system=Rule(f"SELECT, UPDATE ({_OUTCOME})", ANY),
    ),
    "billing_deposits_dispute": seen_by_members(
        READ,
        system=Rule("SELECT, INSERT, UPDATE (status, state, answer_by, closed_at)", ANY),
    ),
    "billing_deposits_refund": seen_by_members(
        ADD,
        system=Rule(
            "SELECT, INSERT, UPDATE (state, attempt, sent_at, missed_at, error, refund_id, transaction, ended_at, "
            "next_at, looked_at)",
            ANY,
        ),
        staff=Rule(
            "SELECT, UPDATE (reference, entered_by_id, confirmed_by_id, refusal, refused_by_id, take_back_reason, "
            "take_back_by_id, take_back_agreed_by_id, state, ended_at, next_at)"
        ),
    ),
    "billing_deposits_straypayment": {
        SYSTEM: Rule(ADD),
        STAFF: Rule("SELECT, UPDATE (settled_at, settled_by_id)"),
    },
}
