"""For each invariant of Stripe's events, of what was paid in and of what is paid out, SQL that violates it."""

from tests.security.damage import off
from tests.security.damages_of_deposits import DEPOSITS
from tests.security.damages_of_payouts import PAYOUTS
from tests.security.damages_of_recipients import RECIPIENTS

EVENT = "billing_stripe_inboundevent"

STRIPE: dict[str, list[str]] = {
    **DEPOSITS,
    **RECIPIENTS,
    **PAYOUTS,
    "an event of Stripe is stored once for each endpoint": [
        f"ALTER TABLE {EVENT} DROP CONSTRAINT inbound_event_once",
        *(
            f"INSERT INTO {EVENT} (id, endpoint, event_id, type, account, object_kind, object_id, happened_at) "
            "VALUES (gen_random_uuid(), 'platform', 'evt_twice', 'x', '', '', '', now())"
            for _ in range(2)
        ),
    ],
    "an event of Stripe ends done, ignored or dead, and only staff replay a dead one: the trigger is enabled": off(
        "edge", EVENT
    ),
}
