"""Reversals of payouts, as tests ask for them and decide on them."""

import uuid

from django.db import connection

from billing.payouts import reversals, reversing, tasks
from billing.payouts.models import Reversal
from rlhfhub.tenancy import clock, planes
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


def due(**ago: int) -> None:
    """Make reversals due now. Move the begin of their attempts back by `hours`, and their looks by `minutes`."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE billing_payouts_reversal DISABLE TRIGGER edge")
        cursor.execute(
            "UPDATE billing_payouts_reversal SET next_at = now() - interval '1 second', "
            "sent_at = sent_at - make_interval(hours => %(hours)s), "
            "looked_at = looked_at - make_interval(mins => %(minutes)s)",
            {"hours": 0, "minutes": 0} | ago,
        )
        cursor.execute("ALTER TABLE billing_payouts_reversal ENABLE TRIGGER edge")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def lost(payout_id: uuid.UUID) -> None:
    """Let Stripe have made the reversal of this payout, and the worker have died before it read the response."""
    with planes.as_system():
        row = Reversal.objects.get(payout=payout_id)
        Reversal.objects.filter(pk=row.pk).update(state="sending", sent_at=clock.now())
    reversing.OUTBOX.make(row)
