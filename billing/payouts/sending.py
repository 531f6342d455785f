"""Sends payouts by Stripe: each is one transfer, in a group of its own there.

So a transfer whose response was lost is found by reading one page, however many payouts its run has.
"""

from billing.payouts import outcomes
from billing.payouts.models import Payout
from billing.recipients.models import Recipient
from billing.stripe.calls import transfers
from billing.stripe.calls.transfers import Transfer
from billing.stripe.errors import Refused
from billing.stripe.outbox import Outbox

#: Our balance at Stripe does not cover it yet: the payout waits, and is no fault of the person.
NO_MONEY = "balance_insufficient"
NO_MONEY_PAUSE_SECONDS = 3600


def _create(payout: Payout) -> Transfer:
    return transfers.create(
        key=f"payout:{payout.pk}:{payout.attempt}",
        destination=payout.destination,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        group=str(payout.pk),
        metadata={
            "payout": str(payout.pk),
            "run": str(payout.run_id),
            "attempt": str(payout.attempt),
        },
    )


def _find(payout: Payout) -> Transfer | None:
    wanted = str(payout.pk)
    group = transfers.of_group(str(payout.pk))
    return next((one for one in group if one.metadata.get("payout") == wanted), None)


def _paid(payout: Payout, transfer: Transfer) -> None:
    outcomes.paid(payout.pk, transfer)


def _refused(payout: Payout, error: Refused) -> None:
    if error.code == NO_MONEY:
        OUTBOX.begin_anew(
            payout, code=error.code, words=error.message, pause=NO_MONEY_PAUSE_SECONDS
        )
    else:
        outcomes.refused(payout.pk, payout.attempt, error)


OUTBOX = Outbox(
    Payout,
    where=f"rail = '{Recipient.Rail.STRIPE_CONNECT}'",
    make=_create,
    find=_find,
    done=_paid,
    refused=_refused,
)
