"""People who are paid: one by Stripe, with a payout in each state, and one whom Stripe asks for much."""

from typing import Any

from billing.payouts import outcomes
from billing.stripe.errors import Refused
from tests.browser.hard_texts import LONG
from tests.payouts.made import claimed, make_bank_payout, make_payouts, owe, payout_of, transfer_for
from tests.people import Annotator
from tests.recipients.made import make_payable, make_recipient, state


def recipients(one: Annotator, hard: Annotator) -> Any:
    """Make one who can be paid and one whom Stripe asks for much. Returns the id of an address at Stripe."""
    link = make_recipient(one.user)
    state(one.user, bank_name="STRIPE TEST BANK", bank_last4="6789")
    make_payable(hard.user)
    asked_for = ("identity.individual.address", "external_account", "an.unknown_code_" + "x" * 60)
    state(
        hard.user,
        can_be_paid=False,
        transfers="restricted",
        reasons=["requirements_past_due"],
        requirements=[
            {"name": name, "deadline": "past_due", "by_person": True, "errors": [LONG]}
            for name in asked_for
        ],
    )
    _payouts(one)
    return link.pk


def _payouts(one: Annotator) -> None:
    """One was sent, one failed, one waits for our money; there is more than enough for another."""
    for amount in (12_345, 6_789, 4_242):
        owe(one.user, amount)
        make_payouts("USD")
        payout = claimed(payout_of(one.user))
        if amount == 12_345:
            outcomes.paid(payout.pk, transfer_for(payout))
        else:
            code = "balance_insufficient" if amount == 4_242 else "account_closed"
            outcomes.refused(payout.pk, 1, Refused(code, "No."))
    owe(one.user, 99_999)
    for status in ("paid", "failed", "in_transit", "canceled"):
        make_bank_payout(one.user, f"po_{status}", status=status)
