"""For each invariant of Stripe's events and of what was paid in, SQL that violates it."""

from tests.security.damage import off
from tests.security.damages_of_deposits import DEPOSITS

EVENT = "billing_stripe_inboundevent"

STRIPE: dict[str, list[str]] = {
    **DEPOSITS,
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
