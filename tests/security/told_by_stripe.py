"""Events of Stripe: one that waits, one that is dead, and a sweep; and what is sent by Stripe."""

from django.db.models.functions import Now

from billing.stripe.models import InboundEvent, SweepCursor
from rlhfhub.tenancy import planes
from tests.payouts.made import make_world_payouts
from tests.stripe.made import make_event


def make_events() -> None:
    """Store two events, of which one was given up, and let a sweep end. Make payouts of what is owed."""
    make_world_payouts()
    make_event("payment_intent.succeeded")
    make_event("refund.failed", id="evt_dead")
    with planes.as_system():
        InboundEvent.objects.filter(event_id="evt_dead").update(
            state=InboundEvent.State.DEAD, ended_at=Now(), attempts=12, error="Unknown: no answer"
        )
        SweepCursor.objects.create(source="v1", swept_to=Now())
