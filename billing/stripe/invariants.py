"""Invariants of Stripe's events: each is stored once, and its state changes along declared edges only."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "M8",
        "an event of Stripe is stored once for each endpoint",
        """SELECT endpoint, event_id FROM billing_stripe_inboundevent
           GROUP BY endpoint, event_id HAVING count(*) > 1""",
    ),
    Invariant(
        "M8",
        "an event of Stripe ends done, ignored or dead, and only staff replay a dead one: the trigger is enabled",
        guards(("edge", "billing_stripe_inboundevent")),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("billing.stripe", INVARIANTS)
