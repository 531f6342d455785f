"""The walls of Stripe's events, and the door through which they come in."""

from rlhfhub.tenancy.rules import DOOR, KEEPER, STAFF, SYSTEM, Door, Rule, Wall

_STATED = "id, endpoint, event_id, type, account, object_kind, object_id, happened_at"

WALLS: dict[str, Wall] = {
    "billing_stripe_inboundevent": {
        SYSTEM: Rule("SELECT, UPDATE (state, attempts, next_at, error, ended_at)"),
        STAFF: Rule("SELECT, UPDATE (state, attempts, next_at, ended_at)"),
        KEEPER: Rule(f"SELECT, INSERT ({_STATED})"),
    },
    "billing_stripe_sweepcursor": {
        SYSTEM: Rule("SELECT, INSERT, UPDATE (swept_to, target, until)"),
        STAFF: Rule("SELECT"),
    },
}

DOORS = [
    # Returns whether the event is new. The request that brings it has been checked, and belongs to no workspace.
    Door(
        "door_stripe_event",
        "at text, event text, about text, of_account text, kind text, thing text, moment timestamptz",
        "boolean",
        f"""WITH stored AS (
           INSERT INTO billing_stripe_inboundevent ({_STATED})
           VALUES (rlhfhub_uuid7(), at, event, about, of_account, kind, thing, moment)
           ON CONFLICT (endpoint, event_id) DO NOTHING RETURNING 1)
       SELECT EXISTS (SELECT 1 FROM stored)""",
        planes=(DOOR, SYSTEM),
    ),
]
