"""Reversals of payouts, as tests ask for them and decide on them."""

from billing.payouts import reversals, tasks
from billing.payouts.models import Reversal
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.planes import Plane
from tests.payouts.made import payout_of
from tests.payouts.test_sending import owed_at_stripe
from tests.stripe_emulator.control import Control


def sent_by(stripe: Control) -> User:
    """Make somebody to whom Stripe has sent 20.00."""
    user = owed_at_stripe(stripe)
    tasks.send()
    assert payout_of(user).state == "paid"
    return user


def ask(user: User, by: User, amount_minor: int = 1_500, reason: str = "Wrong person.") -> Reversal:
    with planes.entered(Plane.STAFF, person=by.pk):
        return reversals.ask(
            payout_id=payout_of(user).pk,
            amount_minor=amount_minor,
            reason=reason,
            actor_id=by.pk,
        )


def decide(row: Reversal, by: User, approve: bool = True) -> None:
    with planes.entered(Plane.STAFF, person=by.pk):
        reversals.decide(reversal_id=row.pk, approve=approve, actor_id=by.pk)


def approved(user: User, staff: list[User], amount_minor: int = 1_500) -> Reversal:
    row = ask(user, staff[0], amount_minor)
    decide(row, staff[1])
    return row


def now_of(row: Reversal) -> Reversal:
    with planes.as_system():
        return Reversal.objects.get(pk=row.pk)
