"""Objects as Stripe's API writes them, with the fields that we read and some that we do not."""

from typing import Any

AT = 1_790_000_000


def transaction(**changes: Any) -> dict[str, Any]:
    return {
        "id": "txn_1",
        "object": "balance_transaction",
        "amount": 1000,
        "fee": 59,
        "net": 941,
        "currency": "usd",
        "type": "charge",
        "reporting_category": "charge",
        "source": "ch_1",
        "status": "pending",
        "description": None,
        "created": AT,
        "available_on": AT + 2 * 86_400,
        **changes,
    }


def charge(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": 1000,
        "amount_refunded": 0,
        "currency": "usd",
        "status": "succeeded",
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "receipt_url": "https://pay.example/receipt",
        "payment_method_details": {"type": "card", "card": {"last4": "4242"}},
        "balance_transaction": transaction(),
        "created": AT,
        **changes,
    }


def payment_intent(**changes: Any) -> dict[str, Any]:
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "livemode": False,
        "amount": 1000,
        "amount_received": 1000,
        "currency": "usd",
        "customer": "cus_1",
        "status": "succeeded",
        "latest_charge": charge(),
        "metadata": {"deposit": "d-1"},
        "created": AT,
        **changes,
    }


def checkout_session(**changes: Any) -> dict[str, Any]:
    return {
        "id": "cs_1",
        "object": "checkout.session",
        "status": "open",
        "payment_status": "unpaid",
        "url": "https://pay.example/cs_1",
        "client_reference_id": "d-1",
        "customer": "cus_1",
        "payment_intent": None,
        "amount_total": 1000,
        "currency": "usd",
        "created": AT,
        "expires_at": AT + 86_400,
        "metadata": {"deposit": "d-1"},
        **changes,
    }


def invoice_payment(**changes: Any) -> dict[str, Any]:
    return {
        "id": "inpay_1",
        "object": "invoice_payment",
        "status": "paid",
        "amount_paid": 1000,
        "amount_requested": 1000,
        "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
        "status_transitions": {"paid_at": AT, "canceled_at": None},
        **changes,
    }


def invoice(**changes: Any) -> dict[str, Any]:
    return {
        "id": "in_1",
        "object": "invoice",
        "status": "paid",
        "number": "A-1",
        "customer": "cus_1",
        "total": 1000,
        "amount_paid": 1000,
        "amount_remaining": 0,
        "currency": "usd",
        "hosted_invoice_url": "https://pay.example/in_1",
        "invoice_pdf": "https://pay.example/in_1.pdf",
        "due_date": AT + 30 * 86_400,
        "status_transitions": {"paid_at": AT},
        "payments": {"object": "list", "data": [invoice_payment()], "has_more": False},
        "created": AT,
        "metadata": {},
        **changes,
    }


def refund(**changes: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "status": "succeeded",
        "payment_intent": "pi_1",
        "charge": "ch_1",
        "amount": 400,
        "currency": "usd",
        "balance_transaction": "txn_2",
        "failure_balance_transaction": None,
        "created": AT,
        "metadata": {"refund": "r-1"},
        **changes,
    }


def dispute(**changes: Any) -> dict[str, Any]:
    return {
        "id": "dp_1",
        "object": "dispute",
        "status": "needs_response",
        "reason": "fraudulent",
        "payment_intent": "pi_1",
        "charge": "ch_1",
        "amount": 1000,
        "currency": "usd",
        "evidence_details": {"due_by": AT + 7 * 86_400},
        "balance_transactions": [transaction(id="txn_3", amount=-1000, fee=1500, net=-2500)],
        "created": AT,
        **changes,
    }


def requirement(**changes: Any) -> dict[str, Any]:
    return {
        "description": "identity.individual.documents.primary_verification",
        "awaiting_action_from": "user",
        "minimum_deadline": {"status": "past_due"},
        "errors": [{"code": "verification_document_expired", "description": "It expired."}],
        **changes,
    }


def account(status: str = "active", **changes: Any) -> dict[str, Any]:
    transfers = {
        "status": status,
        "status_details": [] if status == "active" else [{"code": "requirements_past_due"}],
    }
    return {
        "id": "acct_1",
        "object": "v2.core.account",
        "closed": False,
        "created": "2026-11-20T12:30:00.000Z",
        "identity": {"country": "de"},
        "defaults": {"currency": "eur"},
        "configuration": {
            "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": transfers}}}
        },
        "requirements": {"entries": []},
        "metadata": {"person": "p-1"},
        **changes,
    }


def transfer(**changes: Any) -> dict[str, Any]:
    return {
        "id": "tr_1",
        "object": "transfer",
        "destination": "acct_1",
        "transfer_group": "run-1",
        "amount": 700,
        "amount_reversed": 0,
        "currency": "usd",
        "balance_transaction": "txn_4",
        "created": AT,
        "metadata": {"payout": "p-1"},
        **changes,
    }


def reversal(**changes: Any) -> dict[str, Any]:
    return {
        "id": "trr_1",
        "object": "transfer_reversal",
        "transfer": "tr_1",
        "amount": 700,
        "currency": "usd",
        "balance_transaction": "txn_5",
        "created": AT,
        "metadata": {},
        **changes,
    }


def payout(**changes: Any) -> dict[str, Any]:
    return {
        "id": "po_1",
        "object": "payout",
        "status": "failed",
        "amount": 700,
        "currency": "usd",
        "destination": "ba_1",
        "automatic": True,
        "arrival_date": AT + 86_400,
        "failure_code": "account_closed",
        "failure_message": "The bank account has been closed.",
        "created": AT,
        **changes,
    }


def bank_account(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ba_1",
        "object": "bank_account",
        "bank_name": "TEST BANK",
        "last4": "3000",
        "currency": "eur",
        "country": "DE",
        "status": "errored",
        "default_for_currency": True,
        **changes,
    }
